package io.quorate.server.tls;

import io.quorate.server.tls.CertificateIdentity.Role;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts a server whose chain ends in the authority of a known fingerprint: for the first contact of a joining node. */
final class PinnedTrustManager extends X509ExtendedTrustManager {
    private final String fingerprint;

    /** @param fingerprint SHA-256 of the authority's certificate, hexadecimal */
    PinnedTrustManager(String fingerprint) {
        this.fingerprint = fingerprint;
    }

    private X509ExtendedTrustManager pinned(X509Certificate[] chain) throws CertificateException {
        X509Certificate authority = chain[chain.length - 1];
        if (!MessageDigest.isEqual(
                Pem.fingerprint(authority).getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                fingerprint.getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            throw new CertificateException("the server's authority is not the one of the token");
        }
        if (CertificateIdentity.of(chain[0])
                .filter(identity -> identity.role() == Role.SERVER)
                .isEmpty()) {
            throw new CertificateException("the other side is no server");
        }
        return ReloadingTrustManager.trust(List.of(authority));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        pinned(chain).checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        pinned(chain).checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        pinned(chain).checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("for the first contact with a server only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
