package io.quorate.server.raft;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** A group of members in this process, on loopback, with real logs. */
final class TestGroup implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

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
        // Only one alone may be quick: a machine that stalls for some hundred milliseconds must not cost the others
        // their
        // leader in the middle of a test.
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
        int port = freePort();
        return VoterRow.newBuilder()
                .setId(ClusterBootstrap.newMemberId(name))
                .setName(name)
                .setRaftEndpoint("127.0.0.1:" + port)
                .setApiEndpoint("127.0.0.1:1")
                .setNodeEndpoint("127.0.0.1:2")
                .setLevelMin(1)
                .setLevelMax(1)
                .setVersion("test")
                .build();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        RaftNode node = RaftNode.start(new RaftNode.Options(
                directory(voter.getId()),
                DataDirectory.Expected.anything(),
                "127.0.0.1",
                Integer.parseInt(endpoint.substring(endpoint.indexOf(':') + 1)),
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
