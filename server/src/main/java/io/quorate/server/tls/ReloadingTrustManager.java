package io.quorate.server.tls;

import io.quorate.server.tls.CertificateIdentity.Role;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trust in one authority's certificates of some roles; the authority's file is read again when it changes. */
final class ReloadingTrustManager extends X509ExtendedTrustManager {
    private final ReloadedFile<X509ExtendedTrustManager> delegate;
    private final Set<Role> roles;

    ReloadingTrustManager(Path authority, Set<Role> roles) {
        this.delegate = new ReloadedFile<>(List.of(authority), () -> trust(Pem.certificates(authority)));
        this.roles = Set.copyOf(roles);
    }

    /** Plain chain validation against these authorities. */
    static X509ExtendedTrustManager trust(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return extended;
                }
            }
            throw new TlsException("this Java has no trust manager for X.509");
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("the authorities cannot be used: " + e.getMessage(), e);
        }
    }

    private void requireRole(X509Certificate[] chain) throws CertificateException {
        if (CertificateIdentity.of(chain[0])
                .filter(identity -> roles.contains(identity.role()))
                .isEmpty()) {
            throw new CertificateException(
                    chain[0].getSubjectX500Principal() + " is none of " + roles + ", which this plane is for");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        delegate.current().checkClientTrusted(chain, authType);
        requireRole(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        delegate.current().checkClientTrusted(chain, authType, socket);
        requireRole(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        delegate.current().checkClientTrusted(chain, authType, engine);
        requireRole(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        delegate.current().checkServerTrusted(chain, authType);
        requireRole(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        delegate.current().checkServerTrusted(chain, authType, socket);
        requireRole(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        delegate.current().checkServerTrusted(chain, authType, engine);
        requireRole(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return delegate.current().getAcceptedIssuers();
    }
}
