package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.FreePorts;
import io.quorate.server.Main;
import io.quorate.server.ServerProcess;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.ResourceServiceGrpc.ResourceServiceBlockingStub;
import io.quorate.v1.ResourceSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * NoAmnesia when the disk takes no more or cannot sync, with a real server process: it stops, says why, and has
 * everything that it acknowledged when it is started again.
 */
class FailingDiskTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int FILE_SYSTEM_MIB = 24;

    /** One log segment (4 MiB) fits beside it, and not the next. */
    private static final int FILLER_MIB = 18;

    @TempDir
    Path root;

    private final Map<String, String> environment = new TreeMap<>();
    private final VoterRow voter = TestGroup.voter("n1");
    private Path disk = Path.of("");
    private boolean mounted;
    private int apiPort;
    private @Nullable Process server;
    private @Nullable ManagedChannel channel;

    private void mount() throws Exception {
        disk = Files.createDirectory(root.resolve("disk"));
        Process mount = new ProcessBuilder(
                        "mount", "-t", "tmpfs", "-o", "size=" + FILE_SYSTEM_MIB + "m", "quorate-test", disk.toString())
                .start();
        assumeTrue(mount.waitFor() == 0, "mounting a small file system needs root");
        mounted = true;
    }

    private void format() throws IOException {
        ClusterBootstrap.format(
                data(),
                List.of(voter),
                ClusterBootstrap.newClusterId(),
                "test",
                1,
                voter.getId(),
                Optional.empty(),
                "t");
    }

    @AfterEach
    void unmount() throws Exception {
        if (channel != null) {
            channel.shutdownNow();
        }
        if (server != null) {
            server.destroyForcibly().waitFor();
        }
        if (mounted) {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }

    private Path data() {
        return disk.resolve("data");
    }

    private Path filler() {
        return disk.resolve("filler");
    }

    private Path output() {
        return root.resolve("server.log");
    }

    private Process start() throws IOException {
        String endpoint = voter.getRaftEndpoint();
        apiPort = FreePorts.next();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "server",
                        "--node=n1",
                        "--data=" + data(),
                        "--listen=127.0.0.1",
                        "--api-port=" + apiPort,
                        "--raft-port=" + endpoint.substring(endpoint.indexOf(':') + 1),
                        "--node-port=" + FreePorts.next(),
                        "--http-port=" + FreePorts.next()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()));
        builder.environment().putAll(environment);
        server = builder.start();
        return server;
    }

    private ResourceServiceBlockingStub api() {
        if (channel != null) {
            channel.shutdownNow();
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", apiPort)
                .usePlaintext()
                .build();
        ResourceServiceBlockingStub stub = ResourceServiceGrpc.newBlockingStub(channel);
        Awaitility.await().atMost(PATIENCE).until(() -> answer(stub, "nothing") == Status.Code.NOT_FOUND);
        return stub;
    }

    private static Status.Code answer(ResourceServiceBlockingStub stub, String resource) {
        try {
            stub.withDeadlineAfter(5, TimeUnit.SECONDS)
                    .getObject(GetObjectRequest.newBuilder()
                            .setObject("resources/" + resource)
                            .build());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static void apply(ResourceServiceBlockingStub stub, String resource) {
        List<String> command = new ArrayList<>(List.of("/bin/true"));
        command.addAll(Collections.nCopies(12, "x".repeat(4_000)));
        var unused = stub.withDeadlineAfter(10, TimeUnit.SECONDS)
                .applyManifests(ApplyManifestsRequest.newBuilder()
                        .setOptions(MutationOptions.newBuilder()
                                .setRequestId(UUID.randomUUID().toString()))
                        .addManifests(Manifest.newBuilder()
                                .setMeta(ObjectMeta.newBuilder().setName(resource))
                                .setResource(ResourceSpec.newBuilder()
                                        .setProcess(ProcessKind.newBuilder().addAllCommand(command))))
                        .build());
    }

    /** Until the server is gone: on a slow machine an answer may be missing before. */
    private static List<String> applyUntilStopped(ResourceServiceBlockingStub stub, Process server) throws Exception {
        List<String> acknowledged = new ArrayList<>();
        for (int number = 0; number < 1_000; number++) {
            try {
                apply(stub, "r" + number);
                acknowledged.add("r" + number);
            } catch (StatusRuntimeException e) {
                assertMissing(e);
                if (server.waitFor(1, TimeUnit.SECONDS)) {
                    return acknowledged;
                }
            }
        }
        throw new AssertionError("the disk took everything");
    }

    private static void assertMissing(StatusRuntimeException answer) {
        assertThat(answer.getStatus().getCode())
                .as("%s", answer)
                .isIn(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.UNKNOWN);
    }

    /** Again while a slow machine costs the server its leadership. */
    private static void applyInTheEnd(ResourceServiceBlockingStub stub, String resource) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            try {
                apply(stub, resource);
                return true;
            } catch (StatusRuntimeException e) {
                assertMissing(e);
                return false;
            }
        });
    }

    private void assertStopped(Process process, String why) throws Exception {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("%s", Files.readString(output()))
                .isTrue();
        assertThat(process.exitValue()).isEqualTo(ServerProcess.HALTED);
        assertThat(Files.readString(output()))
                .contains("this server stops at once: Writing " + data())
                .contains(why)
                .contains("Free space or repair the disk, then start this server again");
    }

    @Test
    void aServerWhoseDiskIsFullStopsAndForgetsNothing() throws Exception {
        mount();
        format();
        Files.write(filler(), new byte[FILLER_MIB << 20]);
        Process first = start();
        List<String> acknowledged = applyUntilStopped(api(), first);
        assertThat(acknowledged).hasSizeGreaterThan(20);
        assertStopped(first, "No space left on device");

        // While there is no room it does not begin, and says so.
        Path rest = disk.resolve("rest");
        fill(rest);
        Process second = start();
        assertThat(second.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isNotZero().isNotEqualTo(ServerProcess.HALTED);
        assertThat(Files.readString(output())).contains("Writing " + data() + " failed: No space left on device");

        Files.delete(rest);
        Files.delete(filler());
        start();
        ResourceServiceBlockingStub again = api();
        assertRemembers(again, acknowledged);
        applyInTheEnd(again, "one-more");
    }

    private static void assertRemembers(ResourceServiceBlockingStub stub, List<String> acknowledged) {
        for (String resource : acknowledged) {
            Awaitility.await().atMost(PATIENCE).until(() -> answer(stub, resource), code -> {
                assertThat(code).as(resource).isNotEqualTo(Status.Code.NOT_FOUND);
                return code == Status.Code.OK;
            });
        }
    }

    /** What was written but not synced may be lost though the system goes on showing it: no second try is right. */
    @Test
    void aServerWhoseLogCannotBeSyncedStopsAtOnce() throws Exception {
        disk = Files.createDirectory(root.resolve("disk"));
        Path trigger = root.resolve("fail");
        environment.put("LD_PRELOAD", failingSync().toString());
        environment.put("FAILING_SYNC", trigger.toString());
        format();
        Process first = start();
        ResourceServiceBlockingStub stub = api();
        applyInTheEnd(stub, "before");
        Files.createFile(trigger);
        assertThat(applyUntilStopped(stub, first)).isEmpty();
        assertStopped(first, "Input/output error");

        Files.delete(trigger);
        start();
        ResourceServiceBlockingStub again = api();
        assertRemembers(again, List.of("before"));
        applyInTheEnd(again, "after");
    }

    private Path failingSync() throws Exception {
        Path source = root.resolve("failing-sync.c");
        try (InputStream in = FailingDiskTest.class.getResourceAsStream("failing-sync.c")) {
            Files.copy(Objects.requireNonNull(in), source);
        }
        Path library = root.resolve("failing-sync.so");
        try {
            Process compiler = new ProcessBuilder(
                            "cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                    .redirectErrorStream(true)
                    .start();
            String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(compiler.waitFor()).as(output).isZero();
        } catch (IOException e) {
            assumeTrue(false, "to make a sync fail needs a C compiler: " + e.getMessage());
        }
        return library;
    }

    /** Takes what is left, to the last page. */
    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] page = new byte[4_096];
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }
}
