package io.quorate.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.util.Iterator;

/** A server's stream that ends when it is closed, also in the middle. Used by one thread. */
final class OpenStream<R> implements Iterator<R>, AutoCloseable {
    private final Iterator<R> messages;
    private final Context.CancellableContext context;

    private OpenStream(Iterator<R> messages, Context.CancellableContext context) {
        this.messages = messages;
        this.context = context;
    }

    static <Q, R> OpenStream<R> of(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
        Context.CancellableContext context = Context.current().withCancellation();
        Context previous = context.attach();
        try {
            return new OpenStream<>(
                    ClientCalls.blockingServerStreamingCall(channel, method, options, request), context);
        } finally {
            context.detach(previous);
        }
    }

    @Override
    public boolean hasNext() {
        return messages.hasNext();
    }

    @Override
    public R next() {
        return messages.next();
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
