package io.quorate.server.agent;

import io.netty.handler.ssl.SslContext;
import io.quorate.server.config.AgentConfig;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
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
        Optional<SslContext> context = config.pki().map(pki -> context(pki, config.node()));
        return () -> context;
    }

    /** Fails with TlsException when servers would not take these files for those of this node: it would ask for ever. */
    static SslContext context(Path directory, String node) {
        TlsContexts contexts = new TlsContexts(new Pki(directory));
        contexts.requireAgent(node);
        return contexts.toServer();
    }
}
