package io.quorate.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

/** The client's connections: the same for every system. */
final class Channels {
    private Channels() {}

    /**
     * One connection that costs the client little, which shares its cores with the servers: callbacks run on its own thread,
     * and nothing is kept to be sent again, as in our own client.
     */
    static ManagedChannel open(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .directExecutor()
                .disableRetry()
                .build();
    }
}
