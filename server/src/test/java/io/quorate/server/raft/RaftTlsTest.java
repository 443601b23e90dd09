package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.VoterRow;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutual TLS between members, and the binding of certificates to members that Ratis does not have. */
class RaftTlsTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    Path root;

    /** One authority; certificates for n1, n2, n3 and for another node of the same site. */
    @BeforeEach
    void certificates() throws Exception {
        keytool("ca", List.of("-ext", "bc:c"));
        for (String name : List.of("n1", "n2", "n3", "n9")) {
            keytool(name, List.of("-signer", "ca", "-ext", "san=ip:127.0.0.1"));
        }
    }

    private Path store() {
        return root.resolve("all.p12");
    }

    private void keytool(String name, List<String> more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-keystore",
                store().toString(),
                "-storepass",
                PASSWORD));
        command.addAll(more);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private RaftTls tls(String certificateName) {
        try (InputStream in = Files.newInputStream(store())) {
            KeyStore all = KeyStore.getInstance("PKCS12");
            all.load(in, PASSWORD.toCharArray());
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry(
                    "own",
                    all.getKey(certificateName, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(certificateName));
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            authorities.setCertificateEntry("ca", all.getCertificate("ca"));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD.toCharArray());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            return new RaftTls(
                    keys.getKeyManagers()[0],
                    trust.getTrustManagers()[0],
                    (certificate, member) -> certificate
                            .getSubjectX500Principal()
                            .getName()
                            .equals("CN=" + DataDirectory.nameOf(member)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void membersWithTheirOwnCertificatesFormAGroup() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.tls = voter -> Optional.of(tls(voter.getName()));
            group.startAll();
            RaftNodeTest.accepted(group.leader().propose(Commands.registerNode()));
        }
    }

    @Test
    void aMemberWithTheCertificateOfAnotherNodeNeverLeads() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.tls = voter -> Optional.of(tls(voter.getName().equals("n3") ? "n9" : voter.getName()));
            VoterRow impostor = group.voters.get(2);
            group.start(group.voters.get(0));
            group.start(impostor);
            RaftNode leader = group.leader();
            assertThat(leader.memberId()).isEqualTo(group.voters.get(0).getId());
            RaftNodeTest.accepted(leader.propose(Commands.registerNode()));
            assertThatThrownBy(() -> leader.transferLeadership(impostor.getId()).get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
            assertThat(group.leader().memberId()).isEqualTo(leader.memberId());
        }
    }

    @Test
    void aMemberWithoutTlsStaysOutside() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.tls = voter -> voter.getName().equals("n3") ? Optional.empty() : Optional.of(tls(voter.getName()));
            group.startAll();
            RaftNode leader = group.leader();
            RaftNodeTest.accepted(leader.propose(Commands.registerNode()));
            VoterRow plain = group.voters.get(2);
            assertThat(leader.memberId()).isNotEqualTo(plain.getId());
            assertThat(Objects.requireNonNull(group.running.get(plain.getId()))
                            .applied()
                            .revision())
                    .isZero();
        }
    }
}
