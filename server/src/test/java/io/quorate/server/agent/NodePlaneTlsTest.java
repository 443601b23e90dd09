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
import io.quorate.server.config.ConfigException;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                .sslContext(NodePlaneTls.context(agent))
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
        assertThatThrownBy(() -> NodePlaneTls.context(directory.resolve("nowhere")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nowhere");
    }
}
