package io.quorate.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One channel per endpoint, made at the first use; thread-safe.
 *
 * <p>Sockets are NIO on one thread: loading the native transport costs a command line more than it gains.
 */
final class Channels implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;
    private static final long KEEPALIVE_SECONDS = 10;
    private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    private final ClientConfig config;
    private final Map<Endpoint, ManagedChannel> channels = new HashMap<>();
    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("quorate-client", true), NioIoHandler.newFactory());
    private boolean closed;

    Channels(ClientConfig config) {
        this.config = config;
    }

    synchronized ManagedChannel to(Endpoint endpoint) {
        if (closed) {
            throw new IllegalStateException("the client is closed");
        }
        return channels.computeIfAbsent(endpoint, this::open);
    }

    private ManagedChannel open(Endpoint endpoint) {
        NettyChannelBuilder builder = endpoint.isAddress()
                ? NettyChannelBuilder.forAddress(new InetSocketAddress(endpoint.host(), endpoint.port()))
                : NettyChannelBuilder.forTarget("dns:///" + endpoint);
        builder.eventLoopGroup(eventLoop)
                .channelType(NioSocketChannel.class)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .proxyDetector(target -> null)
                .disableRetry();
        if (config.tls().isPresent()) {
            secure(builder, config.tls().get());
        } else if (endpoint.isLoopback()) {
            builder.usePlaintext();
        } else {
            throw QuorateException.of(
                            Category.REFUSED,
                            "TLS_REQUIRED",
                            endpoint + " is not on loopback and this client has no certificate: beyond loopback"
                                    + " everything speaks mutual TLS")
                    .nextStep("name ca, certificate and key in ~/.config/quorate/config.yaml")
                    .build();
        }
        return builder.build();
    }

    private static void secure(NettyChannelBuilder builder, TlsFiles files) {
        try {
            builder.sslContext(GrpcSslContexts.forClient()
                    .trustManager(ServerTrust.of(readable(files.authority()).toPath()))
                    .keyManager(readable(files.certificate()), readable(files.key()))
                    .protocols("TLSv1.3")
                    .build());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw badCertificate("cannot use " + files.certificate() + " with " + files.key() + ": " + e.getMessage())
                    .cause(e)
                    .build();
        }
    }

    private static File readable(Path file) {
        if (!Files.isReadable(file)) {
            throw badCertificate(Files.exists(file) ? file + ": not readable for this user" : file + ": no such file")
                    .build();
        }
        return file.toFile();
    }

    private static QuorateException.Builder badCertificate(String what) {
        return QuorateException.of(Category.INVALID, "BAD_CERTIFICATE", what)
                .nextStep(
                        "the context names ca, certificate and key; a server makes them: quorate cert issue client NAME");
    }

    /** Ends all calls at once. */
    @Override
    public synchronized void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
        var unused = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
