package io.quorate.jepsen.level;

import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Behind {@code jepsen-style-tests/bin/check-fast}, {@code check-ci} and {@code check-soak}. */
@Command(
        name = "check",
        description = {
            "Runs the checks of a level: FAST (simulation, given histories, the most important guards taken out), CI (more of"
                    + " the simulation, real faults, the specification) or SOAK (everything, with new seeds, for hours).",
            "Ends with a table, and with 0 only when nothing failed."
        },
        mixinStandardHelpOptions = true)
public final class LevelMain implements Callable<Integer> {
    private static final String SIMULATION = "simulation";
    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final int FAST_SEEDS = 300;
    private static final int CI_SEEDS = 3_000;
    private static final int CI_RUNS = 20;
    private static final int SOAK_SEEDS = 1_000;
    private static final int SOAK_RUNS = 10;
    private static final Duration SHORT = Duration.ofMinutes(5);
    private static final Duration LONG = Duration.ofMinutes(28);

    @Parameters(paramLabel = "LEVEL", description = "FAST, CI or SOAK")
    private Level level = Level.FAST;

    @Option(
            names = "--module",
            paramLabel = "DIR",
            description = "where the programs' bin directory is; default: the current directory")
    private Path module = Path.of("");

    @Option(
            names = "--hours",
            paramLabel = "H",
            description = "of SOAK; may be a part of one; default: ${DEFAULT-VALUE}")
    private double hours = 1;

    @Option(names = "--json", paramLabel = "FILE", description = "write what came of it there, too")
    private @Nullable Path json;

    private final Map<String, Report> parts = new LinkedHashMap<>();
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private int runs;

    private LevelMain() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** Returns the exit code. */
    static int execute(String... arguments) {
        return new CommandLine(new LevelMain()).execute(arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        switch (level) {
            case FAST -> {
                finish(start(SIMULATION, simulation(1, FAST_SEEDS, CORES)));
                alone(Tool.of("histories", SHORT, "check-history", "--given"));
                alone(Tool.of("mutation", SHORT, "mutate", "--fast"));
            }
            case CI -> {
                alone(Tool.of("specification", SHORT, "check-spec"));
                // what fault runs leave of the processors is enough for the simulation, and one is theirs alone
                Started simulated = start(
                        SIMULATION,
                        simulation(1, CI_SEEDS, CORES - 1).stream()
                                .map(Tool::givingWay)
                                .toList());
                alone(real(1, CI_RUNS));
                finish(simulated);
            }
            case SOAK -> soak();
        }
        Report all = parts.values().stream().reduce(Report.NONE, Report::plus);
        System.out.print("\n" + LevelTable.of(parts, seconds, (System.nanoTime() - begun) / 1e9));
        System.out.printf(
                "%n%d passed, %d failed, %d skipped%n",
                all.count(Report.Result.PASSED), all.count(Report.Result.FAILED), all.count(Report.Result.SKIPPED));
        if (json != null) {
            all.write(json);
        }
        return all.passed() ? 0 : 1;
    }

    private void soak() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        long end = begun + (long) (hours * Duration.ofHours(1).toNanos());
        // nobody has seen these seeds, and no two soaks have the same
        long seed = System.currentTimeMillis() / 1_000;
        alone(Tool.of("specification", SHORT, "check-spec"));
        alone(Tool.of("histories", SHORT, "check-history", "--given"));
        alone(Tool.of("mutation", LONG, "mutate"));
        alone(Tool.of("loaded", LONG, "real", "--faults", "none", "--busy", "4", "--seconds", "600"));
        do {
            finish(start(SIMULATION, simulation(seed, SOAK_SEEDS, CORES)));
            alone(real(seed, SOAK_RUNS));
            seed += SOAK_SEEDS;
        } while (System.nanoTime() - end < 0);
    }

    private void alone(Tool tool) throws IOException, InterruptedException {
        finish(start(tool.name(), List.of(tool)));
    }

    /** So many processes share the seeds; one at least. */
    private static List<Tool> simulation(long first, int seeds, int processesAtMost) {
        int processes = Math.max(1, Math.min(processesAtMost, seeds));
        List<Tool> tools = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            int begin = i * seeds / processes;
            int end = (i + 1) * seeds / processes;
            tools.add(Tool.of(
                    SIMULATION,
                    LONG,
                    "simulate",
                    "--first",
                    Long.toString(first + begin),
                    "--seeds",
                    Integer.toString(end - begin)));
        }
        return tools;
    }

    private static Tool real(long seed, int runs) {
        return Tool.of("real", LONG, "real", "--seed", Long.toString(seed), "--runs", Integer.toString(runs));
    }

    /** A part that is under way. */
    private record Started(String part, List<Tool.Run> runs, long begun) {}

    private Started start(String part, List<Tool> tools) throws IOException {
        Path results = Files.createDirectories(module.resolve("target/levels").toAbsolutePath());
        System.out.println(part + " …");
        long begun = System.nanoTime();
        List<Tool.Run> started = new ArrayList<>();
        for (Tool tool : tools) {
            started.add(tool.start(module.toAbsolutePath(), results, ++runs));
        }
        return new Started(part, started, begun);
    }

    private void finish(Started started) throws IOException, InterruptedException {
        Report report = Report.NONE;
        for (Tool.Run run : started.runs()) {
            report = report.plus(run.report());
        }
        double took = (System.nanoTime() - started.begun()) / 1e9;
        System.out.printf(
                Locale.ROOT, "%s: %s, %.0f s%n", started.part(), report.passed() ? "nothing failed" : "FAILED", took);
        parts.merge(started.part(), report, Report::plus);
        seconds.merge(started.part(), took, Double::sum);
    }
}
