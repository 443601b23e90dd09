package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quorate.client.FakeServer;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsResponse;
import io.quorate.v1.ListObjectsResponse;
import io.quorate.v1.LongOperation;
import io.quorate.v1.OperationServiceGrpc;
import io.quorate.v1.OperationState;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RunState;
import io.quorate.v1.StateChange;
import io.quorate.v1.WaitOperationResponse;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateResponse;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verbs that go on until they are interrupted, or until an operation ends. */
class FollowVerbsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final FakeServer server = new FakeServer();
    private final CliRun cli = new CliRun(server);

    @BeforeEach
    void serve() {
        server.on(WatchServiceGrpc.getWatchStateMethod(), (request, stream) -> {
            stream.onNext(WatchStateResponse.newBuilder()
                    .setKind(WatchStateResponse.Kind.KIND_SNAPSHOT_END)
                    .setPosition(FakeServer.position(10))
                    .build());
            stream.onNext(WatchStateResponse.newBuilder()
                    .setKind(WatchStateResponse.Kind.KIND_CHANGES)
                    .setPosition(FakeServer.position(11))
                    .addChanges(StateChange.newBuilder()
                            .setObject("groups/web")
                            .setGroup(Samples.web(RunState.RUN_STATE_RUNNING, "n3", true)))
                    .addChanges(StateChange.newBuilder().setObject("events/22").setEvent(Samples.failover()))
                    .build());
        });
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy().build());
        server.answer(HistoryServiceGrpc.getListEventsMethod(), request -> ListEventsResponse.getDefaultInstance());
        server.answer(ResourceServiceGrpc.getListObjectsMethod(), request -> ListObjectsResponse.getDefaultInstance());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Thread start(String line) {
        Thread running = new Thread(() -> {
            int unused = cli.run(line.split(" "));
        });
        running.start();
        return running;
    }

    private static void end(Thread running) throws InterruptedException {
        running.interrupt();
        running.join(SOON.toMillis());
        assertThat(running.isAlive()).as("ends when it is interrupted").isFalse();
    }

    @Test
    void aWatchedStatusIsShownAgainAtAChange() throws InterruptedException {
        Thread running = start("status --watch");
        await().atMost(SOON).until(() -> server.requests(GetStatusRequest.class).size() >= 2);
        await().atMost(SOON).until(() -> cli.out().split("prod: the one service runs", -1).length > 2);
        end(running);
        assertThat(cli.err()).doesNotContain("defect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"get groups --watch", "events --watch"})
    void whatHappensIsShownAsItHappens(String line) throws InterruptedException {
        Thread running = start(line);
        await().atMost(SOON).until(() -> cli.out().contains("web up on n3 (token 1:21) · outage 0.9 s"));
        end(running);
        assertThat(cli.err()).doesNotContain("defect");
    }

    private void serveOperation(OperationState... states) {
        server.on(OperationServiceGrpc.getWaitOperationMethod(), (request, stream) -> {
            Arrays.stream(states)
                    .forEach(state -> stream.onNext(WaitOperationResponse.newBuilder()
                            .setOperation(LongOperation.newBuilder()
                                    .setId(request.getId())
                                    .setKind("move")
                                    .addObjects("groups/web")
                                    .setState(state)
                                    .setDetail("web on n3"))
                            .build()));
            stream.onCompleted();
        });
    }

    @Test
    void anOperationIsWaitedForUntilItIsDone() {
        serveOperation(OperationState.OPERATION_STATE_RUNNING, OperationState.OPERATION_STATE_DONE);
        assertThat(cli.run("operation", "wait", "op-17")).isZero();
        assertThat(cli.out()).isEqualTo("web on n3\n");
    }

    @Test
    void programsGetTheOperationAsItEnded() {
        serveOperation(OperationState.OPERATION_STATE_RUNNING, OperationState.OPERATION_STATE_CANCELLED);
        assertThat(cli.run("operation", "wait", "op-17", "-o", "json")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.out()).contains("\"id\": \"op-17\"", "\"state\": \"OPERATION_STATE_CANCELLED\"");
        assertThat(cli.err()).contains("was cancelled", "OPERATION_CANCELLED");
    }
}
