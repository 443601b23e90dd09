package io.quorate.jepsen.sim;

import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Behind {@code jepsen-style-tests/bin/simulate}. */
@Command(
        name = "simulate",
        description = {
            "Runs the cluster's own code in virtual time, a different history for each seed, and looks for what must not"
                    + " happen after every event.",
            "Ends with 0 when nothing was found and every kind of fault fired, and with 1 otherwise."
        },
        mixinStandardHelpOptions = true)
public final class SimulateMain implements Callable<Integer> {

    @Option(names = "--seeds", paramLabel = "N", description = "how many seeds; default: ${DEFAULT-VALUE}")
    private int seeds = 100;

    @Option(names = "--first", paramLabel = "SEED", description = "the first of them; default: ${DEFAULT-VALUE}")
    private long first = 1;

    @Option(names = "--seed", paramLabel = "SEED", description = "this one alone, with a line for every event")
    private @Nullable Long only;

    @Option(
            names = "--without",
            paramLabel = "GUARD",
            description = "do without a guard, until that is found: a rule, or Confirmed, TermBound, Ledger, OneOp,"
                    + " TicketFreshAgent")
    private String without = "";

    @Option(names = "--json", paramLabel = "FILE", description = "write what came of it there, too")
    private @Nullable Path json;

    private final List<Report.Case> cases = new ArrayList<>();
    private final Map<Nemesis.Fault, Long> fired = new EnumMap<>(Nemesis.Fault.class);
    private final SortedMap<String, Long> transitions = new TreeMap<>();
    private long events;
    private long evaluated;
    private long leastEvents = Long.MAX_VALUE;
    private int violations;

    private SimulateMain() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SimulateMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        Path memory = Path.of("/dev/shm");
        Path directory = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "quorate-sim")
                : Files.createTempDirectory("quorate-sim");
        try {
            if (only != null) {
                take(SimRun.of(only, fresh(directory, only), mutation(), out::println), out);
                return violations == 0 ? 0 : 1;
            }
            long begun = System.nanoTime();
            for (long seed = first; seed < first + seeds; seed++) {
                take(SimRun.of(seed, fresh(directory, seed), mutation(), null), out);
                delete(directory.resolve(String.valueOf(seed)));
                if (violations > 0 && !without.isEmpty()) {
                    out.println(without + ": found at seed " + (seed - first + 1));
                    return 0;
                }
            }
            if (!without.isEmpty()) {
                out.println(without + ": NOT FOUND in " + seeds + " seeds");
                return 1;
            }
            return report(out, (System.nanoTime() - begun) / 1e9);
        } finally {
            delete(directory);
        }
    }

    private Mutation mutation() {
        return without.isEmpty() ? Mutation.NONE : Mutation.without(without);
    }

    private static Path fresh(Path directory, long seed) throws IOException {
        return Files.createDirectory(directory.resolve(String.valueOf(seed)));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void take(SimRun.Result result, PrintWriter out) {
        result.fired().forEach((fault, times) -> fired.merge(fault, times, Long::sum));
        result.transitions().forEach((transition, times) -> transitions.merge(transition, times, Long::sum));
        events += result.events();
        evaluated += result.evaluated();
        leastEvents = Math.min(leastEvents, result.events());
        if (result.violation() != null) {
            violations++;
            out.println("seed " + result.seed() + ": " + result.violation());
            cases.add(new Report.Case("seed " + result.seed(), Report.Result.FAILED, result.violation()));
            out.println("  again, with every event: jepsen-style-tests/bin/simulate --seed " + result.seed());
        }
    }

    private int report(PrintWriter out, double seconds) throws IOException {
        out.println("faults that fired:");
        boolean all = true;
        SortedMap<String, Long> kinds = new TreeMap<>();
        for (Nemesis.Fault fault : Nemesis.Fault.values()) {
            long times = fired.getOrDefault(fault, 0L);
            all &= times > 0;
            kinds.put(fault.name(), times);
            out.printf("  %-24s %d%s%n", fault, times, times == 0 ? "  NEVER" : "");
        }
        out.println("transitions:");
        transitions.forEach((transition, times) -> out.printf("  %-32s %d%n", transition, times));
        out.printf(
                "%d seeds, %d events in %.1f s (%.0f a second, at least %d a seed), %d looks at the invariants, %d violations%n",
                seeds, events, seconds, events / seconds, leastEvents, evaluated, violations);
        if (json != null) {
            if (violations == 0) {
                cases.add(new Report.Case("%d seeds from %d".formatted(seeds, first), Report.Result.PASSED, ""));
            }
            new Report(cases, events, kinds, new TreeMap<>(Map.of("I1 to I15", evaluated)), 0).write(json);
        }
        return violations == 0 && all ? 0 : 1;
    }
}
