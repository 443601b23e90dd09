package io.quorate.jepsen.real;

import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Client;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.e2e.witness.WitnessLog;
import io.quorate.jepsen.check.Verdict;
import io.quorate.jepsen.history.HistoryCheck;
import io.quorate.jepsen.history.HistoryException;
import io.quorate.jepsen.history.HistoryFormat;
import io.quorate.jepsen.real.fault.Ground;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** One run: clients work, faults come and go, all comes back by itself, and what everybody saw is checked. One thread. */
final class FaultRun {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration RECOVERY = Duration.ofMinutes(2);
    private static final long MOST_PLACES = 4_000_000;

    private final int number;
    private final long seed;
    private final int seconds;
    private final Plan plan;
    private final Cluster cluster;
    private final Ground ground;
    private final LoadProcess load;
    private final Client poller;
    private final Growth growth;
    private final int busy;
    private final Path directory;
    private final List<String> failures = new ArrayList<>();

    FaultRun(
            int number,
            long seed,
            int seconds,
            Plan plan,
            Cluster cluster,
            Ground ground,
            LoadProcess load,
            Client poller,
            Growth growth,
            int busy) {
        this.number = number;
        this.seed = seed;
        this.seconds = seconds;
        this.plan = plan;
        this.cluster = cluster;
        this.ground = ground;
        this.load = load;
        this.poller = poller;
        this.growth = growth;
        this.busy = busy;
        this.directory = cluster.lab().file("run-" + number);
    }

    /** Where what it saw is written. */
    Path directory() {
        return directory;
    }

    RunResult run() throws IOException, InterruptedException {
        Files.createDirectories(directory);
        ground.units().begin();
        long begin = System.nanoTime();
        Nemesis nemesis = work();
        double recovered = recover();
        load.send("verify");
        load.awaitDone(PATIENCE.plus(PATIENCE));
        growth.sample(number);
        failures.addAll(growth.violations());
        ground.units().unexpected().forEach(failures::add);
        Files.write(directory.resolve("faults.txt"), nemesis.evidence());
        return result(nemesis, begin, recovered);
    }

    /** Clients work while faults come and go, or while the machine is busy with something else. */
    private Nemesis work() throws InterruptedException {
        if (busy == 0) {
            return workUnderFaults();
        }
        try (Busy loops = new Busy(busy, cluster, ground)) {
            Nemesis nemesis = workUnderFaults();
            failures.addAll(loops.violations());
            return nemesis;
        }
    }

    private Nemesis workUnderFaults() throws InterruptedException {
        load.work(Integer.toString(number), seed, seconds, directory);
        Nemesis nemesis = new Nemesis(plan, ground);
        load.awaitDone(PATIENCE.plusSeconds(seconds));
        nemesis.awaitEnd();
        failures.addAll(nemesis.failures());
        return nemesis;
    }

    /** Everything must come back by itself. */
    private double recover() throws InterruptedException {
        long healed = System.nanoTime();
        load.send("calm");
        load.awaitDone(PATIENCE);
        String[] ailment = {"nothing known"};
        boolean well = Await.within(RECOVERY, () -> {
            ailment[0] = ailment();
            return ailment[0].isEmpty();
        });
        double took = (System.nanoTime() - healed) / 1e9;
        if (!well) {
            failures.add("not well again within " + RECOVERY.toSeconds() + " s: " + ailment[0]);
            return -1;
        }
        return took;
    }

    private String ailment() {
        try {
            GetStatusResponse status = cluster.status();
            String members = Cluster.ailment(status);
            if (!members.isEmpty()) {
                return members;
            }
            return status.getGroupsList().stream()
                    .filter(group -> group.getStatus().getInstancesList().stream()
                            .noneMatch(instance -> instance.getState() == RunState.RUN_STATE_RUNNING))
                    .map(group -> group.getMeta().getName() + " does not run: " + group.getStatus())
                    .findFirst()
                    .orElse("");
        } catch (LabException | CheckFailedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private RunResult result(Nemesis nemesis, long begin, double recovered) throws IOException {
        Properties seen = new Properties();
        try (var in = Files.newBufferedReader(directory.resolve("load.properties"))) {
            seen.load(in);
        }
        long perSecond = number(seen, "perSecond");
        if (perSecond < RunResult.LEAST_PER_SECOND && busy == 0) {
            failures.add(RunResult.slow(perSecond));
        }
        if (poller.polls().since(begin).requests() == 0) {
            failures.add("the client of the service sent nothing");
        }
        String history = history();
        for (String checker : List.of("reads", "watch", "digest", "load")) {
            String found = seen.getProperty(checker, "not checked");
            if (!found.isEmpty()) {
                failures.add(checker + ": " + found);
            }
        }
        return new RunResult(
                number,
                seed,
                nemesis.fired(),
                plan.steps().stream().map(step -> step.kind().word()).toList(),
                number(seen, "operations"),
                perSecond,
                number(seen, "outageMillis"),
                poller.polls().since(begin).longestGapMillis(),
                overlap(begin),
                history,
                verdict(seen, "watch"),
                verdict(seen, "digest"),
                recovered,
                (System.nanoTime() - begin) / 1e9,
                0,
                failures);
    }

    private static long number(Properties seen, String name) {
        return Long.parseLong(seen.getProperty(name, "0"));
    }

    private static String verdict(Properties seen, String checker) {
        return seen.getProperty(checker, "not checked").isEmpty() ? "ok" : "BAD";
    }

    private String history() throws IOException {
        Path file = directory.resolve("history.tsv");
        try {
            HistoryCheck<?, ?> check = HistoryCheck.of(HistoryFormat.read(file), MOST_PLACES);
            if (check.verdict() != Verdict.LINEARIZABLE) {
                failures.add("the history of the registers is " + check.verdict());
                var why = check.explain("run " + number);
                if (why.isPresent()) {
                    failures.add(why.get().text());
                    Files.writeString(
                            directory.resolve("history.html"), why.get().html());
                }
            }
            return check.verdict().toString();
        } catch (HistoryException e) {
            failures.add(file + ":" + e.line() + ": " + e.getMessage());
            return "unreadable";
        }
    }

    /** What must be in one place at a time: services by their own words, an address and a web server by the hosts' kernels. */
    private double overlap(long begin) throws IOException {
        Map<String, List<WitnessLog.Run>> exclusive = new LinkedHashMap<>();
        for (String sight : List.of("witness", Services.WRITER, Services.SLOW, Lab.ADDRESS_SIGHTS, Lab.WEB_SIGHTS)) {
            exclusive.put(
                    sight,
                    WitnessLog.read(cluster.lab().file(sight)).stream()
                            .filter(run -> run.toNanos() - begin >= 0)
                            .toList());
        }
        double longest = 0;
        for (Map.Entry<String, List<WitnessLog.Run>> entry : exclusive.entrySet()) {
            double overlap = WitnessLog.overlapMillis(entry.getValue());
            longest = Math.max(longest, overlap);
            if (entry.getValue().isEmpty()) {
                failures.add("nobody saw " + entry.getKey());
            }
            if (overlap > 0) {
                failures.add(entry.getKey() + " was in two places for " + overlap + " ms: " + entry.getValue());
            }
        }
        for (String service : List.of("witness", Services.WRITER, Services.SLOW)) {
            String twice = WitnessLog.grantedTwice(exclusive.getOrDefault(service, List.of()));
            if (!twice.isEmpty()) {
                failures.add(service + ": " + twice);
            }
        }
        for (Host host : cluster.lab().hosts()) {
            if (!host.isWatched() && host.hasPower()) {
                failures.add("nobody watched the kernel of " + host.name());
            }
        }
        failures.addAll(Services.refused(cluster.lab()));
        return longest;
    }
}
