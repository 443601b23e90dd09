package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What init, join and cert do to the files of a host. */
class HostVerbsTest {
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path host;

    private Pki pki;

    @BeforeEach
    void paths() {
        pki = new Pki(host.resolve("pki"));
    }

    private CliContext context() {
        return new CliContext(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                Map.of(),
                new ClientContexts(Map.of(), List.of()),
                host,
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> () -> {});
    }

    private int run(Callable<Integer> verb, String... arguments) {
        return new CommandLine(verb)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
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
        assertThat(run(new CertVerbs.Issue(context()), issue)).isNotEqualTo(ExitCodes.OK);
        assertThat(err.toString()).contains("quorate cert issue node a1 --address 10.0.1.1 --out ./a1-pki");
        assertThat(own()).isEqualTo(before);
    }

    @Test
    void aHostWithAnotherIdentityDoesNotJoin() throws Exception {
        serverCertificate();
        byte[] before = own();
        JoinToken token = JoinToken.random(Pem.fingerprint(
                Pem.certificates(pki.certificateOf(Pki.Authority.PEER)).get(0)));
        assertThat(run(
                        new JoinVerb(context()),
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
        assertThat(err.toString()).contains("CN=n1").contains("--pki DIR --config FILE");
        assertThat(own()).isEqualTo(before);
    }

    private int init() {
        return run(
                new InitVerb(context()),
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
        assertThat(init()).describedAs(err.toString()).isEqualTo(ExitCodes.OK);
        assertThat(Files.readAllBytes(pki.certificateOf(Pki.Authority.PEER))).isEqualTo(peerAuthority);
        assertThat(new TlsContexts(pki).apiServer().isServer()).isTrue();
        assertThat(pki.clientCertificate("admin")).exists();
        assertThat(host.resolve("etc").resolve("client.yaml")).exists();
    }

    @Test
    void aDirectoryIsFormattedOnlyWhenTheConfigurationIsWritten() throws Exception {
        Files.writeString(host.resolve("etc"), "not a directory");
        assertThat(init()).isNotEqualTo(ExitCodes.OK);
        Files.delete(host.resolve("etc"));
        assertThat(init()).describedAs(err.toString()).isEqualTo(ExitCodes.OK);
        byte[] configuration = Files.readAllBytes(host.resolve("etc").resolve("server.yaml"));
        assertThat(init()).isNotEqualTo(ExitCodes.OK);
        assertThat(Files.readAllBytes(host.resolve("etc").resolve("server.yaml")))
                .isEqualTo(configuration);
    }
}
