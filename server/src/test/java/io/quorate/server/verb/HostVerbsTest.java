package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.cli.ExitCodes;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What init, join and cert do to the files of a host. */
class HostVerbsTest {
    @TempDir
    private Path host;

    private Pki pki;
    private VerbRun verbs;

    @BeforeEach
    void paths() {
        pki = new Pki(host.resolve("pki"));
        verbs = new VerbRun(host);
    }

    private void serverCertificate() throws Exception {
        pki.createAuthorities("test", Instant.now());
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("10.0.0.1"), Instant.now());
    }

    private byte[] own() throws Exception {
        return Files.readAllBytes(pki.nodeCertificate());
    }

    @Test
    void aCertificateForAnotherHostDoesNotTakeThisOnesPlace() throws Exception {
        serverCertificate();
        byte[] before = own();
        String[] issue = {
            "node", "a1", "--address", "10.0.1.1", "--pki", pki.directory().toString()
        };
        assertThat(verbs.run(CertVerbs.Issue::new, issue)).isNotEqualTo(ExitCodes.OK);
        assertThat(verbs.err()).contains("quorate cert issue node a1 --address 10.0.1.1 --out ./a1-pki");
        assertThat(own()).isEqualTo(before);
    }

    @Test
    void aHostWithAnotherIdentityDoesNotJoin() throws Exception {
        serverCertificate();
        byte[] before = own();
        JoinToken token = JoinToken.random(Pem.fingerprint(
                Pem.certificates(pki.certificateOf(Pki.Authority.PEER)).get(0)));
        assertThat(verbs.run(
                        JoinVerb::new,
                        "127.0.0.1:1",
                        "--token",
                        token.format(),
                        "--node",
                        "a1",
                        "--address",
                        "10.0.1.1",
                        "--agent-only",
                        "--pki",
                        pki.directory().toString(),
                        "--config",
                        host.resolve("server.yaml").toString()))
                .isNotEqualTo(ExitCodes.OK);
        assertThat(verbs.err()).contains("CN=n1").contains("--pki DIR --config FILE");
        assertThat(own()).isEqualTo(before);
    }

    private int init() {
        return verbs.run(
                InitVerb::new,
                "--cluster",
                "test",
                "--node",
                "n1",
                "--address",
                "10.0.0.1",
                "--pki",
                pki.directory().toString(),
                "--data",
                host.resolve("data").toString(),
                "--config",
                host.resolve("etc").resolve("server.yaml").toString());
    }

    /** What each later step of an interrupted run had not come to is made by the next run. */
    @Test
    void anInterruptedInitIsFinishedByTheNext() throws Exception {
        pki.createAuthorities("test", Instant.now());
        byte[] peerAuthority = Files.readAllBytes(pki.certificateOf(Pki.Authority.PEER));
        Files.delete(pki.certificateOf(Pki.Authority.CLIENT));
        Files.writeString(pki.nodeKey(), "a key that never got its certificate");
        assertThat(init()).describedAs(verbs.err()).isEqualTo(ExitCodes.OK);
        assertThat(Files.readAllBytes(pki.certificateOf(Pki.Authority.PEER))).isEqualTo(peerAuthority);
        assertThat(new TlsContexts(pki).apiServer().isServer()).isTrue();
        assertThat(pki.clientCertificate("admin")).exists();
        Path client = host.resolve("etc").resolve("client.yaml");
        assertThat(client).exists();
        assertThat(verbs.out()).contains("context for the command line: " + client + " (");
    }

    @Test
    void aDirectoryIsFormattedOnlyWhenTheConfigurationIsWritten() throws Exception {
        Files.writeString(host.resolve("etc"), "not a directory");
        assertThat(init()).isNotEqualTo(ExitCodes.OK);
        Files.delete(host.resolve("etc"));
        assertThat(init()).describedAs(verbs.err()).isEqualTo(ExitCodes.OK);
        byte[] configuration = Files.readAllBytes(host.resolve("etc").resolve("server.yaml"));
        assertThat(init()).isNotEqualTo(ExitCodes.OK);
        assertThat(Files.readAllBytes(host.resolve("etc").resolve("server.yaml")))
                .isEqualTo(configuration);
    }

    /** A certificate for a name that was refused would be in the way of the corrected command. */
    @Test
    void aConfigurationOfAnotherNodeIsRefusedBeforeACertificateIsMade() throws Exception {
        Path config = Files.createDirectory(host.resolve("etc")).resolve("server.yaml");
        Files.writeString(config, "node: n2\n");
        assertThat(init()).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("server.yaml is there and says node: n2, not n1");
        assertThat(pki.directory()).doesNotExist();
        assertThat(host.resolve("data")).doesNotExist();
    }

    /** A host's own server has its own name: nobody else's certificate is taken for it. */
    @Test
    void aHostIsNotBegunWithTheCertificateOfAnother() throws Exception {
        pki.createAuthorities("test", Instant.now());
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n2"), List.of("10.0.0.2"), Instant.now());
        assertThat(init()).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("CN=n2");
        assertThat(host.resolve("etc")).doesNotExist();
        assertThat(host.resolve("data")).doesNotExist();
    }

    @Test
    void aDirectoryThatCannotBeFormattedIsRefusedBeforeAnythingIsMade() throws Exception {
        Files.writeString(Files.createDirectory(host.resolve("data")).resolve("photo"), "of a cat");
        assertThat(init()).isNotEqualTo(ExitCodes.OK);
        assertThat(verbs.err()).contains("not empty (photo)");
        assertThat(pki.directory()).doesNotExist();
        assertThat(host.resolve("etc")).doesNotExist();
    }
}
