package io.quorate.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The files of one host's certificates. Two authorities: the peer CA for servers and agents, the client CA for people
 * and programs, so that a client's certificate opens nothing between nodes.
 *
 * @param directory as in {@code /etc/quorate/pki}
 */
public record Pki(Path directory) {
    /** What both authorities are called in file names. */
    public enum Authority {
        PEER("peer-ca"),
        CLIENT("client-ca");

        private final String file;

        Authority(String file) {
            this.file = file;
        }
    }

    public Path certificateOf(Authority authority) {
        return directory.resolve(authority.file + ".crt");
    }

    public Path keyOf(Authority authority) {
        return directory.resolve(authority.file + ".key");
    }

    /** This host's own certificate, with its authority's behind it. */
    public Path nodeCertificate() {
        return directory.resolve("node.crt");
    }

    public Path nodeKey() {
        return directory.resolve("node.key");
    }

    public Path clientCertificate(String name) {
        return directory.resolve("clients").resolve(name + ".crt");
    }

    public Path clientKey(String name) {
        return directory.resolve("clients").resolve(name + ".key");
    }

    /**
     * Refuses when this directory holds the certificate of somebody else: the host that has it would lose its own.
     *
     * @param instead what to do then
     */
    public void requireFreeFor(CertificateIdentity identity, String instead) {
        if (Files.exists(nodeCertificate())) {
            X509Certificate leaf = Pem.certificates(nodeCertificate()).get(0);
            if (!CertificateIdentity.of(leaf).equals(Optional.of(identity))) {
                throw new TlsException("%s is for %s, and would be overwritten by one for %s %s; %s"
                        .formatted(
                                nodeCertificate(),
                                leaf.getSubjectX500Principal().getName(),
                                identity.role().name().toLowerCase(Locale.ROOT),
                                identity.name(),
                                instead));
            }
        }
    }

    /** Makes both authorities; refuses to overwrite one. */
    public void createAuthorities(String clusterName, Instant now) throws IOException {
        for (Authority authority : Authority.values()) {
            if (Files.exists(certificateOf(authority)) || Files.exists(keyOf(authority))) {
                throw new TlsException(certificateOf(authority) + " exists: a new authority would lock out everybody"
                        + " who trusts the old one");
            }
        }
        createMissingAuthorities(clusterName, now);
    }

    /** Makes each authority that has no certificate here; one that has may have been brought here without its key. */
    public void createMissingAuthorities(String clusterName, Instant now) throws IOException {
        for (Authority authority : Authority.values()) {
            if (!Files.exists(certificateOf(authority))) {
                setAside(keyOf(authority));
                CertificateAuthority created = CertificateAuthority.create(clusterName + " " + authority.file, now);
                Pem.writePrivate(keyOf(authority), Pem.encode(created.key()));
                Pem.writePublic(certificateOf(authority), Pem.encode(List.of(created.certificate())));
            }
        }
    }

    /** A key without its certificate is what an interruption leaves; it is kept, because a person may have brought it. */
    private static void setAside(Path key) throws IOException {
        if (Files.exists(key)) {
            Files.move(
                    key,
                    key.resolveSibling(key.getFileName() + ".without-certificate"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The authority, to sign with; fails when its key is not on this host. */
    public CertificateAuthority authority(Authority authority) {
        if (!Files.exists(keyOf(authority))) {
            throw new TlsException("the key of the " + authority.file + " is not on this host: " + keyOf(authority));
        }
        return new CertificateAuthority(
                Pem.certificates(certificateOf(authority)).get(0), Pem.key(keyOf(authority)));
    }

    /** Whether this host can sign for nodes that join. */
    public boolean canSign() {
        return Files.exists(keyOf(Authority.PEER));
    }

    /** Makes a key and a certificate for this host. */
    public void issueNode(CertificateIdentity identity, List<String> addresses, Instant now) throws IOException {
        issueNode(this, identity, addresses, now);
    }

    /** Makes a key and a certificate for another host, with the authorities' certificates beside it. */
    public void issueNode(Pki target, CertificateIdentity identity, List<String> addresses, Instant now)
            throws IOException {
        issue(Authority.PEER, identity, addresses, target.nodeCertificate(), target.nodeKey(), now);
        for (Authority authority : Authority.values()) {
            if (!target.directory().equals(directory)) {
                Pem.writePublic(
                        target.certificateOf(authority), Pem.encode(Pem.certificates(certificateOf(authority))));
            }
        }
    }

    /** Makes a key and a certificate for a client, under {@code clients/}. */
    public void issueClient(String name, Instant now) throws IOException {
        issueClient(this, name, now);
    }

    /** Makes a key and a certificate for a client in another directory. */
    public void issueClient(Pki target, String name, Instant now) throws IOException {
        issue(
                Authority.CLIENT,
                new CertificateIdentity(CertificateIdentity.Role.CLIENT, name),
                List.of(),
                target.clientCertificate(name),
                target.clientKey(name),
                now);
    }

    private void issue(
            Authority authority,
            CertificateIdentity identity,
            List<String> addresses,
            Path certificateFile,
            Path keyFile,
            Instant now)
            throws IOException {
        CertificateAuthority issuer = authority(authority);
        KeyPair pair = CertificateAuthority.newKeyPair();
        X509Certificate leaf =
                issuer.issue(pair.getPublic(), identity, addresses, now, CertificateAuthority.LEAF_VALIDITY);
        store(certificateFile, keyFile, List.of(leaf, issuer.certificate()), pair.getPrivate());
    }

    /** Writes a certificate with its key: the key first, so that a reader that sees the new certificate finds it. */
    public static void store(Path certificateFile, Path keyFile, List<X509Certificate> chain, PrivateKey key)
            throws IOException {
        Pem.writePrivate(keyFile, Pem.encode(key));
        Pem.writePublic(certificateFile, Pem.encode(chain));
    }
}
