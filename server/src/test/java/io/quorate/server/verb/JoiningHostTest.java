package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.client.ClientContexts;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import io.quorate.server.config.AgentConfigFile;
import io.quorate.server.config.ServerConfigFile;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.tls.CertificateAuthority;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import io.quorate.v1.Member;
import io.quorate.v1.ResponseHeader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What join does to a host that was set up before: what its operator wrote stays. */
class JoiningHostTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final AtomicInteger admitted = new AtomicInteger();

    @TempDir
    private Path place;

    private Path etc;
    private Path pki;
    private Pki signer;
    private Server server;

    @BeforeEach
    void serve() throws Exception {
        etc = Files.createDirectories(place.resolve("etc"));
        pki = etc.resolve("pki");
        signer = new Pki(place.resolve("signer"));
        signer.createAuthorities("test", Instant.now());
        signer.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("127.0.0.1"), Instant.now());
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(new TlsContexts(signer).apiServer())
                .addService(new Admission())
                .build()
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        server.shutdownNow().awaitTermination();
    }

    /** Admits everybody. */
    private final class Admission extends ClusterServiceGrpc.ClusterServiceImplBase {
        @Override
        public void joinCluster(JoinClusterRequest request, StreamObserver<JoinClusterResponse> observer) {
            admitted.incrementAndGet();
            CertificateAuthority authority = signer.authority(Pki.Authority.PEER);
            X509Certificate leaf = authority.sign(
                    request.getCertificateRequest().toByteArray(),
                    new CertificateIdentity(request.getAgentOnly() ? Role.NODE : Role.SERVER, request.getNode()),
                    List.of(request.getAddress()),
                    Instant.now());
            observer.onNext(JoinClusterResponse.newBuilder()
                    .setHeader(ResponseHeader.newBuilder().setClusterId("4f2a6c1de0b94c55a1f07d3b8c6e9a21"))
                    .setClusterName("test")
                    .setGeneration(1)
                    .setCertificateChain(ByteString.copyFromUtf8(Pem.encode(List.of(leaf, authority.certificate()))))
                    .setPeerCa(file(signer.certificateOf(Pki.Authority.PEER)))
                    .setClientCa(file(signer.certificateOf(Pki.Authority.CLIENT)))
                    .addMembers(member("n1", "10.0.0.1"))
                    .addMembers(member("n2", "10.0.0.2"))
                    .build());
            observer.onCompleted();
        }
    }

    private static Member member(String name, String address) {
        return Member.newBuilder()
                .setId(name + "-0000")
                .setName(name)
                .setApiEndpoint(address + ":7400")
                .setRaftEndpoint(address + ":7402")
                .setNodeEndpoint(address + ":7403")
                .build();
    }

    private static ByteString file(Path file) {
        try {
            return ByteString.copyFrom(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private int join(String node, String address, String... more) {
        JoinToken token = JoinToken.random(Pem.fingerprint(
                Pem.certificates(signer.certificateOf(Pki.Authority.PEER)).get(0)));
        CliContext context = new CliContext(
                new PrintWriter(out),
                new PrintWriter(err, true),
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                Map.of(),
                new ClientContexts(Map.of(), List.of()),
                place,
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> () -> {});
        List<String> words =
                new ArrayList<>(List.of("127.0.0.1:" + server.getPort(), "--token", token.format(), "--node", node));
        words.addAll(List.of("--address", address, "--pki", pki.toString()));
        words.addAll(List.of("--config", etc.resolve("server.yaml").toString()));
        words.addAll(Arrays.asList(more));
        return new CommandLine(new JoinVerb(context))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new));
    }

    private String data() {
        return place.resolve("data").toString();
    }

    private String write(String name, String text) throws IOException {
        Files.writeString(etc.resolve(name), text);
        return text;
    }

    private String read(String name) throws IOException {
        return Files.readString(etc.resolve(name));
    }

    @Test
    void aVoterThatLostItsDiskKeepsWhatItsOperatorWrote() throws Exception {
        String agent = write("agent.yaml", """
                # n2 has two cards
                node: n2
                servers: [10.0.0.1:7403, n2.example:7403]
                addresses: [10.0.0.2]
                fenceAgents: /opt/fence
                pki: %s
                """.formatted(pki));
        String voter = write("server.yaml", """
                node: n2
                data: %s
                listen: 0.0.0.0
                electionTimeoutMin: 2s
                electionTimeoutMax: 4s
                pki: %s
                """.formatted(data(), pki));
        assertThat(join("n2", "10.0.0.2", "--data", data(), "--replace"))
                .describedAs(err.toString())
                .isEqualTo(ExitCodes.OK);
        assertThat(read("agent.yaml")).isEqualTo(agent);
        assertThat(read("server.yaml")).isEqualTo(voter);
        assertThat(out.toString())
                .contains("agent.yaml is kept as it is; its servers do not name 10.0.0.2:7403")
                .contains("server.yaml is kept as it is, with listen: 0.0.0.0");
        assertThat(DataDirectory.isFormatted(Path.of(data()))).isTrue();
    }

    @Test
    void aNewHostGetsFilesThatItsServerAndAgentCanRead() throws Exception {
        assertThat(join("n3", "10.0.0.3", "--data", data()))
                .describedAs(err.toString())
                .isEqualTo(ExitCodes.OK);
        assertThat(ServerConfigFile.read(etc.resolve("server.yaml"))
                        .toConfig(ServerConfigFile.Flags.none())
                        .listen())
                .isEqualTo("10.0.0.3");
        assertThat(AgentConfigFile.read(etc.resolve("agent.yaml"))
                        .toConfig(AgentConfigFile.Flags.none())
                        .servers())
                .containsExactly("10.0.0.1:7403", "10.0.0.2:7403", "10.0.0.3:7403");
        assertThat(out.toString()).doesNotContain("kept");
    }

    @Test
    void filesOfAnotherNodeEndTheJoinBeforeTheTokenIsUsed() throws Exception {
        String agent = write("agent.yaml", "node: a1\nservers: [\"10.0.0.1:7403\"]\npki: " + pki + "\n");
        assertThat(join("a2", "10.0.1.2", "--agent-only")).isEqualTo(ExitCodes.USAGE);
        assertThat(join("n2", "10.0.0.2", "--data", data())).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).contains("agent.yaml is there and says node: a1, not a2");
        assertThat(admitted).hasValue(0);
        assertThat(read("agent.yaml")).isEqualTo(agent);
        assertThat(etc.resolve("server.yaml")).doesNotExist();
    }

    @Test
    void aServerFileWithAnotherDirectoryEndsTheJoinBeforeTheTokenIsUsed() throws Exception {
        write("server.yaml", "node: n2\ndata: /srv/quorate\nlisten: 10.0.0.2\npki: " + pki + "\n");
        assertThat(join("n2", "10.0.0.2", "--data", data())).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).contains("server.yaml is there and says data: /srv/quorate, not " + data());
        assertThat(admitted).hasValue(0);
        assertThat(Path.of(data())).doesNotExist();
    }

    @Test
    void anAgentsHostKeepsItsFile() throws Exception {
        String agent =
                write("agent.yaml", "node: a1\nservers: [\"10.0.0.1:7403\", \"10.0.0.2:7403\"]\npki: " + pki + "\n");
        assertThat(join("a1", "10.0.1.1", "--agent-only", "--replace"))
                .describedAs(err.toString())
                .isEqualTo(ExitCodes.OK);
        assertThat(read("agent.yaml")).isEqualTo(agent);
        assertThat(out.toString()).contains("agent.yaml is kept as it is\n");
        assertThat(etc.resolve("server.yaml")).doesNotExist();
    }
}
