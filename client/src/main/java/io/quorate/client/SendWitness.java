package io.quorate.client;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Sees whether an attempt reached a connection. Without a stream nothing of the request can have left this process, so
 * that the request is definitely not done.
 */
final class SendWitness extends ClientStreamTracer.Factory {
    private volatile boolean streamCreated;

    boolean mayHaveBeenSent() {
        return streamCreated;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transportAttributes, Metadata sentHeaders) {
                streamCreated = true;
            }
        };
    }
}
