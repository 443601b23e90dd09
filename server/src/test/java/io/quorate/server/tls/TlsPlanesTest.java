package io.quorate.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.tls.CertificateIdentity.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files, authorities and the checks at start. */
class TlsPlanesTest {
    @TempDir
    private Path directory;

    private Pki pki;

    @BeforeEach
    void authorities() throws Exception {
        pki = new Pki(directory);
        pki.createAuthorities("test", Instant.now());
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("10.0.0.1"), Instant.now());
    }

    @Test
    void keysAreReadableByTheirOwnerAlone() throws Exception {
        for (Path key : List.of(pki.nodeKey(), pki.keyOf(Pki.Authority.PEER), pki.keyOf(Pki.Authority.CLIENT))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aCertificateSpeaksForItsNameAndRoleAndIsReachedAtItsAddresses() throws Exception {
        X509Certificate leaf = Pem.certificates(pki.nodeCertificate()).get(0);
        assertThat(CertificateIdentity.of(leaf)).contains(new CertificateIdentity(Role.SERVER, "n1"));
        assertThat(leaf.getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
                .contains("n1", "10.0.0.1", "127.0.0.1", "localhost");
    }

    @Test
    void anAuthorityIsNeverOverwritten() {
        assertThatThrownBy(() -> pki.createAuthorities("test", Instant.now()))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("exists");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAtStart() throws Exception {
        Pem.writePrivate(
                pki.nodeKey(), Pem.encode(CertificateAuthority.newKeyPair().getPrivate()));
        assertThatThrownBy(() -> new TlsContexts(pki))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("does not belong");
    }

    @Test
    void anExpiredCertificateIsRefusedAtStart() throws Exception {
        KeyPair pair = CertificateAuthority.newKeyPair();
        CertificateAuthority authority = pki.authority(Pki.Authority.PEER);
        X509Certificate expired = authority.issue(
                pair.getPublic(),
                new CertificateIdentity(Role.SERVER, "n1"),
                List.of(),
                Instant.now().minus(Duration.ofDays(2)),
                Duration.ofDays(1));
        Pki.store(pki.nodeCertificate(), pki.nodeKey(), List.of(expired, authority.certificate()), pair.getPrivate());
        assertThatThrownBy(() -> new TlsContexts(pki))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("expired")
                .hasMessageContaining("quorate cert renew");
    }

    @Test
    void aCertificateOfAnotherNodeIsRefusedAtStart() {
        assertThatThrownBy(() -> new TlsContexts(pki).requireName(Role.SERVER, "n2"))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("quorate cert issue server n2");
    }

    @Test
    void aRequestIsSignedForTheNameThatTheAuthorityDecides() {
        KeyPair pair = CertificateAuthority.newKeyPair();
        X509Certificate leaf = pki.authority(Pki.Authority.PEER)
                .sign(
                        CertificateAuthority.request(pair, "somebody-else"),
                        new CertificateIdentity(Role.NODE, "n7"),
                        List.of("10.0.0.7"),
                        Instant.now());
        assertThat(CertificateIdentity.of(leaf)).contains(new CertificateIdentity(Role.NODE, "n7"));
        assertThat(leaf.getPublicKey()).isEqualTo(pair.getPublic());
    }

    @Test
    void aDamagedRequestIsRefused() {
        byte[] request = CertificateAuthority.request(CertificateAuthority.newKeyPair(), "n7");
        request[request.length - 1] ^= 1;
        assertThatThrownBy(() -> pki.authority(Pki.Authority.PEER)
                        .sign(request, new CertificateIdentity(Role.NODE, "n7"), List.of(), Instant.now()))
                .isInstanceOf(TlsException.class);
    }

    @Test
    void aTokenReadsBackAndShowsItsSecretToNobody() {
        JoinToken token = JoinToken.random("a".repeat(64));
        assertThat(JoinToken.parse(token.format())).isEqualTo(token);
        assertThat(token.toString()).doesNotContain(token.secret());
        assertThatThrownBy(() -> JoinToken.parse("qj1.short"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("short");
    }

    @Test
    void aCertificateOfSomebodyElseIsNotTakenUpByARunningProcess() throws Exception {
        AtomicLong nanos = new AtomicLong();
        ReloadingKeyManager keys = new ReloadingKeyManager(pki.nodeCertificate(), pki.nodeKey(), nanos::get);
        X509Certificate first = keys.leaf();
        pki.issueNode(new CertificateIdentity(Role.NODE, "another-node"), List.of("10.0.0.2"), Instant.now());
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(keys.leaf()).isEqualTo(first);
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("10.0.0.1", "10.0.0.3"), Instant.now());
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(keys.leaf())
                .isEqualTo(Pem.certificates(pki.nodeCertificate()).get(0));
    }

    @Test
    void aDamagedKeyLeavesTheOldPairInUse() throws Exception {
        AtomicLong nanos = new AtomicLong();
        ReloadingKeyManager keys = new ReloadingKeyManager(pki.nodeCertificate(), pki.nodeKey(), nanos::get);
        X509Certificate first = keys.leaf();
        Pem.writePrivate(pki.nodeKey(), "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n");
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(keys.leaf()).isEqualTo(first);
    }
}
