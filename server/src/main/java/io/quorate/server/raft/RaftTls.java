package io.quorate.server.raft;

import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;

/**
 * Mutual TLS of the Raft port, apart from that of every other port.
 *
 * @param keyManager this member's certificate and key; may follow changes of its files
 * @param trustManager trusts the certificates of peers and nothing else
 * @param identity who may speak for whom
 */
public record RaftTls(KeyManager keyManager, TrustManager trustManager, PeerIdentity identity) {

    /** Binds certificates to members: the chain alone would let any node speak as any other. */
    @FunctionalInterface
    public interface PeerIdentity {

        /** Whether the holder of {@code certificate} may send as {@code memberId}. Must be quick. */
        boolean speaksFor(X509Certificate certificate, String memberId);
    }
}
