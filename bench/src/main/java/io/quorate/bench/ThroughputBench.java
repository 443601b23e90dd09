package io.quorate.bench;

import com.google.common.util.concurrent.ListenableFuture;
import io.quorate.bench.Load.Counted;
import io.quorate.bench.Report.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Commits and linearizable reads per second: at each point ours, then etcd's, while the other cluster idles, and that several
 * times in turn. What a machine gives changes within a minute: a ratio is that of neighbours in time, and the median of those.
 */
final class ThroughputBench {
    private static final int VALUE_BYTES = 128;

    /** One outstanding call would warm a server up in many minutes. */
    private static final int WARM_UP_OUTSTANDING = 64;

    /** Before what is counted in a later round of a point: what was idle finds its pace again. */
    private static final Duration RESUMPTION = Duration.ofSeconds(3);

    private final Options options;
    private final Path dir;
    private final Report report;
    private final AtomicLong values = new AtomicLong();

    ThroughputBench(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir;
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        System.out.printf(
                "%nthree processes each on loopback, fsync on, values of %d bytes, one connection to the leader,"
                        + " no batching in the client;%n%d s of warm-up with %d outstanding for each system before each table,"
                        + " %d s at its own load before each point,%nthen %d s counted; %d rounds of each point in turn"
                        + " (%d s of the load before the later ones), medians%n",
                VALUE_BYTES,
                options.warmUpSeconds(),
                WARM_UP_OUTSTANDING,
                options.warmUpSeconds(),
                options.seconds(),
                options.rounds(),
                RESUMPTION.toSeconds());
        List<Target> targets = new ArrayList<>();
        try {
            targets.add(new QuorateTarget(options.launcher(), dir.resolve("quorate")));
            Path etcd = options.etcd();
            if (etcd == null) {
                System.out.println("etcd is skipped: " + options.noEtcd());
            } else {
                targets.add(new EtcdTarget(etcd, dir.resolve("etcd")));
            }
            for (Target target : targets) {
                fill(target);
            }
            if (options.wants("commits")) {
                table("commits", targets, report::commit, target -> slot -> target.commit(slot, value()));
            }
            if (options.wants("reads")) {
                table("linearizable reads", targets, report::read, target -> target::read);
            }
        } finally {
            targets.forEach(Target::close);
        }
    }

    private interface Calls {
        IntFunction<ListenableFuture<?>> of(Target target);
    }

    private String value() {
        return String.format(Locale.ROOT, "%0" + VALUE_BYTES + "d", values.incrementAndGet());
    }

    private void fill(Target target) throws InterruptedException {
        int keys = Math.max(
                WARM_UP_OUTSTANDING,
                options.outstanding().stream().mapToInt(Integer::intValue).max().orElseThrow());
        for (int key = 0; key < keys; key++) {
            try {
                Object unused = target.commit(key, value()).get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(target.name() + ": the first writes failed: " + e.getCause(), e);
            }
        }
    }

    private void table(String title, List<Target> targets, Consumer<Point> keep, Calls calls)
            throws InterruptedException {
        System.out.printf(
                "%n%-20s %11s %10s %9s %9s %12s %13s %8s%n",
                title, "outstanding", "per second", "p50 ms", "p99 ms", "CPU s/1,000", "others' cores", "failed");
        for (Target target : targets) {
            Counted unused = new Load(WARM_UP_OUTSTANDING, calls.of(target))
                    .run(Duration.ofSeconds(options.warmUpSeconds()), Duration.ZERO, target.pids());
        }
        for (int outstanding : options.outstanding()) {
            List<List<Round>> bySystem = new ArrayList<>();
            targets.forEach(target -> bySystem.add(new ArrayList<>()));
            for (int number = 0; number < options.rounds(); number++) {
                Duration warmUp = number == 0 ? Duration.ofSeconds(options.warmUpSeconds()) : RESUMPTION;
                for (int i = 0; i < targets.size(); i++) {
                    bySystem.get(i).add(round(targets.get(i), outstanding, calls, warmUp));
                }
            }
            for (int i = 0; i < targets.size(); i++) {
                List<Round> rounds = bySystem.get(i);
                Point point = Round.median(targets.get(i).name(), outstanding, rounds);
                keep.accept(point);
                print(point, rounds, i == 0 ? List.of() : ratios(bySystem.get(0), rounds));
            }
        }
    }

    /** What one system did in one round of a point. */
    private record Round(
            double perSecond,
            double p50Millis,
            double p99Millis,
            double cpuSecondsPer1000,
            double othersCores,
            int failures,
            String lastFailure) {

        static Point median(String system, int outstanding, List<Round> rounds) {
            return new Point(
                    system,
                    outstanding,
                    Medians.of(rounds, Round::perSecond),
                    Medians.of(rounds, Round::p50Millis),
                    Medians.of(rounds, Round::p99Millis),
                    Medians.of(rounds, Round::cpuSecondsPer1000));
        }
    }

    private Round round(Target target, int outstanding, Calls calls, Duration warmUp) throws InterruptedException {
        Counted counted = new Load(outstanding, calls.of(target))
                .run(warmUp, Duration.ofSeconds(options.seconds()), target.pids());
        long done = counted.latencies().getTotalCount();
        if (done == 0) {
            throw new IllegalStateException(target.name() + ": nothing was done at " + outstanding
                    + " outstanding; last failure: " + counted.lastFailure());
        }
        return new Round(
                done / counted.seconds(),
                counted.latencies().getValueAtPercentile(50) / 1e6,
                counted.latencies().getValueAtPercentile(99) / 1e6,
                counted.cpu() * 1_000 / done,
                counted.othersCores(),
                counted.failures(),
                counted.lastFailure());
    }

    private static List<Double> ratios(List<Round> ours, List<Round> theirs) {
        List<Double> ratios = new ArrayList<>();
        for (int number = 0; number < ours.size(); number++) {
            ratios.add(ours.get(number).perSecond() / theirs.get(number).perSecond());
        }
        return ratios;
    }

    private static void print(Point point, List<Round> rounds, List<Double> ratios) {
        System.out.printf(
                Locale.ROOT,
                "%-20s %11d %10.0f %9.2f %9.2f %12.3f %13.2f %8d%s%n",
                point.system(),
                point.outstanding(),
                point.perSecond(),
                point.p50Millis(),
                point.p99Millis(),
                point.cpuSecondsPer1000(),
                Medians.of(rounds, Round::othersCores),
                rounds.stream().mapToInt(Round::failures).sum(),
                ratios.isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "   ours is %.2f of it (%.2f to %.2f)",
                                Medians.of(ratios),
                                Collections.min(ratios),
                                Collections.max(ratios)));
        rounds.stream()
                .filter(round -> round.failures() > 0)
                .forEach(round -> System.out.println("  last failure: " + round.lastFailure()));
    }
}
