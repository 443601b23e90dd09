package io.quorate.server.agent;

import io.netty.handler.ssl.SslContext;
import io.quorate.server.config.AgentConfig;
import io.quorate.server.config.ConfigException;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import io.quorate.server.tls.TlsException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Mutual TLS of the agent's side of the node plane: only to certificates of servers. Their files are read again when they
 * change, so that renewed ones take effect for new connections.
 */
final class NodePlaneTls {
    private NodePlaneTls() {}

    /** The context of the configuration's directory; always empty without one. */
    static Supplier<Optional<SslContext>> of(AgentConfig config) {
        Optional<SslContext> context = config.pki().map(NodePlaneTls::context);
        return () -> context;
    }

    static SslContext context(Path directory) {
        try {
            return new TlsContexts(new Pki(directory)).toServer();
        } catch (TlsException e) {
            throw new ConfigException("pki: certificates in " + directory + " cannot be used: " + e.getMessage());
        }
    }
}
