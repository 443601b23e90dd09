package io.quorate.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

/** The client's connections: the same for every system. */
final class Channels {
    private Channels() {}

    /** One connection; callbacks run on its own thread, so that the client costs little. */
    static ManagedChannel open(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .directExecutor()
                .build();
    }
}
