package io.quorate.server.api;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.peer.v1.ForwardCallRequest;
import io.quorate.peer.v1.ForwardCallResponse;
import io.quorate.peer.v1.IntroduceVoterRequest;
import io.quorate.peer.v1.IntroduceVoterResponse;
import io.quorate.peer.v1.PeerServiceGrpc;
import io.quorate.peer.v1.PeerServiceGrpc.PeerServiceFutureStub;
import io.quorate.peer.v1.ProposeCommandRequest;
import io.quorate.peer.v1.ProposeCommandResponse;
import io.quorate.peer.v1.ReadBarrierRequest;
import io.quorate.peer.v1.ReadBarrierResponse;
import io.quorate.v1.Position;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Connections to the other servers' node planes, one for each endpoint, made when needed. Thread-safe. */
public final class PeerClients implements AutoCloseable {
    private final Function<String, ManagedChannel> connect;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    /** @param connect makes a channel to {@code HOST:PORT}, with this server's certificate */
    public PeerClients(Function<String, ManagedChannel> connect) {
        this.connect = connect;
    }

    CompletableFuture<CommandResult> propose(String endpoint, Command command) {
        return future(stub(endpoint)
                        .proposeCommand(ProposeCommandRequest.newBuilder()
                                .setCommand(command)
                                .build()))
                .thenApply(ProposeCommandResponse::getResult);
    }

    CompletableFuture<Position> readBarrier(String endpoint) {
        return future(stub(endpoint).readBarrier(ReadBarrierRequest.getDefaultInstance()))
                .thenApply(ReadBarrierResponse::getPosition);
    }

    CompletableFuture<ByteString> call(String endpoint, String method, ByteString request, Actor actor) {
        return call(endpoint, method, request, actor, Reads.DEFAULT_DEADLINE);
    }

    /** @param limit for a caller that has no deadline */
    CompletableFuture<ByteString> call(
            String endpoint, String method, ByteString request, Actor actor, Duration limit) {
        return future(stub(endpoint, limit)
                        .forwardCall(ForwardCallRequest.newBuilder()
                                .setMethod(method)
                                .setRequest(request)
                                .setActor(actor)
                                .build()))
                .thenApply(ForwardCallResponse::getResponse);
    }

    /** Tries to connect at once, though an earlier attempt failed a moment ago. */
    CompletableFuture<IntroduceVoterResponse> introduce(String endpoint, IntroduceVoterRequest request) {
        channels.computeIfAbsent(endpoint, connect).resetConnectBackoff();
        return future(stub(endpoint).introduceVoter(request));
    }

    private PeerServiceFutureStub stub(String endpoint) {
        return stub(endpoint, Reads.DEFAULT_DEADLINE);
    }

    private PeerServiceFutureStub stub(String endpoint, Duration limit) {
        PeerServiceFutureStub stub = PeerServiceGrpc.newFutureStub(channels.computeIfAbsent(endpoint, connect))
                .withMaxInboundMessageSize(PlaneLimits.PEER_MESSAGE_BYTES);
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? stub.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS) : stub;
    }

    private static <T> CompletableFuture<T> future(ListenableFuture<T> listenable) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Futures.addCallback(
                listenable,
                new FutureCallback<T>() {
                    @Override
                    public void onSuccess(@Nullable T result) {
                        future.complete(Objects.requireNonNull(result));
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                },
                MoreExecutors.directExecutor());
        return future;
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }
}
