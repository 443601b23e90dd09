package io.quorate.jepsen.mutate;

import io.quorate.jepsen.report.Report;
import io.quorate.statemachine.apply.RuleTable;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Behind {@code jepsen-style-tests/bin/mutate}. */
@Command(
        name = "mutate",
        description = {
            "Takes each guard of docs/guards.md away alone, and looks who notices: the simulation, its script, or the"
                    + " tests that its mutant names.",
            "Ends with 1 when nobody does, or when a test that is named for a guard passes without it."
        },
        mixinStandardHelpOptions = true)
public final class MutateMain implements Callable<Integer> {
    /** Without any of these two run, or what was acknowledged is gone; each is found at once. */
    private static final List<String> FAST = List.of(
            "OwnerIncarnation",
            "StopAck",
            "StopEmpty",
            "FencedIncarnation",
            "LeaseWait",
            "ReadSet",
            "Tombstone",
            "ConfirmedToken",
            "Confirmed",
            "TicketFresh");

    private static final String ROW = "%-24s %-18s %-12s %7s  %s%n";

    @Parameters(paramLabel = "GUARD", description = "these alone; default: all")
    private List<String> wanted = new ArrayList<>();

    @Option(names = "--fast", description = "the ten that matter most, by their scripts and tests alone")
    private boolean fast;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "of the simulation, for each guard, 0 for tests alone; default: ${DEFAULT-VALUE}")
    private int seeds = 40;

    @Option(names = "--jobs", paramLabel = "N", description = "at a time; default: ${DEFAULT-VALUE}")
    private int jobs = 2;

    @Option(names = "--json", paramLabel = "FILE", description = "writes what came of each as JSON, too")
    private @Nullable Path json;

    @Option(names = "--root", required = true, hidden = true)
    private Path root = Path.of(".");

    /**
     * One guard that is taken away in one place.
     *
     * @param without what the simulation is to do without: a rule or a fake; empty for a mutant
     */
    private record Case(
            String name,
            String where,
            String without,
            boolean simulated,
            @Nullable Mutant mutant) {
        List<String> tests() {
            return mutant == null ? List.of() : mutant.tests();
        }
    }

    /** What came of it. */
    private record Verdict(Case of, String simulation, String noticedBy, String failure, double seconds) {}

    private MutateMain() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MutateMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        Path work = Files.createTempDirectory(
                Files.isWritable(Path.of("/dev/shm")) ? Path.of("/dev/shm") : Path.of("/tmp"), "quorate-mutate");
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            List<Case> cases = chosen();
            Workshop workshop = new Workshop(root.toAbsolutePath().normalize(), work);
            Map<String, Boolean> scripts =
                    cases.stream().anyMatch(one -> one.where.equals("rule")) ? workshop.scripts() : Map.of();
            NavigableSet<String> tests = new TreeSet<>();
            cases.forEach(one -> tests.addAll(one.tests()));
            workshop.requireSound(tests);
            List<Future<Verdict>> running = new ArrayList<>();
            for (Case one : cases) {
                running.add(pool.submit(() -> take(one, workshop, scripts)));
            }
            List<Verdict> verdicts = new ArrayList<>();
            out.printf(Locale.ROOT, ROW, "GUARD", "WHERE", "SIMULATION", "SECONDS", "TESTS THAT FAIL WITHOUT IT");
            for (Future<Verdict> one : running) {
                Verdict verdict = one.get();
                verdicts.add(verdict);
                out.printf(
                        Locale.ROOT,
                        ROW,
                        verdict.of.name,
                        verdict.of.where,
                        verdict.simulation,
                        String.format(Locale.ROOT, "%.1f", verdict.seconds),
                        verdict.failure.isEmpty() ? verdict.noticedBy : "FAILED: " + verdict.failure);
            }
            long failed = verdicts.stream()
                    .filter(verdict -> !verdict.failure.isEmpty())
                    .count();
            if (json != null) {
                report(verdicts).write(json);
            }
            out.println((verdicts.size() - failed) + " passed, " + failed + " failed, 0 skipped");
            return failed == 0 ? 0 : 1;
        } finally {
            pool.shutdownNow();
            delete(work);
        }
    }

    private List<Case> chosen() throws IOException {
        List<Case> all = cases();
        List<String> names = fast ? FAST : wanted;
        for (String name : names) {
            if (all.stream().noneMatch(one -> isOf(one, name))) {
                throw new IllegalArgumentException("there is no guard of the name " + name);
            }
        }
        return all.stream()
                .filter(one -> names.isEmpty() || names.stream().anyMatch(name -> isOf(one, name)))
                .toList();
    }

    private static boolean isOf(Case one, String name) {
        return one.name.equals(name) || one.name.startsWith(name + ".");
    }

    /** Rules first, each with its script; those of the protocol, and what they rest on, in the simulation, too. */
    private List<Case> cases() throws IOException {
        NavigableSet<String> rules = new TreeSet<>();
        RuleTable.standard().envelope().forEach(guard -> rules.add(guard.name()));
        RuleTable.standard().all().forEach(rule -> rule.guards().forEach(guard -> rules.add(guard.name())));
        NavigableSet<String> ofTheProtocol = new TreeSet<>(GuardPage.read(root).keySet());
        ofTheProtocol.addAll(List.of("SingleOwner", "ReadSet"));
        List<Case> cases = new ArrayList<>();
        for (String rule : rules) {
            cases.add(new Case(rule, "rule", rule, ofTheProtocol.contains(rule), null));
        }
        for (String fake : List.of("Confirmed", "Ledger", "OneOp", "TicketFreshAgent")) {
            cases.add(new Case(fake + ".simulated", "fake", fake, true, null));
        }
        for (Mutant mutant : Mutant.all(root.resolve("jepsen-style-tests/mutants"))) {
            cases.add(new Case(mutant.name(), mutant.where(), "", mutant.simulated(), mutant));
        }
        return cases;
    }

    private Verdict take(Case one, Workshop workshop, Map<String, Boolean> scripts) throws InterruptedException {
        long begun = System.nanoTime();
        String simulation = "-";
        String noticedBy = "";
        String failure = "";
        try {
            Path classes = one.mutant == null ? null : workshop.compile(one.mutant);
            if (one.simulated && seeds > 0 && !fast) {
                OptionalLong seed = workshop.simulate(classes, one.without, seeds);
                simulation = seed.isPresent() ? "seed " + seed.getAsLong() : "not in " + seeds;
            }
            if (one.where.equals("rule")) {
                boolean fails = scripts.getOrDefault(one.name, false);
                noticedBy = fails ? "guards/" + one.name : "";
                failure = fails ? "" : "guards/" + one.name + " passes without it, or fails with it";
            } else if (one.mutant != null && classes != null) {
                List<String> tests = one.mutant.tests();
                noticedBy = String.join(", ", tests);
                Map<String, String> results = tests.isEmpty() ? Map.of() : workshop.test(classes, tests);
                List<String> blind = tests.stream()
                        .filter(test ->
                                results.getOrDefault(test, "did not run").equals("passed"))
                        .toList();
                failure = blind.isEmpty() ? "" : String.join(", ", blind) + " passes without it";
            }
            // What the simulation sees of a fake is for people: that somebody notices is for the mutants of that guard.
            if (noticedBy.isEmpty()
                    && failure.isEmpty()
                    && seeds > 0
                    && !one.where.equals("fake")
                    && !simulation.startsWith("seed")) {
                failure = "nobody notices";
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            failure = String.valueOf(e.getMessage());
        }
        return new Verdict(one, simulation, noticedBy, failure, (System.nanoTime() - begun) / 1e9);
    }

    private static Report report(List<Verdict> verdicts) {
        List<Report.Case> cases = new ArrayList<>();
        for (Verdict verdict : verdicts) {
            cases.add(new Report.Case(
                    "without " + verdict.of.name,
                    verdict.failure.isEmpty() ? Report.Result.PASSED : Report.Result.FAILED,
                    verdict.failure,
                    Map.of("simulation", verdict.simulation, "tests", verdict.noticedBy)));
        }
        return Report.of(cases);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
