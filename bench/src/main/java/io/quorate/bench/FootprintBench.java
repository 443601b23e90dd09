package io.quorate.bench;

import io.grpc.ManagedChannel;
import io.quorate.v1.Event;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsRequest;
import io.quorate.v1.ListEventsResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What the product costs those who run it: how long a start and a call take, its memory and CPU when nothing happens,
 * whether its memory grows under load, and whether it stands a machine that is busy with something else.
 */
final class FootprintBench {
    private static final int STARTS = 3;
    private static final int CALLS = 9;
    private static final int OUTSTANDING = 16;
    /** Memory is read so often while the load runs. */
    private static final int SAMPLES = 20;

    private static final int BUSY_LOOPS = 4;
    /** By then what a cluster at rest does a few times a second is compiled; in its first minute it takes twice the CPU. */
    private static final Duration SETTLED = Duration.ofMinutes(3);
    /** Before memory is looked at: what a load has left to do is done then. */
    private static final Duration CALM = Duration.ofSeconds(10);

    private static final double MOST_PSS_MIB = 300;
    /** The heap of a Java process breathes. */
    private static final double MOST_GROWTH_PERCENT = 5;

    private final Options options;
    private final Path dir;
    private final Report report;

    FootprintBench(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir.resolve("footprint");
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        System.out.printf(
                "%nfootprint: a dev cluster with examples/web.yaml; %d s idle, %d s of commits with %d outstanding,"
                        + " %d s with %d busy loops beside it%n%n",
                options.idleSeconds(), options.loadSeconds(), OUTSTANDING, options.busySeconds(), BUSY_LOOPS);
        row("WHAT", "MEASURED", "TARGET", "");
        try (DevCluster cluster = start()) {
            cluster.applyService();
            String unused = cluster.awaitOwner();
            cluster.awaitAllUp();
            calls(cluster);
            idle(cluster);
            load(cluster);
            busy(cluster);
        }
    }

    private static void row(String what, String measured, String target, String verdict) {
        System.out.printf("%-46s %-40s %-10s %s%n", what, measured, target, verdict);
    }

    private static void row(String what, String measured, String target, boolean met) {
        row(what, measured, target, met ? "met" : "MISSED");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }

    private static double most(Map<String, Double> byNode) {
        return byNode.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private static String byNode(Map<String, Double> values) {
        StringBuilder text = new StringBuilder();
        values.forEach((node, value) -> text.append(text.isEmpty() ? "" : " · ")
                .append(node)
                .append(' ')
                .append(number(value)));
        return text.toString();
    }

    /** Several times; the last one stays. */
    private DevCluster start() throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        while (true) {
            long since = System.nanoTime();
            DevCluster cluster = DevCluster.start(options.launcher(), dir.resolve("start-" + millis.size()));
            millis.add(millisSince(since));
            if (millis.size() == STARTS) {
                report.footprint("readyMillis", millis);
                double median = Medians.of(millis);
                row(
                        "dev ready, ms, median of " + STARTS,
                        number(median) + " of "
                                + millis.stream().map(FootprintBench::number).toList(),
                        "≤ 6,000",
                        median <= 6_000);
                return cluster;
            }
            cluster.close();
        }
    }

    private void calls(DevCluster cluster) throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        while (millis.size() < CALLS) {
            long since = System.nanoTime();
            cluster.showStatus();
            millis.add(millisSince(since));
        }
        report.footprint("callMillis", millis);
        double median = Medians.of(millis);
        double slowest = millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        row(
                "quorate status, ms, median of " + CALLS,
                number(median) + ", slowest " + number(slowest),
                "≤ 700",
                median <= 700);
    }

    private void idle(DevCluster cluster) throws InterruptedException {
        Thread.sleep(SETTLED.toMillis());
        List<Long> pids = allPids(cluster);
        List<Long> cables = List.of(cluster.supervisor());
        double before = MachineLoad.ofProcessesAndTheirChildren(pids);
        double cablesBefore = MachineLoad.ofProcesses(cables);
        long since = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(options.idleSeconds()).toMillis());
        double seconds = millisSince(since) / 1_000;
        double percent = (MachineLoad.ofProcessesAndTheirChildren(pids) - before) * 100 / seconds;
        double cablesPercent = (MachineLoad.ofProcesses(cables) - cablesBefore) * 100 / seconds;
        report.footprint("idleCorePercent", percent);
        row(
                "idle CPU of three nodes, % of a core",
                number(percent) + " (the cables of dev: " + number(cablesPercent) + ")", "< 10", percent < 10);
        memory(cluster, "idle", "idlePssMiB");
    }

    private void memory(DevCluster cluster, String when, String name) {
        Map<String, Double> pss = pss(cluster);
        report.footprint(name, List.copyOf(pss.values()));
        row("PSS of server and agent, MiB, " + when, byNode(pss), "≤ 300", most(pss) <= MOST_PSS_MIB);
    }

    private static List<Long> allPids(DevCluster cluster) {
        return DevCluster.nodes().stream()
                .flatMap(node -> cluster.pids(node).stream())
                .toList();
    }

    private static Map<String, Double> pss(DevCluster cluster) {
        Map<String, Double> pss = new TreeMap<>();
        DevCluster.nodes().forEach(node -> pss.put(node, MachineLoad.pssMiB(cluster.pids(node))));
        return pss;
    }

    private void load(DevCluster cluster) throws InterruptedException {
        List<Map<String, Double>> samples = new ArrayList<>();
        long done = 0;
        int failed = 0;
        long since = System.nanoTime();
        ManagedChannel channel = cluster.connect(cluster.awaitLeader());
        try {
            List<Long> pids = allPids(cluster);
            while (samples.size() < SAMPLES) {
                Load load = new Load(OUTSTANDING, slot -> QuorateTarget.commit(channel, slot, value(slot)));
                Duration slice = Duration.ofSeconds(options.loadSeconds()).dividedBy(SAMPLES);
                Load.Counted counted = load.run(Duration.ZERO, slice, pids);
                done += counted.latencies().getTotalCount();
                failed += counted.failures();
                samples.add(pss(cluster));
            }
        } finally {
            channel.shutdownNow();
        }
        double seconds = millisSince(since) / 1_000;
        growth(samples, seconds, done, failed);
        Thread.sleep(CALM.toMillis());
        memory(cluster, "idle after load", "pssAfterLoadMiB");
    }

    private static String value(int slot) {
        return String.format(Locale.ROOT, "%0128d", slot);
    }

    /** From the second quarter, when heaps have their size, to the last. */
    private void growth(List<Map<String, Double>> samples, double seconds, long done, int failed) {
        int quarter = SAMPLES / 4;
        Map<String, Double> percent = new TreeMap<>();
        for (String node : DevCluster.nodes()) {
            List<Double> series = samples.stream()
                    .map(sample -> sample.getOrDefault(node, 0.0))
                    .toList();
            double before = mean(series.subList(quarter, 2 * quarter));
            double after = mean(series.subList(SAMPLES - quarter, SAMPLES));
            percent.put(node, (after - before) * 100 / before);
            report.footprint("loadPssMiB_" + node, series);
        }
        report.footprint("loadSeconds", seconds);
        report.footprint("loadGrowthPercent", List.copyOf(percent.values()));
        row(
                "growth of PSS in " + number(seconds) + " s of load, %",
                byNode(percent),
                "none (≤ " + number(MOST_GROWTH_PERCENT) + ")",
                most(percent) <= MOST_GROWTH_PERCENT);
        row("", String.format(Locale.ROOT, "%.0f commits/s, %d failed", done / seconds, failed), "", "");
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private void busy(DevCluster cluster) throws IOException, InterruptedException {
        ListEventsResponse before = events(cluster);
        long last = before.getEventsList().stream()
                .mapToLong(Event::getSequence)
                .max()
                .orElse(0);
        try (ServerProcesses loops = new ServerProcesses()) {
            for (int i = 0; i < BUSY_LOOPS; i++) {
                Process unused =
                        loops.start(dir.resolve("busy-" + i + ".log"), List.of("sh", "-c", "while :; do :; done"));
            }
            Thread.sleep(Duration.ofSeconds(options.busySeconds()).toMillis());
            ListEventsResponse after = events(cluster);
            long lost = after.getEventsList().stream()
                    .filter(event ->
                            event.getSequence() > last && event.getKind().equals("NODE_LOST"))
                    .count();
            long terms = after.getHeader().getRaftTerm() - before.getHeader().getRaftTerm();
            report.footprint("busySeconds", (long) options.busySeconds());
            report.footprint("nodesLostWhileBusy", lost);
            report.footprint("electionsWhileBusy", terms);
            row(
                    "nodes lost in " + options.busySeconds() + " s of " + BUSY_LOOPS + " busy loops",
                    lost + ", elections " + terms,
                    "0",
                    lost == 0);
        }
    }

    private static ListEventsResponse events(DevCluster cluster) throws InterruptedException {
        return Await.answer(
                "the events of the cluster",
                DevCluster.READY_WITHIN,
                () -> cluster.ask(channel -> HistoryServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .listEvents(ListEventsRequest.newBuilder().setLimit(500).build())));
    }
}
