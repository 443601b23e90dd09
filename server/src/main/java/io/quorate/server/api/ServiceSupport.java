package io.quorate.server.api;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.Command;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ReadOptions;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What every service is made of. One instance is shared by all services of a server.
 *
 * @param hub recent commits with the states around them
 * @param projections of the latest states, for all who read or watch
 */
record ServiceSupport(
        ClusterPort cluster,
        Reads reads,
        Mutations mutations,
        Unary unary,
        WatchHub hub,
        Projections projections,
        LeaderCalls leaderCalls) {

    /** Answers a read with what {@code answer} makes of the state that the options ask for. */
    <A> void read(StreamObserver<A> observer, ReadOptions options, Function<Reads.View, A> answer) {
        unary.answer(observer, () -> reads.view(options).thenApply(answer));
    }

    /** Commits, or only tries, the command that {@code kind} fills in, and answers with its outcome. */
    <A> void mutate(
            StreamObserver<A> observer,
            MutationOptions options,
            Consumer<Command.Builder> kind,
            Function<Mutations.Outcome, A> answer) {
        MutationOptions identified = Mutations.identified(options);
        Caller caller = Caller.current();
        unary.answer(
                observer,
                identified.getRequestId(),
                () -> mutations.submit(identified, caller, kind).thenApply(answer));
    }

    /** Answers on the leader, wherever it is. */
    <Q extends Message, A extends Message> void onLeader(
            StreamObserver<A> observer, ClusterPort.LeaderMethod<Q, A> method, Q request) {
        Caller caller = Caller.current();
        unary.answer(observer, () -> Reads.bounded(cluster.onLeader(method, request, caller), method.limit()));
    }

    /** As {@link #onLeader} for what changes something: no answer in time means that it may have been done. */
    <Q extends Message, A extends Message> void changeOnLeader(
            StreamObserver<A> observer, ClusterPort.LeaderMethod<Q, A> method, Q request, MutationOptions options) {
        Caller caller = Caller.current();
        unary.answer(
                observer,
                Mutations.identified(options).getRequestId(),
                () -> Reads.bounded(cluster.onLeader(method, request, caller), method.limit()));
    }

    /** As {@link Reads#bounded}, for readers of the services. */
    static <T> CompletableFuture<T> bounded(CompletableFuture<T> future) {
        return Reads.bounded(future);
    }
}
