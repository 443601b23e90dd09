package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a person with the wrong certificate gets to read. */
class CliOverTlsTest {
    private final ServersFixture fixture = new ServersFixture();

    @TempDir
    private Path directory;

    private Pki pki;
    private GrpcServers server;
    private CliSession cli = new CliSession(new ClientContexts(Map.of(), List.of()), "");

    @BeforeEach
    void start() throws Exception {
        pki = new Pki(directory.resolve("n1"));
        pki.createAuthorities("test", Instant.now());
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("127.0.0.1"), Instant.now());
        pki.issueClient("alice", Instant.now());
        LocalRaft raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", 1)));
        server = fixture.start(raft, raft, new SilentLeader(), 0, Optional.of(pki));
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private int status(Path authority, Path certificate, Path key) throws Exception {
        Path file = directory.resolve("client.yaml");
        Files.writeString(file, """
                contexts:
                  prod: {endpoints: ["127.0.0.1:%d"], ca: %s, certificate: %s, key: %s}
                """.formatted(server.apiPort(), authority, certificate, key));
        cli = new CliSession(new ClientContexts(Map.of(), List.of(file)), "");
        return cli.run("status", "--timeout", "6s");
    }

    @Test
    void aClientIsLetIn() throws Exception {
        assertThat(status(
                        pki.certificateOf(Pki.Authority.PEER), pki.clientCertificate("alice"), pki.clientKey("alice")))
                .as(cli.err())
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"NODE", "SERVER"})
    void theCertificateOfANodeOrServerIsRefused(Role role) throws Exception {
        Pki other = new Pki(directory.resolve("n5"));
        pki.issueNode(other, new CertificateIdentity(role, "n5"), List.of("127.0.0.1"), Instant.now());
        assertThat(status(pki.certificateOf(Pki.Authority.PEER), other.nodeCertificate(), other.nodeKey()))
                .isIn(ExitCodes.REFUSED, ExitCodes.UNAVAILABLE);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).contains("certificate");
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() throws Exception {
        Pki other = new Pki(directory.resolve("other"));
        other.createAuthorities("other", Instant.now());
        assertThat(status(
                        other.certificateOf(Pki.Authority.PEER),
                        pki.clientCertificate("alice"),
                        pki.clientKey("alice")))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void withoutCertificatesATlsPortIsNotRead() {
        Map<String, String> environment = Map.of("QUORATE_ENDPOINTS", "127.0.0.1:" + server.apiPort());
        cli = new CliSession(new ClientContexts(environment, List.of()), "");
        assertThat(cli.run("status", "--timeout", "6s")).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli.out()).isEmpty();
    }
}
