package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.v1.Node;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateRequest;
import io.quorate.v1.WatchStateResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cache sees every change in order and once, over broken streams, other servers and forgotten history. */
class StateCacheTest {
    private record Opened(WatchStateRequest request, StreamObserver<WatchStateResponse> stream) {}

    private final FakeServer first = new FakeServer();
    private final FakeServer second = new FakeServer();
    private final BlockingQueue<Opened> onFirst = watches(first);
    private final BlockingQueue<Opened> onSecond = watches(second);
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final List<QuorateException> failures = new CopyOnWriteArrayList<>();
    private final QuorateClient client =
            QuorateClient.create(ClientConfig.loopback(first.endpoint(), second.endpoint()));
    private final StateCache cache = StateCache.start(client, List.of("nodes"), List.of(), new StateCache.Listener() {
        @Override
        public void changed(Position position, List<StateChange> changes) {
            changes.forEach(change ->
                    seen.add(position.getRevision() + (change.getDeleted() ? " -" : " ") + change.getObject()));
        }

        @Override
        public void failed(QuorateException why) {
            failures.add(why);
        }
    });

    @AfterEach
    void stop() {
        cache.close();
        client.close();
        first.close();
        second.close();
    }

    private static BlockingQueue<Opened> watches(FakeServer server) {
        BlockingQueue<Opened> opened = new LinkedBlockingQueue<>();
        server.on(WatchServiceGrpc.getWatchStateMethod(), (request, stream) -> opened.add(new Opened(request, stream)));
        return opened;
    }

    private static Opened next(BlockingQueue<Opened> watches) throws InterruptedException {
        Opened opened = watches.poll(10, TimeUnit.SECONDS);
        assertThat(opened).as("a watch that was opened").isNotNull();
        return opened;
    }

    private static WatchStateResponse message(WatchStateResponse.Kind kind, long revision, StateChange... changes) {
        return WatchStateResponse.newBuilder()
                .setKind(kind)
                .setPosition(FakeServer.position(revision))
                .addAllChanges(List.of(changes))
                .build();
    }

    private static StateChange node(String name, long revision) {
        return StateChange.newBuilder()
                .setObject("nodes/" + name)
                .setNode(Node.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName(name).setRevision(revision)))
                .build();
    }

    private static StateChange gone(String name) {
        return StateChange.newBuilder()
                .setObject("nodes/" + name)
                .setDeleted(true)
                .build();
    }

    private static void snapshot(Opened watch, long revision, StateChange... rows) {
        watch.stream().onNext(message(WatchStateResponse.Kind.KIND_SNAPSHOT, revision, rows));
        watch.stream().onNext(message(WatchStateResponse.Kind.KIND_SNAPSHOT_END, revision));
    }

    private static void change(Opened watch, long revision, StateChange... rows) {
        watch.stream().onNext(message(WatchStateResponse.Kind.KIND_CHANGES, revision, rows));
    }

    private void awaitPosition(long revision) {
        await().atMost(Duration.ofSeconds(10)).until(() -> cache.position().equals(FakeServer.position(revision)));
    }

    @Test
    void aSnapshotIsFollowedByChanges() throws InterruptedException {
        Opened watch = next(onFirst);
        assertThat(watch.request().hasAfter()).isFalse();
        assertThat(watch.request().getKindsList()).containsExactly("nodes");
        snapshot(watch, 10, node("n1", 4), node("n2", 5));
        assertThat(cache.awaitSnapshot(Duration.ofSeconds(10))).isTrue();
        change(watch, 12, node("n1", 12));
        change(watch, 13, gone("n2"));
        awaitPosition(13);
        assertThat(cache.objects()).containsOnlyKeys("nodes/n1");
        assertThat(seen).containsExactly("10 nodes/n1", "10 nodes/n2", "12 nodes/n1", "13 -nodes/n2");
    }

    @Test
    void aBrokenStreamIsResumedOnAnotherServerAndNothingIsSeenTwice() throws InterruptedException {
        Opened watch = next(onFirst);
        snapshot(watch, 10, node("n1", 4));
        change(watch, 11, node("n1", 11));
        awaitPosition(11);
        watch.stream().onError(Status.UNAVAILABLE.asRuntimeException());
        Opened resumed = next(onSecond);
        assertThat(resumed.request().getAfter()).isEqualTo(FakeServer.position(11));
        change(resumed, 11, node("n1", 11));
        change(resumed, 12, node("n1", 12));
        awaitPosition(12);
        assertThat(seen).containsExactly("10 nodes/n1", "11 nodes/n1", "12 nodes/n1");
    }

    @Test
    void progressMovesThePlaceToResumeFrom() throws InterruptedException {
        Opened watch = next(onFirst);
        snapshot(watch, 10, node("n1", 4));
        watch.stream().onNext(message(WatchStateResponse.Kind.KIND_PROGRESS, 40));
        awaitPosition(40);
        watch.stream().onCompleted();
        assertThat(next(onSecond).request().getAfter()).isEqualTo(FakeServer.position(40));
        assertThat(seen).containsExactly("10 nodes/n1");
    }

    @Test
    void aForgottenPlaceIsRelistedAndOnlyDifferencesAreTold() throws InterruptedException {
        Opened watch = next(onFirst);
        snapshot(watch, 10, node("n1", 4), node("n2", 5), node("n3", 6));
        awaitPosition(10);
        watch.stream().onError(FakeServer.failure(Status.Code.OUT_OF_RANGE, "COMPACTED", "too slow"));
        Opened relisted = next(onFirst);
        assertThat(relisted.request().hasAfter()).isFalse();
        snapshot(relisted, 90, node("n1", 4), node("n2", 77), node("n4", 80));
        awaitPosition(90);
        assertThat(seen.subList(3, seen.size()))
                .containsExactlyInAnyOrder("90 nodes/n2", "90 nodes/n4", "90 -nodes/n3");
        assertThat(cache.objects()).containsOnlyKeys("nodes/n1", "nodes/n2", "nodes/n4");
    }

    @Test
    void aSnapshotOfAServerThatLagsBehindIsNotBelieved() throws InterruptedException {
        Opened watch = next(onFirst);
        snapshot(watch, 10, node("n1", 4));
        awaitPosition(10);
        watch.stream().onError(FakeServer.failure(Status.Code.OUT_OF_RANGE, "COMPACTED", "too slow"));
        snapshot(next(onFirst), 8);
        Opened other = next(onSecond);
        assertThat(cache.objects()).containsOnlyKeys("nodes/n1");
        snapshot(other, 12, node("n1", 4));
        awaitPosition(12);
        assertThat(seen).containsExactly("10 nodes/n1");
    }

    @Test
    void aSnapshotThatBrokeInTheMiddleIsTakenAgain() throws InterruptedException {
        Opened watch = next(onFirst);
        watch.stream().onNext(message(WatchStateResponse.Kind.KIND_SNAPSHOT, 10, node("n9", 4)));
        watch.stream().onError(Status.UNAVAILABLE.asRuntimeException());
        Opened again = next(onSecond);
        assertThat(again.request().hasAfter()).isFalse();
        snapshot(again, 11, node("n1", 4));
        awaitPosition(11);
        assertThat(seen).containsExactly("11 nodes/n1");
    }

    @Test
    void aWatchThatIsRefusedEnds() throws InterruptedException {
        next(onFirst).stream()
                .onError(FakeServer.failure(Status.Code.PERMISSION_DENIED, "PERMISSION_DENIED", "not a viewer"));
        await().atMost(Duration.ofSeconds(10)).until(() -> !failures.isEmpty());
        assertThat(failures.get(0).category()).isEqualTo(Category.REFUSED);
        assertThat(onFirst).isEmpty();
        assertThat(onSecond).isEmpty();
    }

    @Test
    void anInterruptDuringAPauseEndsTheWatchAsAFailure() throws Exception {
        CompletableFuture<QuorateException> end = new CompletableFuture<>();
        StateCache interrupted = StateCache.start(client, List.of(), List.of(), new StateCache.Listener() {
            @Override
            public void changed(Position position, List<StateChange> changes) {}

            @Override
            public void interrupted(QuorateException why) {
                Thread.currentThread().interrupt();
            }

            @Override
            public void failed(QuorateException why) {
                end.complete(why);
            }
        });
        Opened one = next(onFirst);
        Opened other = next(onFirst);
        one.stream().onCompleted();
        other.stream().onCompleted();
        assertThat(end.get(10, TimeUnit.SECONDS).code()).isEqualTo("INTERRUPTED");
        interrupted.close();
    }
}
