package io.quorate.server.agent;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.quorate.server.config.AgentConfig;
import io.quorate.server.config.ConfigException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/** Mutual TLS of the agent's side of the node plane. Files are read for each new connection, so renewed ones take effect. */
final class NodePlaneTls {
    private NodePlaneTls() {}

    /** Contexts from the directory of the configuration; always empty without one. */
    static Supplier<Optional<SslContext>> of(AgentConfig config) {
        return () -> config.pki().map(NodePlaneTls::context);
    }

    private static SslContext context(Path directory) {
        try {
            return GrpcSslContexts.forClient()
                    .keyManager(
                            directory.resolve("node.crt").toFile(),
                            directory.resolve("node.key").toFile())
                    .trustManager(directory.resolve("peer-ca.crt").toFile())
                    .protocols("TLSv1.3")
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new ConfigException("pki: certificates in " + directory + " cannot be used: " + e.getMessage());
        }
    }
}
