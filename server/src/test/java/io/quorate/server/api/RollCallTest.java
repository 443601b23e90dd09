package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.grpc.Server;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.FreePorts;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.FirstVoters;
import io.quorate.server.raft.StartRefusedException;
import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.server.time.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A new group begins when all its first voters have met, and nobody takes the place of one of them afterwards. */
@Timeout(60)
class RollCallTest {
    private final String clusterId = ClusterBootstrap.newClusterId();
    private final List<VoterRow> voters = new ArrayList<>();
    private final List<Server> servers = new CopyOnWriteArrayList<>();
    private ExecutorService threads = Executors.newCachedThreadPool();

    @TempDir
    private Path root;

    @BeforeEach
    void voters() throws IOException {
        for (String name : List.of("n1", "n2", "n3")) {
            voters.add(ServersFixture.voter(name + "-aaaa", name, FreePorts.next()));
        }
        for (VoterRow voter : voters) {
            format(voter);
        }
    }

    @AfterEach
    void stop() {
        servers.forEach(Server::shutdownNow);
        threads.shutdownNow();
    }

    private Path directory(VoterRow voter) {
        return root.resolve(voter.getName());
    }

    private void format(VoterRow voter) throws IOException {
        ClusterBootstrap.format(
                directory(voter), voters, clusterId, "test", 1, voter.getId(), Optional.empty(), "test");
    }

    private void formatAnew(VoterRow voter) throws IOException {
        MoreFiles.deleteRecursively(directory(voter), RecursiveDeleteOption.ALLOW_INSECURE);
        format(voter);
    }

    private FirstVoters open(VoterRow voter) throws StartRefusedException {
        return FirstVoters.open(directory(voter), DataDirectory.Expected.anything());
    }

    private static InetSocketAddress nodePort(VoterRow voter) {
        int port = Integer.parseInt(
                voter.getNodeEndpoint().substring(voter.getNodeEndpoint().indexOf(':') + 1));
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Ends when this voter may take part; it answers others while it waits, and as a running server does from then on. */
    private Future<?> start(VoterRow voter) throws StartRefusedException {
        FirstVoters firsts = open(voter);
        return threads.submit(() -> {
            RollCall.hold(firsts, nodePort(voter), Optional.empty(), Clock.system());
            servers.add(GrpcServers.server(
                            nodePort(voter),
                            Optional.empty(),
                            List.of(RollCall.service(firsts)),
                            threads,
                            PlaneLimits.PEER_MESSAGE_BYTES)
                    .start());
            return null;
        });
    }

    private void startAll() throws Exception {
        List<Future<?>> started = new ArrayList<>();
        for (VoterRow voter : voters) {
            started.add(start(voter));
        }
        for (Future<?> each : started) {
            each.get(30, TimeUnit.SECONDS);
        }
    }

    private void awaitRecord(VoterRow at, VoterRow of) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        Files.readString(directory(at).resolve("first-voters")).contains("met." + of.getId() + "="));
    }

    @Test
    void nobodyTakesPartBeforeAllWereMet() throws Exception {
        Future<?> first = start(voters.get(0));
        Future<?> second = start(voters.get(1));
        awaitRecord(voters.get(0), voters.get(1));
        awaitRecord(voters.get(1), voters.get(0));
        assertThat(first.isDone() || second.isDone()).isFalse();
        Future<?> third = start(voters.get(2));
        for (Future<?> each : List.of(first, second, third)) {
            each.get(30, TimeUnit.SECONDS);
        }
        for (VoterRow voter : voters) {
            assertThat(open(voter).isComplete()).isTrue();
        }
    }

    @Test
    void aLostDiskThatIsFormattedUnderTheOldIdNeverTakesPart() throws Exception {
        startAll();
        servers.removeIf(server -> server.getPort() == nodePort(voters.get(1)).getPort()
                && server.shutdownNow().isShutdown());
        formatAnew(voters.get(1));
        Future<?> again = start(voters.get(1));
        assertThatThrownBy(() -> again.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        StartRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MEMORY_LOST))
                .hasMessageContaining("knows n2-aaaa with another disk");
    }

    @Test
    void aDiskThatIsLostBeforeTheGroupBeganMayBeFormattedAgain() throws Exception {
        Future<?> waiting = start(voters.get(0));
        var unused = start(voters.get(1));
        awaitRecord(voters.get(0), voters.get(1));
        threads.shutdownNow();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        threads = Executors.newCachedThreadPool();
        formatAnew(voters.get(1));
        startAll();
        assertThat(open(voters.get(0)).isComplete()).isTrue();
    }

    /** The second host, formatted with another list of voters. */
    private VoterRow formatWrongly() throws IOException {
        VoterRow wrong = voters.get(1).toBuilder().setId("n2-bbbb").build();
        MoreFiles.deleteRecursively(directory(wrong), RecursiveDeleteOption.ALLOW_INSECURE);
        ClusterBootstrap.format(
                directory(wrong),
                List.of(voters.get(0), wrong),
                clusterId,
                "test",
                1,
                wrong.getId(),
                Optional.empty(),
                "test");
        return wrong;
    }

    @Test
    void aVoterThatWasToldOfOthersIsRefused() throws Exception {
        var unused = start(voters.get(0));
        Future<?> second = start(formatWrongly());
        assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS))
                .hasMessageContaining("--voters must be the same on each host");
    }

    @Test
    void aVoterOutlivesAnotherThatWasFormattedWrongly() throws Exception {
        VoterRow wrong = formatWrongly();
        Server stranger = GrpcServers.server(
                        nodePort(wrong),
                        Optional.empty(),
                        List.of(RollCall.service(open(wrong))),
                        threads,
                        PlaneLimits.PEER_MESSAGE_BYTES)
                .start();
        Future<?> first = start(voters.get(0));
        awaitRecord(wrong, voters.get(0));
        assertThat(stranger.shutdown().awaitTermination(20, TimeUnit.SECONDS))
                .as("it has answered")
                .isTrue();
        formatAnew(voters.get(1));
        for (Future<?> each : List.of(start(voters.get(1)), start(voters.get(2)), first)) {
            each.get(30, TimeUnit.SECONDS);
        }
        assertThat(open(voters.get(0)).isComplete()).isTrue();
    }
}
