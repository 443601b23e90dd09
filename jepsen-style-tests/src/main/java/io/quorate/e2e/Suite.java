package io.quorate.e2e;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.e2e.lab.Network;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs cases one after the other, on one cluster as long as that is well. Not safe for use by several threads. */
final class Suite implements AutoCloseable {
    private static final Duration BRING_UP = Duration.ofMinutes(8);
    private static final long CALM_MILLIS = 1_000;

    private final Environment environment;
    private final Consumer<String> out;
    private final ExecutorService worker = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "case");
        thread.setDaemon(true);
        return thread;
    });
    private int labs;
    private @Nullable Lab lab;
    private @Nullable Cluster cluster;
    private @Nullable Client client;

    /**
     * Where the suite runs.
     *
     * @param work directory of this run
     * @param product directory with the launcher
     * @param cgroup a version 2 cgroup of this run
     * @param prefix of the names of namespaces
     * @param evidence where logs of failed cases are kept
     * @param guide the operator's guide
     */
    record Environment(Path work, Path product, Path cgroup, String prefix, Path evidence, Path guide) {}

    /** @param out takes lines about how it goes on */
    Suite(Environment environment, Consumer<String> out) {
        this.environment = environment;
        this.out = out;
    }

    /** Runs one case, whatever happens in it. */
    Outcome run(Case test) {
        long begin = System.nanoTime();
        Scene[] scene = new Scene[1];
        String reason;
        try {
            reason = attempt(test, scene);
        } catch (LabException | CheckFailedException | TooSlowException e) {
            reason = String.valueOf(e.getMessage());
        }
        if (scene[0] != null) {
            scene[0].notes().forEach(out);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        Outcome outcome = outcome(test, scene[0], reason, seconds);
        boolean failed = outcome.result() == Outcome.Result.FAILED;
        if (failed) {
            keepEvidence(test, outcome.reason());
        }
        if (failed || !test.clusterIsReusable()) {
            tearDown();
        }
        return outcome;
    }

    /** Once more when the machine was too slow; what was in two places then counts all the same. */
    private String attempt(Case test, Scene[] scene) {
        try {
            return playOn(test, scene);
        } catch (TooSlowException e) {
            out.accept("played again: " + e.getMessage());
            String twice = scene[0].twice();
            return twice.isEmpty() ? playOn(test, scene) : twice;
        }
    }

    private String playOn(Case test, Scene[] scene) {
        Cluster ready = bounded(BRING_UP, this::readyCluster);
        return bounded(test.limit(), () -> {
            scene[0] = new Scene(ready, requiredClient());
            return play(test, scene[0]);
        });
    }

    /** Returns why it failed, or nothing. */
    private String play(Case test, Scene scene) throws Exception {
        test.play(scene);
        Await.pause(CALM_MILLIS);
        scene.requireMeaning();
        return scene.twice();
    }

    private static Outcome outcome(Case test, @Nullable Scene scene, String reason, double seconds) {
        OptionalDouble overlap = OptionalDouble.empty();
        OptionalDouble client = OptionalDouble.empty();
        OptionalDouble reported = OptionalDouble.empty();
        String failure = reason;
        if (scene != null) {
            overlap = scene.overlapMillis();
            client = scene.clientMillis();
            try {
                reported = test.historyIsReadable() ? scene.reportedMillis() : OptionalDouble.empty();
            } catch (LabException | CheckFailedException e) {
                failure = failure.isEmpty() ? String.valueOf(e.getMessage()) : failure;
            }
        }
        Outcome.Result result = failure.isEmpty() ? Outcome.Result.PASSED : Outcome.Result.FAILED;
        return new Outcome(test.name(), test.title(), result, failure, overlap, client, reported, seconds);
    }

    private <T> T bounded(Duration limit, Callable<T> task) {
        Future<T> future = worker.submit(task);
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new CheckFailedException("did not end within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LabException
                    || e.getCause() instanceof CheckFailedException
                    || e.getCause() instanceof TooSlowException) {
                throw (RuntimeException) e.getCause();
            }
            throw new LabException("the suite itself failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    private Client requiredClient() {
        Client started = client;
        if (started == null) {
            throw new LabException("no client was started");
        }
        return started;
    }

    /** The cluster of the case before, mended, or a new one. */
    private Cluster readyCluster() throws IOException {
        Cluster usable = cluster;
        if (usable != null) {
            usable.settle();
            requiredClient().awaitAnswer();
            return usable;
        }
        labs++;
        out.accept("bringing up three hosts …");
        Lab fresh = new Lab(
                environment.work().resolve("lab-" + labs),
                environment.product(),
                environment.cgroup(),
                environment.prefix());
        lab = fresh;
        Cluster up = new ClusterSetup(fresh, Guide.read(environment.guide())).bringUp();
        Client polling = Client.start(fresh, "client", Network.FLOATING_ADDRESS, Network.WEB_PORT);
        client = polling;
        up.settle();
        polling.awaitAnswer();
        cluster = up;
        return up;
    }

    /** Everything that explains a failure, before the cluster is taken down. */
    private void keepEvidence(Case test, String reason) {
        Lab failed = lab;
        if (failed == null) {
            return;
        }
        Path folder = environment.evidence().resolve(test.name());
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("reason.txt"), reason + "\n");
            if (cluster != null) {
                Files.writeString(folder.resolve("status.txt"), ask("status"));
                Files.writeString(folder.resolve("events.txt"), ask("history", "--limit", "200"));
            }
            for (Host host : failed.hosts()) {
                for (String service : List.of("init", "server", "agent", "watcher")) {
                    copy(host.log(service), folder.resolve(host.name() + "-" + service + ".log"));
                }
                for (String sight : failed.sights()) {
                    copy(
                            failed.file(sight).resolve(host.name() + ".log"),
                            folder.resolve(host.name() + "-" + sight + ".log"));
                }
            }
            try (DirectoryStream<Path> logs = Files.newDirectoryStream(failed.directory(), "*.log")) {
                for (Path log : logs) {
                    copy(log, folder.resolve(log.getFileName()));
                }
            }
            out.accept("logs of the failed case: " + folder);
        } catch (IOException e) {
            out.accept("the logs of case " + test.name() + " were not kept: " + e.getMessage());
        }
    }

    private String ask(String... words) {
        try {
            Cluster asked = cluster;
            Commands.Result result = asked == null ? null : asked.quorate(words);
            return result == null ? "" : result.describe() + "\n";
        } catch (LabException e) {
            return e.getMessage() + "\n";
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void tearDown() {
        cluster = null;
        if (client != null) {
            client.close();
            client = null;
        }
        Lab old = lab;
        lab = null;
        if (old != null) {
            try {
                old.close();
            } catch (IOException | LabException e) {
                out.accept("left over of a cluster: " + e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        tearDown();
        worker.shutdownNow();
    }
}
