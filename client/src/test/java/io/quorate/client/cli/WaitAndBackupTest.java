package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.client.FakeServer;
import io.quorate.v1.CreateBackupResponse;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.RunState;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Waiting ends when it is so, or says that it was not; a backup is complete or not there. */
class WaitAndBackupTest {
    private final FakeServer server = new FakeServer();
    private final CliRun cli = new CliRun(server);

    @AfterEach
    void stop() {
        server.close();
    }

    private static WatchStateResponse message(WatchStateResponse.Kind kind, long revision, StateChange... changes) {
        return WatchStateResponse.newBuilder()
                .setKind(kind)
                .setPosition(FakeServer.position(revision))
                .addAllChanges(List.of(changes))
                .build();
    }

    private static StateChange web(RunState state, String node) {
        return StateChange.newBuilder()
                .setObject("groups/web")
                .setGroup(Samples.web(state, node, true))
                .build();
    }

    /** A snapshot with the first state, and a change to each of the others. */
    private void serve(StateChange... states) {
        server.on(WatchServiceGrpc.getWatchStateMethod(), (request, stream) -> {
            stream.onNext(message(WatchStateResponse.Kind.KIND_SNAPSHOT, 10, states[0]));
            stream.onNext(message(WatchStateResponse.Kind.KIND_SNAPSHOT_END, 10));
            for (int i = 1; i < states.length; i++) {
                stream.onNext(message(WatchStateResponse.Kind.KIND_CHANGES, 10 + i, states[i]));
            }
        });
    }

    @Test
    void waitsUntilAServiceRuns() {
        serve(web(RunState.RUN_STATE_STARTING, "n2"), web(RunState.RUN_STATE_RUNNING, "n2"));
        assertThat(cli.run("wait", "web", "--for", "running", "--timeout", "30s"))
                .isZero();
        assertThat(cli.out()).isEqualTo("web RUNNING on n2\n");
    }

    @Test
    void movedMeansThatItRunsOnAnotherNodeThanAtFirst() {
        serve(
                web(RunState.RUN_STATE_RUNNING, "n2"),
                web(RunState.RUN_STATE_STARTING, "n3"),
                web(RunState.RUN_STATE_RUNNING, "n3"));
        assertThat(cli.run("wait", "web", "--for", "moved", "--timeout", "30s")).isZero();
        assertThat(cli.out()).isEqualTo("web RUNNING on n3\n");
    }

    @Test
    void whatDoesNotComeInTimeIsExitCodeSeven() {
        serve(web(RunState.RUN_STATE_RUNNING, "n2"));
        assertThat(cli.run("wait", "web", "--for", "stopped", "--timeout", "4s"))
                .isEqualTo(ExitCodes.TIMED_OUT);
        assertThat(cli.err()).contains("web stopped was not reached in time");
    }

    @Test
    void aServiceThatDoesNotExistIsNotWaitedFor() {
        serve(web(RunState.RUN_STATE_RUNNING, "n2"));
        assertThat(cli.run("wait", "wbe", "--for", "running", "--timeout", "30s"))
                .isEqualTo(ExitCodes.NOT_FOUND);
    }

    @Test
    void aTargetThatIsNoneIsAUsageError() {
        assertThat(cli.run("wait", "web")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.run("wait", "quorum", "--for", "running")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.run("wait", "node/n1:gone")).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void aBackupIsCompleteAndReadableByItsOwnerOnly(@TempDir Path directory) throws IOException {
        server.on(MaintenanceServiceGrpc.getCreateBackupMethod(), (request, stream) -> {
            stream.onNext(CreateBackupResponse.newBuilder()
                    .setHeader(FakeServer.header(70))
                    .setChunk(ByteString.copyFromUtf8("abc"))
                    .build());
            stream.onNext(CreateBackupResponse.newBuilder()
                    .setChunk(ByteString.copyFromUtf8("def"))
                    .build());
            stream.onCompleted();
        });
        assertThat(cli.in(directory).run("backup", "create", "prod.qbk")).isZero();
        assertThat(directory.resolve("prod.qbk")).hasContent("abcdef");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("prod.qbk"))))
                .isEqualTo("rw-------");
        assertThat(cli.run("backup", "create", "prod.qbk")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.run("backup", "create", "nowhere/prod.qbk")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("there is no directory " + directory.resolve("nowhere"));
        assertThat(cli.err()).contains("prod.qbk exists");
    }

    @Test
    void aBackupThatBreaksLeavesNothingBehind(@TempDir Path directory) throws IOException {
        server.on(MaintenanceServiceGrpc.getCreateBackupMethod(), (request, stream) -> {
            stream.onNext(CreateBackupResponse.newBuilder()
                    .setHeader(FakeServer.header(70))
                    .setChunk(ByteString.copyFromUtf8("abc"))
                    .build());
            stream.onError(Status.UNAVAILABLE.asRuntimeException());
        });
        assertThat(cli.in(directory).run("backup", "create", "prod.qbk")).isEqualTo(ExitCodes.UNAVAILABLE);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }
}
