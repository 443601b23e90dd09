package io.quorate.server.tls;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.quorate.server.tls.CertificateIdentity.Role;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The TLS settings of each plane: TLS 1.3, the JDK's provider (a reloaded CA takes effect for new connections), both
 * sides with certificates. A plane's trust is its authority AND a role: an agent's certificate opens no Raft stream.
 */
public final class TlsContexts {
    private final Pki pki;
    private final ReloadingKeyManager keys;

    /** Fails with TlsException when the files of this host cannot be used. */
    public TlsContexts(Pki pki) {
        this.pki = pki;
        this.keys = new ReloadingKeyManager(pki.nodeCertificate(), pki.nodeKey());
    }

    /** This host's certificate, for planes whose transport takes key managers (Raft). */
    public X509ExtendedKeyManager keyManager() {
        return keys;
    }

    /** Fails when this host's certificate is not for {@code name}, or not of {@code role}. */
    public void requireName(Role role, String name) {
        CertificateIdentity wanted = new CertificateIdentity(role, name);
        if (!CertificateIdentity.of(keys.leaf()).equals(Optional.of(wanted))) {
            throw new TlsException("%s is for %s, not for %s %s; make one: quorate cert issue %s %s --address IP"
                    .formatted(
                            pki.nodeCertificate(),
                            keys.leaf().getSubjectX500Principal(),
                            role,
                            name,
                            role == Role.SERVER ? "server" : "node",
                            name));
        }
    }

    /**
     * Fails when this host's certificate is not one that servers take from the agent of node {@code name}: its own, or a
     * server's that it shares a host with, of the authority that this host knows.
     */
    public void requireAgent(String name) {
        CertificateIdentity server = new CertificateIdentity(Role.SERVER, name);
        if (!CertificateIdentity.of(keys.leaf()).equals(Optional.of(server))) {
            requireName(Role.NODE, name);
        }
        try {
            trustPeers(Set.of(Role.NODE, Role.SERVER))
                    .checkClientTrusted(
                            keys.getCertificateChain(""),
                            keys.leaf().getPublicKey().getAlgorithm());
        } catch (CertificateException e) {
            throw new TlsException(
                    "%s is not of the authority in %s: %s; make one where that authority's key is: quorate cert issue node %s --address IP"
                            .formatted(
                                    pki.nodeCertificate(), pki.certificateOf(Pki.Authority.PEER), e.getMessage(), name),
                    e);
        }
    }

    /** Trust in peers of these roles, for planes whose transport takes trust managers (Raft). */
    public X509ExtendedTrustManager trustPeers(Set<Role> roles) {
        return new ReloadingTrustManager(pki.certificateOf(Pki.Authority.PEER), roles);
    }

    /** The API: clients; without a certificate a caller can join with a token, which the Authorizer sees to. */
    public SslContext apiServer() {
        return server(
                new ReloadingTrustManager(pki.certificateOf(Pki.Authority.CLIENT), Set.of(Role.CLIENT)),
                ClientAuth.OPTIONAL);
    }

    /** The node plane: agents and servers. */
    public SslContext nodeServer() {
        return server(trustPeers(Set.of(Role.NODE, Role.SERVER)), ClientAuth.REQUIRE);
    }

    /** To another server's node plane. */
    public SslContext toServer() {
        return client(keys, trustPeers(Set.of(Role.SERVER)));
    }

    /** To a server's API, as a client with these files. */
    public static SslContext toApi(Path certificate, Path key, Path peerAuthority) {
        return client(
                new ReloadingKeyManager(certificate, key),
                new ReloadingTrustManager(peerAuthority, Set.of(Role.SERVER)));
    }

    private SslContext server(X509ExtendedTrustManager trust, ClientAuth auth) {
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forServer(keys).trustManager(trust).clientAuth(auth);
            return GrpcSslContexts.configure(builder, SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .build();
        } catch (SSLException e) {
            throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static SslContext client(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forClient().keyManager(keys).trustManager(trust);
            return GrpcSslContexts.configure(builder, SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .build();
        } catch (SSLException e) {
            throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** To a server that is known by the fingerprint of its authority alone, without a certificate of our own. */
    public static SslContext toPinned(String fingerprint) {
        try {
            return GrpcSslContexts.configure(
                            SslContextBuilder.forClient().trustManager(new PinnedTrustManager(fingerprint)),
                            SslProvider.JDK)
                    .protocols(List.of("TLSv1.3"))
                    .build();
        } catch (SSLException e) {
            throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
