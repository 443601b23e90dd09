package io.quorate.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.agent.v1.StoredAgent;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a node that was switched on counts as up; the cluster is this test, its processes sleep. */
class DevReadyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int AGENT_STATE = 0x51414731;

    private final AtomicLong incarnation = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();

    @TempDir
    private Path root;

    private DevLayout layout;
    private DevPower power;
    private DevNodes nodes;

    @BeforeEach
    void format() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        layout = new DevLayout(root.resolve("cluster"), port, 1);
        Files.createDirectories(layout.nodeDir("n1"));
        Path launcher = Files.writeString(root.resolve("quorate"), "#!/bin/sh\nexec sleep 1000\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        power = new DevPower(layout);
        nodes = new DevNodes(layout, launcher.toString());
    }

    @AfterEach
    void end() throws Exception {
        power.allOff();
    }

    /** What an agent leaves on its disk. */
    private void lived(long last) throws IOException {
        byte[] state = StoredAgent.newBuilder()
                .setNode("n1")
                .setIncarnation(last)
                .build()
                .toByteArray();
        CRC32C checksum = new CRC32C();
        checksum.update(state);
        ByteBuffer file = ByteBuffer.allocate(16 + state.length)
                .putInt(AGENT_STATE)
                .putInt(state.length)
                .putLong(checksum.getValue())
                .put(state);
        Files.createDirectories(layout.agentData("n1"));
        Files.write(layout.agentData("n1").resolve("agent.state"), file.array());
    }

    private Server cluster() throws IOException {
        return NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), layout.apiPort("n1")))
                .addService(new ClusterServiceGrpc.ClusterServiceImplBase() {
                    @Override
                    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> answer) {
                        asked.incrementAndGet();
                        answer.onNext(GetStatusResponse.newBuilder()
                                .addNodes(Node.newBuilder()
                                        .setMeta(ObjectMeta.newBuilder().setName("n1"))
                                        .setPhase(NodePhase.NODE_PHASE_UP)
                                        .setIncarnation(incarnation.get()))
                                .build());
                        answer.onCompleted();
                    }
                })
                .build()
                .start();
    }

    private boolean switchOn() {
        try {
            return DevReady.switchOn(layout, power, nodes, "n1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The cluster begins to answer when the node is on, and has not noticed yet that its former life ended. */
    @Test
    void aClusterThatAnswersLateSpeaksOfTheFormerLife() throws Exception {
        lived(5);
        incarnation.set(5);
        CompletableFuture<Boolean> up = CompletableFuture.supplyAsync(this::switchOn);
        Awaitility.await().atMost(PATIENCE).until(() -> !power.processes("n1").isEmpty());
        Server cluster = cluster();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> asked.get() > 3 || up.isDone());
            assertThat(up).as("up in its former life").isNotDone();
            incarnation.set(6);
            assertThat(up.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            cluster.shutdownNow();
        }
    }
}
