package io.quorate.jepsen.real.load;

import com.google.protobuf.ByteString;
import io.quorate.client.QuorateException;
import io.quorate.jepsen.real.check.DigestChecker;
import io.quorate.jepsen.real.check.WatchChecker;
import io.quorate.jepsen.real.check.WatchEvent;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.snapshot.SnapshotException;
import io.quorate.statemachine.snapshot.SnapshotReader;
import io.quorate.statemachine.snapshot.StateDigest;
import io.quorate.v1.CreateBackupRequest;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The clients of one run. First they work, then they are calm, then what they saw is checked. One thread. */
final class Load {
    private static final int CLIENTS = 32;
    private static final long PAUSE_MILLIS = 4;
    private static final long OPERATOR_MILLIS = 4_000;
    private static final Duration FIXED_STREAM = Duration.ofSeconds(12);
    private static final Duration ROVING_STREAM = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration BACKUP = Duration.ofSeconds(10);
    private static final int DIGEST_LOOKS = 8;
    /** Instead of the log's clock, for states of the past. */
    private static final long PAST = -1;

    private static final long LOOK_MILLIS = 100;

    private final Path directory;
    private final Servers servers;
    private final Registers registers;
    private final Counts counts;
    private final List<RegisterClient> clients = new ArrayList<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final Operator operator;
    private final Properties result = new Properties();
    private final List<String> findings = new ArrayList<>();

    /** @param directory where what was seen is written */
    Load(String run, long seed, List<String> services, Servers servers, Path directory) {
        this.directory = directory;
        this.servers = servers;
        this.registers = new Registers(run);
        this.counts = registers.counts();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new RegisterClient("c" + i, registers, servers.beginningWith(i), servers, seed + i));
        }
        this.operator = new Operator(servers.beginningWith(0), servers.names(), services, counts, seed);
    }

    /** Works for so long. */
    void work(Duration time) throws InterruptedException {
        for (String server : servers.names()) {
            watchers.add(new Watcher("fixed-" + server, servers, List.of(server), FIXED_STREAM, counts));
        }
        watchers.add(new Watcher("roving", servers, servers.names(), ROVING_STREAM, counts));
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        clients.forEach(client -> threads.add(loop("client", end, PAUSE_MILLIS, client::step)));
        Thread moving = loop("operator", end, OPERATOR_MILLIS, operator::step);
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        HistoryWriter history = registers.history();
        result.setProperty("operations", Long.toString(history.answered()));
        result.setProperty("perSecond", Long.toString(Math.round(history.answered() / seconds)));
        result.setProperty("outageMillis", Long.toString(Math.round(history.worstOutageMillis())));
        moving.join();
    }

    private static Thread loop(String name, long end, long pauseMillis, Runnable step) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (System.nanoTime() - end < 0) {
                            Thread.sleep(pauseMillis);
                            step.run();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Leaves nothing drained. */
    void calm() throws InterruptedException {
        await("no node is drained", operator::resumeAll);
    }

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                findings.add("not within " + PATIENCE.toSeconds() + " s: " + what);
                return;
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** Looks at everything once more now that the cluster is well, checks what was seen and writes it down. */
    void verify() throws IOException, InterruptedException {
        for (String key : registers.keys()) {
            await("register " + key + " can be read", () -> clients.get(0).read(key));
        }
        long newest = servers.beginningWith(0).highestPosition().getRevision();
        for (Watcher watcher : watchers) {
            await(watcher.name() + " is told of revision " + newest, () -> watcher.reached() >= newest);
        }
        watchers.forEach(Watcher::stop);
        deleteRegisters();
        Map<String, List<WatchEvent>> seen = new TreeMap<>();
        for (Watcher watcher : watchers) {
            seen.put(watcher.name(), watcher.end());
        }
        result.setProperty(
                "watchEvents",
                Integer.toString(seen.values().stream().mapToInt(List::size).sum()));
        record("reads", registers.check());
        record("watch", WatchChecker.check(seen, registers.writes()));
        record("digest", digests());
        record("load", findings);
        result.setProperty("counts", counts.copy().toString());
        registers.history().write(directory.resolve("history.tsv"));
        writeWatches(seen);
        try (var out = Files.newBufferedWriter(directory.resolve("load.properties"))) {
            result.store(out, null);
        }
    }

    /** Leaves nothing behind; what this changes also wakes watchers that are to end. */
    private void deleteRegisters() {
        for (String key : registers.keys()) {
            try {
                clients.get(0).delete(key);
            } catch (QuorateException e) {
                System.err.println("register " + key + " is left over: " + e.text());
            }
        }
    }

    private void record(String checker, List<String> violations) {
        result.setProperty(checker, String.join("\n", violations));
    }

    private void writeWatches(Map<String, List<WatchEvent>> seen) throws IOException {
        List<String> lines = new ArrayList<>();
        seen.forEach((watcher, events) -> events.forEach(event -> lines.add(watcher + "\t" + event)));
        Files.write(directory.resolve("watches.txt"), lines);
    }

    /**
     * The state of one past revision, as every server has it, and a few looks at what they have now: those tell more, but with the
     * leader a step ahead all the time two servers are seldom at one place.
     */
    private List<String> digests() throws InterruptedException {
        DigestChecker checker = new DigestChecker();
        Position newest = servers.beginningWith(0).highestPosition();
        Position past = newest.toBuilder().setRevision(newest.getRevision() - 1).build();
        for (String server : servers.names()) {
            await("the state of revision " + past.getRevision() + " of " + server, () -> {
                Optional<ClusterState> state = state(server, Optional.of(past));
                state.ifPresent(its -> checker.add(new DigestChecker.Sight(server, its.revision(), PAST, digest(its))));
                return state.isPresent();
            });
        }
        ExecutorService looks = Executors.newFixedThreadPool(servers.names().size());
        for (int look = 0; look < DIGEST_LOOKS; look++) {
            List<CompletableFuture<Optional<DigestChecker.Sight>>> sights = servers.names().stream()
                    .map(server -> CompletableFuture.supplyAsync(
                            () -> state(server, Optional.empty())
                                    .map(state -> new DigestChecker.Sight(
                                            server,
                                            state.revision(),
                                            state.stamp().getLogMillis(),
                                            digest(state))),
                            looks))
                    .toList();
            sights.forEach(sight -> sight.join().ifPresent(checker::add));
            Thread.sleep(LOOK_MILLIS);
        }
        looks.shutdown();
        result.setProperty("digestsCompared", checker.compared().toString());
        if (checker.difference().isPresent()) {
            return List.of(checker.difference().get());
        }
        return checker.compared().size() < servers.names().size()
                ? List.of("only " + checker.compared() + " were seen at one place")
                : List.of();
    }

    private static String digest(ClusterState state) {
        return HexFormat.of().formatHex(StateDigest.of(state).toByteArray());
    }

    /** What a server has, now or then; empty when it does not say. */
    private Optional<ClusterState> state(String server, Optional<Position> at) {
        ReadOptions.Builder read = ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE);
        at.ifPresent(read::setAt);
        ByteString[] bytes = {ByteString.EMPTY};
        try {
            servers.only(server)
                    .streamAll(
                            MaintenanceServiceGrpc.getCreateBackupMethod(),
                            CreateBackupRequest.newBuilder().setRead(read).build(),
                            BACKUP,
                            part -> bytes[0] = bytes[0].concat(part.getChunk()));
        } catch (QuorateException e) {
            counts.add("backup " + e.category() + " " + e.code());
            return Optional.empty();
        }
        try {
            return Optional.of(SnapshotReader.read(bytes[0].newInput()));
        } catch (IOException | SnapshotException e) {
            throw new IllegalStateException("the backup of " + server + " cannot be read", e);
        }
    }
}
