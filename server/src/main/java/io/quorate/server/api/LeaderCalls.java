package io.quorate.server.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.quorate.server.api.ClusterPort.LeaderMethod;
import io.quorate.server.raft.IndeterminateException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;

/** What this server answers when it is the leader, for its own clients and for those of the followers. */
public final class LeaderCalls {
    private final Map<String, Handler<?, ?>> handlers = new ConcurrentHashMap<>();

    private record Handler<Q extends Message, A extends Message>(
            LeaderMethod<Q, A> method, BiFunction<Q, Caller, CompletableFuture<A>> answer) {

        CompletableFuture<ByteString> call(ByteString request, Caller caller) {
            try {
                CompletableFuture<A> answered = answer.apply(method.requests().parseFrom(request), caller);
                return (method.changes() ? answered.exceptionallyCompose(Handler::unknownIfLate) : answered)
                        .thenApply(Message::toByteString);
            } catch (InvalidProtocolBufferException e) {
                throw ApiException.invalid("not a request of " + method.name() + ": " + e.getMessage());
            }
        }

        /** What a change waited for in vain may still come. */
        private static <A> CompletableFuture<A> unknownIfLate(Throwable failure) {
            return CompletableFuture.failedFuture(
                    ErrorMapper.unwrap(failure) instanceof TimeoutException
                            ? new IndeterminateException("no answer in time: it may have been done")
                            : failure);
        }
    }

    <Q extends Message, A extends Message> void register(
            LeaderMethod<Q, A> method, BiFunction<Q, Caller, CompletableFuture<A>> answer) {
        handlers.put(method.name(), new Handler<>(method, answer));
    }

    /** Answers here. */
    <Q extends Message, A extends Message> CompletableFuture<A> call(
            LeaderMethod<Q, A> method, Q request, Caller caller) {
        return call(method.name(), request.toByteString(), caller).thenApply(answer -> {
            try {
                return method.answers().parseFrom(answer);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("the answer of " + method.name() + " cannot be read", e);
            }
        });
    }

    /** Answers here a call that came from another server, encoded. */
    CompletableFuture<ByteString> call(String method, ByteString request, Caller caller) {
        Handler<?, ?> handler = handlers.get(method);
        if (handler == null) {
            throw ApiException.invalid("no call for the leader: " + method);
        }
        return handler.call(request, caller);
    }
}
