package io.quorate.server.tls;

import io.quorate.server.time.Clock;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * This side's certificate, read again when its file changes. A bad new pair, or one of somebody else, is logged, and the
 * old one stays in use.
 */
final class ReloadingKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "quorate";

    private final ReloadedFile<Pair> pair;

    private record Pair(List<X509Certificate> chain, PrivateKey key) {}

    ReloadingKeyManager(Path certificateFile, Path keyFile) {
        this(certificateFile, keyFile, Clock.system()::monotonicNanos);
    }

    ReloadingKeyManager(Path certificateFile, Path keyFile, LongSupplier nanos) {
        X500Principal own = Pem.certificates(certificateFile).get(0).getSubjectX500Principal();
        pair = new ReloadedFile<>(
                List.of(certificateFile, keyFile), () -> own(load(certificateFile, keyFile), own), nanos);
    }

    private static Pair own(Pair loaded, X500Principal own) {
        X500Principal subject = loaded.chain().get(0).getSubjectX500Principal();
        if (!subject.equals(own)) {
            throw new TlsException("the new certificate is for " + subject + ", and this process is " + own);
        }
        return loaded;
    }

    private static Pair load(Path certificateFile, Path keyFile) {
        List<X509Certificate> chain = Pem.certificates(certificateFile);
        PrivateKey key = Pem.key(keyFile);
        requireMatch(chain.get(0).getPublicKey(), key, certificateFile, keyFile);
        try {
            chain.get(0).checkValidity();
        } catch (CertificateExpiredException e) {
            throw new TlsException(
                    "%s expired on %s; renew it: quorate cert renew"
                            .formatted(
                                    certificateFile, chain.get(0).getNotAfter().toInstant()),
                    e);
        } catch (CertificateNotYetValidException e) {
            throw new TlsException(
                    "%s is valid from %s only: is this host's clock right?"
                            .formatted(
                                    certificateFile, chain.get(0).getNotBefore().toInstant()),
                    e);
        }
        return new Pair(chain, key);
    }

    private static void requireMatch(PublicKey publicKey, PrivateKey key, Path certificateFile, Path keyFile) {
        try {
            byte[] probe = {1, 2, 3};
            String algorithm = publicKey instanceof RSAPublicKey ? "SHA256withRSA" : "SHA256withECDSA";
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(publicKey);
            verifier.update(probe);
            if (verifier.verify(signature)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new TlsException(keyFile + " does not belong to " + certificateFile + ": " + e.getMessage(), e);
        }
        throw new TlsException(keyFile + " does not belong to " + certificateFile);
    }

    X509Certificate leaf() {
        return pair.current().chain().get(0);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public String chooseEngineClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return ALIAS;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        // TLS asks once for each kind of key that both sides know: answer for ours alone
        String ours = leaf().getPublicKey().getAlgorithm();
        return keyType.startsWith(ours) ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return pair.current().chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return pair.current().key();
    }
}
