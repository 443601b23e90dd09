package io.quorate.server.raft;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.FreePorts;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** A group of members in this process, on loopback, with real logs. */
final class TestGroup implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** For what is asked again while leadership is lost meanwhile. */
    private static final Duration REPEATED = Duration.ofSeconds(60);

    /** A question to the leader that may be asked again. */
    interface Question<T> {
        T ask(RaftNode leader) throws Exception;
    }

    final Path root;
    final String clusterId;
    final List<VoterRow> voters = new ArrayList<>();
    final Map<String, RaftNode> running = new TreeMap<>();
    final Map<String, String> lastWords = new ConcurrentHashMap<>();
    RaftSettings settings;
    Function<VoterRow, Applier> applier = voter -> new Applier(RuleTable.standard());
    Clock clock = Clock.system();
    Function<VoterRow, Optional<RaftTls>> tls = voter -> Optional.empty();

    TestGroup(Path root, int size) {
        this(root, ClusterBootstrap.newClusterId());
        for (int number = 1; number <= size; number++) {
            voters.add(voter("n" + number));
        }
        if (size == 1) {
            settings = settings.withElectionTimeouts(Duration.ofMillis(200), Duration.ofMillis(400));
        }
    }

    private TestGroup(Path root, String clusterId) {
        this.root = root;
        this.clusterId = clusterId;
        // A machine that stalls for some hundred milliseconds must not cost them their leader; one alone may be quick.
        this.settings = RaftSettings.defaults().withElectionTimeouts(Duration.ofMillis(600), Duration.ofMillis(1_200));
    }

    /** The same members with their directories elsewhere. */
    TestGroup at(Path other) {
        TestGroup moved = new TestGroup(other, clusterId);
        moved.voters.addAll(voters);
        moved.settings = settings;
        return moved;
    }

    static VoterRow voter(String name) {
        return VoterRow.newBuilder()
                .setId(ClusterBootstrap.newMemberId(name))
                .setName(name)
                .setRaftEndpoint("127.0.0.1:" + FreePorts.next())
                .setApiEndpoint("127.0.0.1:1")
                .setNodeEndpoint("127.0.0.1:2")
                .setLevelMin(1)
                .setLevelMax(1)
                .setVersion("test")
                .build();
    }

    Path directory(String memberId) {
        return root.resolve(memberId);
    }

    TestGroup format() throws IOException {
        for (VoterRow voter : voters) {
            ClusterBootstrap.format(
                    directory(voter.getId()), voters, clusterId, "test", 1, voter.getId(), Optional.empty(), "test");
        }
        return this;
    }

    TestGroup startAll() throws StartRefusedException {
        for (VoterRow voter : voters) {
            start(voter);
        }
        return this;
    }

    RaftNode start(VoterRow voter) throws StartRefusedException {
        String endpoint = voter.getRaftEndpoint();
        return start(voter, Integer.parseInt(endpoint.substring(endpoint.indexOf(':') + 1)));
    }

    /** Starts a member that others reach by its endpoint, through something that passes on to {@code port}. */
    RaftNode start(VoterRow voter, int port) throws StartRefusedException {
        RaftNode node = RaftNode.start(new RaftNode.Options(
                directory(voter.getId()),
                DataDirectory.Expected.anything(),
                "127.0.0.1",
                port,
                settings,
                applier.apply(voter),
                tls.apply(voter),
                clock,
                (words, cause) -> lastWords.putIfAbsent(voter.getId(), words),
                "test"));
        running.put(voter.getId(), node);
        return node;
    }

    void stop(String memberId) {
        RaftNode node = running.remove(memberId);
        if (node != null) {
            node.close();
        }
    }

    /** Waits for a ready leader that is not {@code except}. */
    RaftNode leaderOtherThan(String except) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> running.values().stream()
                                .filter(node -> node.leadership().isReadyLeader())
                                .filter(node -> !node.memberId().equals(except))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    RaftNode leader() {
        return leaderOtherThan("");
    }

    /** Asks whoever leads, and again when it lost its leadership: a machine that stalls takes it from anybody. */
    <T> T withLeader(Question<T> question) throws Exception {
        long begin = System.nanoTime();
        while (true) {
            try {
                return question.ask(leader());
            } catch (ExecutionException e) {
                if (!isChangeOfLeader(e) || System.nanoTime() - begin > REPEATED.toNanos()) {
                    throw e;
                }
            }
        }
    }

    private static boolean isChangeOfLeader(ExecutionException failure) {
        return failure.getCause() instanceof UnavailableException
                || failure.getCause() instanceof IndeterminateException;
    }

    /** Its result, from whoever leads; it must mean the same when it is done twice. */
    CommandResult accepted(Command command) throws Exception {
        return withLeader(leader -> RaftNodeTest.accepted(leader.propose(command)));
    }

    /** What a barrier of whoever leads returns. */
    ClusterState read() throws Exception {
        return withLeader(leader -> leader.readLinearizable().get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    /** Makes this member the leader, unless it is. */
    RaftNode handTo(String memberId) throws Exception {
        return withLeader(leader -> {
            if (!leader.memberId().equals(memberId)) {
                leader.transferLeadership(memberId).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return Awaitility.await()
                    .atMost(PATIENCE)
                    .until(
                            () -> running.values().stream()
                                    .filter(node -> node.memberId().equals(memberId))
                                    .filter(node -> node.leadership().isReadyLeader())
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
        });
    }

    VoterRow row(String memberId) {
        return voters.stream()
                .filter(voter -> voter.getId().equals(memberId))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::stop);
    }
}
