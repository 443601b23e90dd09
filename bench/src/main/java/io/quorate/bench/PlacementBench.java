package io.quorate.bench;

import io.quorate.statemachine.cib.CibException;
import io.quorate.statemachine.cib.Simulation;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Transition;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How long a decision takes, from a few nodes to many, beside Pacemaker's own on the same files: as a process that reads the
 * file, decides and ends, and for ours the decision alone, as a leader takes it that has been up for a while.
 */
final class PlacementBench {
    private static final List<Size> SIZES = List.of(
            new Size(4, 100), new Size(16, 500), new Size(16, 2_000), new Size(32, 5_000), new Size(64, 10_000));
    private static final List<MadeCib.Event> EVENTS = List.of(MadeCib.Event.NODE_LOST, MadeCib.Event.MONITOR_FAILED);
    private static final long SEED = 1;
    /** The compiler of the JVM has seen enough by then. */
    private static final double WARM_UP_SECONDS = 4;

    private static final int DECISIONS = 31;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private record Size(int nodes, int resources) {
        @Override
        public String toString() {
            return nodes + " x " + String.format(Locale.ROOT, "%,d", resources);
        }
    }

    private final Options options;
    private final Path dir;
    private final Report report;

    PlacementBench(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir.resolve("placement");
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        Files.createDirectories(dir);
        System.out.printf(
                "%nplacement: one decision on made-up clusters (nodes x resources), CPU seconds; of ours alone the median"
                        + " of %d%ncrm_simulate: %s%n%n",
                DECISIONS,
                options.crmSimulate() == null
                        ? options.noCrmSimulate()
                        : "up to " + options.crmResources() + " resources");
        row("SIZE", "CASE", "OURS ALONE", "PROCESS", "CRM_SIMULATE", "RATIO", "TO ALONE", "MIB", "MIB OF CRM");
        for (Size size : SIZES) {
            MadeCluster cluster = new MadeCluster(size.nodes, size.resources, SEED);
            for (MadeCib.Event event : EVENTS) {
                Path file = dir.resolve(
                        size.nodes + "x" + size.resources + "-" + event.name().toLowerCase(Locale.ROOT) + ".xml");
                MadeCib.write(cluster, event, file);
                measure(size, event, file);
                Files.delete(file);
            }
        }
        decisionsOfALeader();
    }

    private void decisionsOfALeader() {
        System.out.printf(
                "%nplacement: a leader's decisions on such clusters, CPU milliseconds: all that was on a node which was"
                        + " fenced, and the next step after one event on a cluster at rest%n%n");
        System.out.printf("%-12s %12s %10s%n", "SIZE", "NODE FENCED", "ONE EVENT");
        for (Size size : SIZES) {
            PolicyBench policy = new PolicyBench(new MadeCluster(size.nodes, size.resources, SEED));
            MeasuredProcess whole = policy.whole();
            MeasuredProcess event = policy.event();
            report.placement(new Report.Placement("quorate-leader", size.nodes, size.resources, "node fenced", whole));
            report.placement(new Report.Placement("quorate-leader", size.nodes, size.resources, "one event", event));
            System.out.printf(
                    "%-12s %12s %10s%n",
                    size, number("%.1f", whole.cpuSeconds() * 1000), number("%.2f", event.cpuSeconds() * 1000));
        }
    }

    private static void row(Object... cells) {
        System.out.printf("%-12s %-15s %10s %9s %13s %7s %9s %6s %11s%n", cells);
    }

    private void measure(Size size, MadeCib.Event event, Path file) throws IOException, InterruptedException {
        MeasuredProcess alone = decision(file);
        report(size, event, "quorate-decision", alone);
        MeasuredProcess ours = simulate(file);
        report(size, event, "quorate", ours);
        Optional<MeasuredProcess> theirs = crmSimulate(size, file);
        theirs.ifPresent(measured -> report(size, event, "crm_simulate", measured));
        row(
                size,
                event.inWords,
                number("%.4f", alone.cpuSeconds()),
                number("%.2f", ours.cpuSeconds()),
                theirs.map(measured -> number("%.2f", measured.cpuSeconds())).orElse("-"),
                theirs.map(measured -> number("%.1f", measured.cpuSeconds() / ours.cpuSeconds()))
                        .orElse("-"),
                theirs.map(measured -> number("%.0f", measured.cpuSeconds() / alone.cpuSeconds()))
                        .orElse("-"),
                number("%.0f", ours.residentMiB()),
                theirs.map(measured -> number("%.0f", measured.residentMiB())).orElse("-"));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private void report(Size size, MadeCib.Event event, String system, MeasuredProcess took) {
        report.placement(new Report.Placement(system, size.nodes, size.resources, event.inWords, took));
    }

    /** In this process, which stands for a leader; its memory is that of the whole bench. */
    private static MeasuredProcess decision(Path file) throws IOException {
        Problem problem = read(file);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long since = System.nanoTime();
        while (System.nanoTime() - since < WARM_UP_SECONDS * 1e9) {
            Transition unused = Engine.plan(problem);
        }
        List<Double> cpu = new ArrayList<>();
        List<Double> wall = new ArrayList<>();
        while (cpu.size() < DECISIONS) {
            long cpuSince = threads.getCurrentThreadCpuTime();
            long wallSince = System.nanoTime();
            Transition unused = Engine.plan(problem);
            cpu.add((threads.getCurrentThreadCpuTime() - cpuSince) / 1e9);
            wall.add((System.nanoTime() - wallSince) / 1e9);
        }
        return new MeasuredProcess(
                Medians.of(cpu),
                Medians.of(wall),
                MachineLoad.mostResidentMiB(ProcessHandle.current().pid()));
    }

    private static Problem read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return Simulation.problem(in, Optional.of(NOW), NOW);
        } catch (CibException e) {
            throw new IllegalStateException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private MeasuredProcess simulate(Path file) throws IOException, InterruptedException {
        List<String> command = List.of(
                options.launcher().toString(),
                "simulate",
                "--cib",
                file.toString(),
                "--results",
                dir.resolve("results").toString());
        return MeasuredProcess.run(command, Map.of(), dir.resolve("simulate.log"));
    }

    private Optional<MeasuredProcess> crmSimulate(Size size, Path file) throws IOException, InterruptedException {
        Path root = options.crmSimulate();
        if (root == null || size.resources > options.crmResources()) {
            return Optional.empty();
        }
        Map<String, String> environment = new TreeMap<>();
        environment.put("LD_LIBRARY_PATH", options.crmLibraries());
        environment.put(
                "PCMK_schema_directory", root.resolve("usr/share/pacemaker").toString());
        environment.put("CIB_shadow_dir", dir.toString());
        List<String> command =
                List.of(root.resolve("usr/sbin/crm_simulate").toString(), "--xml-file", file.toString(), "--run");
        return Optional.of(MeasuredProcess.run(command, environment, dir.resolve("crm_simulate.log")));
    }
}
