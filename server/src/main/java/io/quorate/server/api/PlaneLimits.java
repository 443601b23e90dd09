package io.quorate.server.api;

import io.grpc.netty.NettyServerBuilder;
import java.util.concurrent.TimeUnit;

/** The limits of the gRPC servers, in one place. What is beyond them is refused before it costs memory. */
public final class PlaneLimits {
    /** Inbound on the API: an apply of 8 MiB and its frame; every other request is held to {@link #REQUEST_BYTES}. */
    public static final int APPLY_BYTES = (8 << 20) + (64 << 10);

    /** Inbound of every request but apply. */
    public static final int REQUEST_BYTES = 1 << 20;

    /** Between servers: a forwarded apply, or the answer of a status. */
    public static final int PEER_MESSAGE_BYTES = 64 << 20;

    static final int METADATA_BYTES = 8 << 10;
    static final int CALLS_PER_CONNECTION = 256;
    static final int RESETS_PER_WINDOW = 400;
    static final int RESET_WINDOW_SECONDS = 10;
    static final int KEEPALIVE_AT_LEAST_SECONDS = 10;
    static final int HANDSHAKE_SECONDS = 10;
    static final int IDLE_MINUTES = 30;

    private PlaneLimits() {}

    static NettyServerBuilder apply(NettyServerBuilder builder, int messageBytes) {
        return builder.maxInboundMessageSize(messageBytes)
                .maxInboundMetadataSize(METADATA_BYTES)
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
                .maxRstFramesPerWindow(RESETS_PER_WINDOW, RESET_WINDOW_SECONDS)
                .permitKeepAliveTime(KEEPALIVE_AT_LEAST_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES);
    }
}
