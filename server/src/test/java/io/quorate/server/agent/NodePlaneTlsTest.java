package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.quorate.agent.v1.AgentServiceGrpc;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import io.quorate.server.tls.TlsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** To whom an agent speaks. */
class NodePlaneTlsTest {
    @TempDir
    private Path directory;

    private Path authority;

    @BeforeEach
    void authorities() throws Exception {
        authority = Files.createDirectory(directory.resolve("authority"));
        new Pki(authority).createAuthorities("test", Instant.now());
    }

    /** A host of the cluster, with a certificate for this role. */
    private Path host(Role role, String name) throws Exception {
        Path host = Files.createDirectory(directory.resolve(name + "-" + role));
        try (Stream<Path> files = Files.list(authority)) {
            for (Path file : files.toList()) {
                Files.copy(file, host.resolve(file.getFileName()));
            }
        }
        new Pki(host).issueNode(new CertificateIdentity(role, name), List.of("127.0.0.1"), Instant.now());
        return host;
    }

    private static Status.Code call(Path agent, Path server) throws IOException, InterruptedException {
        Server listening = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(new TlsContexts(new Pki(server)).nodeServer())
                .addService(new AgentServiceGrpc.AgentServiceImplBase() {})
                .build()
                .start();
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", listening.getPort())
                .sslContext(NodePlaneTls.context(agent, "n1"))
                .build();
        try {
            AgentServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .registerAgent(RegisterAgentRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
            listening.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void anAgentReachesAServer() throws Exception {
        // The service is empty: that it says so shows that the call arrived.
        assertThat(call(host(Role.NODE, "n1"), host(Role.SERVER, "n2"))).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void aNodeThatPretendsToBeAServerIsRefused() throws Exception {
        assertThat(call(host(Role.NODE, "n1"), host(Role.NODE, "n2"))).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void missingFilesAreNamed() {
        assertThatThrownBy(() -> NodePlaneTls.context(directory.resolve("nowhere"), "n1"))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void anAgentOnTheHostOfAServerUsesItsCertificate() throws Exception {
        assertThat(NodePlaneTls.context(host(Role.SERVER, "n1"), "n1").isClient())
                .isTrue();
    }

    /** Servers would refuse it at each attempt. */
    @Test
    void aCertificateOfSomebodyElseIsRefusedAtStart() throws Exception {
        Path other = host(Role.NODE, "n2");
        assertThatThrownBy(() -> NodePlaneTls.context(other, "n1"))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("not for NODE n1")
                .hasMessageContaining("quorate cert issue node n1 --address IP");
        Path client = host(Role.NODE, "n1");
        Pki pki = new Pki(client);
        pki.issueClient("n1", Instant.now());
        Files.copy(pki.clientCertificate("n1"), pki.nodeCertificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pki.clientKey("n1"), pki.nodeKey(), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> NodePlaneTls.context(client, "n1"))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("not for NODE n1");
    }

    @Test
    void aCertificateOfAForeignAuthorityIsRefusedAtStart() throws Exception {
        Path host = host(Role.NODE, "n1");
        Path foreign = Files.createDirectory(directory.resolve("foreign"));
        new Pki(foreign).createAuthorities("test", Instant.now());
        Files.copy(
                new Pki(foreign).certificateOf(Pki.Authority.PEER),
                new Pki(host).certificateOf(Pki.Authority.PEER),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> NodePlaneTls.context(host, "n1"))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("is not of the authority in")
                .hasMessageContaining("quorate cert issue node n1 --address IP");
    }

    @Test
    void theCommandRefusesIt() throws Exception {
        Path host = host(Role.NODE, "n2");
        StringWriter said = new StringWriter();
        int code = new CommandLine(new AgentCommand())
                .setErr(new PrintWriter(said, true))
                .execute("--node=n1", "--servers=127.0.0.1:1", "--data=" + directory.resolve("data"), "--pki=" + host);
        assertThat(code).as(said.toString()).isEqualTo(ExitCodes.REFUSED);
        assertThat(said.toString()).contains("not for NODE n1");
    }
}
