package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Answers unary calls from futures, with one mapping of errors. */
final class Unary {
    private final ClusterPort cluster;

    Unary(ClusterPort cluster) {
        this.cluster = cluster;
    }

    /** Sends the answer of {@code work}, or the status of its failure; {@code requestId} is empty for reads. */
    <A> void answer(StreamObserver<A> observer, String requestId, Supplier<CompletableFuture<A>> work) {
        CompletableFuture<A> answer;
        try {
            answer = work.get();
        } catch (RuntimeException e) {
            fail(observer, e, requestId);
            return;
        }
        CompletableFuture<A> unused = answer.whenComplete((value, failure) -> {
            if (failure != null) {
                fail(observer, failure, requestId);
            } else {
                observer.onNext(value);
                observer.onCompleted();
            }
        });
    }

    /** As {@link #answer(StreamObserver, String, Supplier)} for a read. */
    <A> void answer(StreamObserver<A> observer, Supplier<CompletableFuture<A>> work) {
        answer(observer, "", work);
    }

    void fail(StreamObserver<?> observer, Throwable failure, String requestId) {
        observer.onError(ErrorMapper.toStatus(failure, requestId, cluster.leaderApiEndpoint()));
    }
}
