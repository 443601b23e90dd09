package io.quorate.jepsen.real;

import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Client;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.ClusterSetup;
import io.quorate.e2e.Guide;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.e2e.lab.Network;
import io.quorate.jepsen.real.fault.Equipment;
import io.quorate.jepsen.real.fault.Ground;
import io.quorate.jepsen.real.fault.Kind;
import io.quorate.jepsen.real.fault.Units;
import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The harness behind {@code jepsen-style-tests/bin/real}, which prepares the machine and cleans up after it. */
public final class RealMain {
    private static final int USAGE = 2;
    /** One of so many runs is played once more when all that was wrong with it is that it was slow. */
    private static final int SHARE_PLAYED_AGAIN = 10;

    private static final String NO_FAULTS = "none";

    private final Map<String, String> options;
    private final int runs;
    private final int seconds;
    private final List<Kind> kinds;
    private final long seed;
    private final int busy;
    private final List<RunResult> results = new ArrayList<>();
    private String broken = "";

    private RealMain(Map<String, String> options) {
        this.options = options;
        this.runs = Integer.parseInt(options.getOrDefault("--runs", "1"));
        this.seconds = Integer.parseInt(options.getOrDefault("--seconds", "30"));
        this.kinds = kinds(options.getOrDefault("--faults", ""));
        this.busy = Integer.parseInt(options.getOrDefault("--busy", "0"));
        this.seed = Long.parseLong(options.getOrDefault("--seed", Long.toString(System.currentTimeMillis())));
    }

    /**
     * Options {@code --work --product --cgroup --evidence DIR --guide FILE --prefix TEXT [--json FILE] [--seed N] [--runs N]
     * [--seconds N] [--faults a,b] [--busy N]}.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        RealMain main = new RealMain(options);
        try {
            main.play();
        } catch (LabException | CheckFailedException e) {
            main.broken = String.valueOf(e.getMessage());
        }
        System.exit(main.finish());
    }

    private static List<Kind> kinds(String words) {
        List<Kind> all = Kind.ALL;
        if (words.isEmpty()) {
            return all;
        }
        if (words.equals(NO_FAULTS)) {
            return List.of();
        }
        List<Kind> chosen = new ArrayList<>();
        for (String word : words.split(",", -1)) {
            all.stream().filter(kind -> kind.word().equals(word)).findFirst().ifPresentOrElse(chosen::add, () -> {
                System.err.println("no fault " + word + "; faults: "
                        + String.join(" ", all.stream().map(Kind::word).toList()));
                System.exit(USAGE);
            });
        }
        return chosen;
    }

    private Path path(String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing; start it with jepsen-style-tests/bin/real");
        }
        return Path.of(value).toAbsolutePath();
    }

    private void play() throws IOException, InterruptedException {
        System.out.println("bringing up three hosts …");
        try (Lab lab = new Lab(
                path("--work").resolve("lab"),
                path("--product"),
                path("--cgroup"),
                options.getOrDefault("--prefix", "qr"))) {
            Equipment.install(lab);
            Cluster cluster = new ClusterSetup(lab, Guide.read(path("--guide"))).bringUp();
            Services.apply(cluster);
            Evidence evidence = new Evidence(cluster, path("--evidence"));
            try (Client poller = Client.start(lab, "client", Network.FLOATING_ADDRESS, Network.WEB_PORT);
                    LoadProcess load = new LoadProcess(lab, Services.movable());
                    Units units = new Units(lab)) {
                poller.awaitAnswer();
                load.warmUp(lab.file("warm-up"));
                Growth growth = new Growth(lab);
                for (int number = 1; number <= runs; number++) {
                    // each run can be had again by itself: its seed is that of the first run and its number
                    one(number, seed + number - 1, new Ground(cluster, units), load, poller, growth, evidence);
                }
                int again = (runs + SHARE_PLAYED_AGAIN - 1) / SHARE_PLAYED_AGAIN;
                for (int i = 0; i < runs && again > 0; i++) {
                    if (results.get(i).isOnlySlow()) {
                        int number = results.size() + 1;
                        results.set(i, results.get(i).playedAgain(number));
                        again--;
                        one(number, results.get(i).seed(), new Ground(cluster, units), load, poller, growth, evidence);
                    }
                }
                growth.describe().forEach(System.out::println);
            } catch (LabException | CheckFailedException e) {
                evidence.keep(
                        "broken", List.of(String.valueOf(e.getMessage())), lab.file("run-" + (results.size() + 1)));
                throw e;
            }
        }
    }

    private void one(
            int number, long ownSeed, Ground ground, LoadProcess load, Client poller, Growth growth, Evidence evidence)
            throws IOException, InterruptedException {
        Plan plan = Plan.of(ownSeed, seconds, kinds);
        System.out.println("run " + number + ": " + plan.steps());
        FaultRun run =
                new FaultRun(number, ownSeed, seconds, plan, evidence.cluster(), ground, load, poller, growth, busy);
        RunResult result = run.run();
        results.add(result);
        System.out.print(RunTable.header() + RunTable.row(result));
        if (result.verdict() == Report.Result.FAILED) {
            result.failures().forEach(failure -> System.out.println("  " + failure));
            evidence.keep("run-" + number, result.failures(), run.directory());
        }
    }

    /** Returns the exit code. */
    private int finish() throws IOException {
        System.out.print("\n" + RunTable.header());
        results.forEach(result -> System.out.print(RunTable.row(result)));
        Map<String, String> missing = new LinkedHashMap<>();
        for (Kind kind : Kind.ALL) {
            if (results.stream().noneMatch(result -> result.kinds().contains(kind.word()))) {
                missing.put(kind.word(), kinds.contains(kind) ? "the seed did not choose it" : "not asked for");
            }
        }
        System.out.print("\n" + RunTable.summary(results, missing));
        results.stream()
                .filter(result -> result.verdict() != Report.Result.PASSED)
                .forEach(result -> System.out.println("\nrun " + result.number() + ": " + result.reason()));
        String json = options.get("--json");
        if (json != null) {
            RunTable.report(results).write(Path.of(json));
        }
        int unplayed = Math.max(0, runs - results.size());
        if (!broken.isEmpty()) {
            System.out.println("\nthe runs broke off: " + broken);
        }
        System.out.println("\n" + RunTable.totals(results, unplayed));
        return broken.isEmpty() && results.stream().noneMatch(result -> result.verdict() == Report.Result.FAILED)
                ? 0
                : 1;
    }
}
