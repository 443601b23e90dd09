package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.handler.ssl.ClientAuth;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetSettingsRequest;
import io.quorate.v1.GetSettingsResponse;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With certificates the connection is TLS 1.3 in both directions, and a server of another name is not believed. */
class MutualTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path directory;

    private final AtomicReference<SSLSession> session = new AtomicReference<>();
    private Server server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.shutdownNow();
        }
    }

    /** A certificate that signs itself, so that it is its own authority; made by the JDK's own tool. */
    private TlsFiles certificate(String name, String alternativeName) throws Exception {
        return certificate(name, "quorate-server", alternativeName);
    }

    private TlsFiles certificate(String name, String organization, String alternativeName) throws Exception {
        Path store = directory.resolve(name + ".p12");
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "me",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name + ",O=" + organization,
                        "-ext",
                        "san=" + alternativeName,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(tool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        Path certificate =
                pem(name + ".crt", "CERTIFICATE", keys.getCertificate("me").getEncoded());
        Path key = pem(name + ".key", "PRIVATE KEY", keys.getKey("me", PASSWORD).getEncoded());
        return new TlsFiles(certificate, certificate, key);
    }

    private Path pem(String file, String type, byte[] content) throws Exception {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                directory.resolve(file), "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }

    private Endpoint serve(TlsFiles own, TlsFiles clients) throws Exception {
        ServerServiceDefinition service = ServerServiceDefinition.builder(ClusterServiceGrpc.SERVICE_NAME)
                .addMethod(
                        ClusterServiceGrpc.getGetSettingsMethod(), ServerCalls.asyncUnaryCall((request, observer) -> {
                            observer.onNext(GetSettingsResponse.getDefaultInstance());
                            observer.onCompleted();
                        }))
                .build();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.forServer(
                                own.certificate().toFile(), own.key().toFile())
                        .trustManager(clients.certificate().toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .addService(ServerInterceptors.intercept(service, new SessionWitness()))
                .build()
                .start();
        return new Endpoint("127.0.0.1", server.getPort());
    }

    private static GetSettingsResponse call(Endpoint endpoint, TlsFiles files) {
        ClientConfig config = new ClientConfig(List.of(endpoint), Optional.of(files));
        try (QuorateClient client = QuorateClient.create(config)) {
            return client.read(ClusterServiceGrpc.getGetSettingsMethod(), GetSettingsRequest.getDefaultInstance());
        }
    }

    @Test
    void bothSidesShowTheirCertificates() throws Exception {
        TlsFiles own = certificate("server", "ip:127.0.0.1");
        TlsFiles mine = certificate("client", "dns:client");
        Endpoint endpoint = serve(own, mine);
        call(endpoint, new TlsFiles(own.certificate(), mine.certificate(), mine.key()));
        assertThat(session.get().getProtocol()).isEqualTo("TLSv1.3");
        assertThat(session.get().getPeerPrincipal().getName()).isEqualTo("CN=client,O=quorate-server");
    }

    @Test
    void aServerOfAnotherNameIsNotBelieved() throws Exception {
        TlsFiles own = certificate("server", "dns:other.example");
        Endpoint endpoint = serve(own, own);
        ClientConfig config = new ClientConfig(List.of(endpoint), Optional.of(own)).within(Duration.ofSeconds(2));
        try (QuorateClient client = QuorateClient.create(config)) {
            QuorateException error = catchThrowableOfType(
                    QuorateException.class,
                    () -> client.read(
                            ClusterServiceGrpc.getGetSettingsMethod(), GetSettingsRequest.getDefaultInstance()));
            assertThat(error.category()).isEqualTo(Category.UNAVAILABLE);
            assertThat(error.text()).contains("127.0.0.1");
        }
        assertThat(session).hasNullValue();
    }

    @Test
    void anAgentIsNotBelievedToBeAServer() throws Exception {
        TlsFiles agent = certificate("agent", "quorate-node", "ip:127.0.0.1");
        Endpoint endpoint = serve(agent, agent);
        ClientConfig config = new ClientConfig(List.of(endpoint), Optional.of(agent)).within(Duration.ofSeconds(2));
        try (QuorateClient client = QuorateClient.create(config)) {
            QuorateException error = catchThrowableOfType(
                    QuorateException.class,
                    () -> client.read(
                            ClusterServiceGrpc.getGetSettingsMethod(), GetSettingsRequest.getDefaultInstance()));
            assertThat(error.category()).isEqualTo(Category.UNAVAILABLE);
            assertThat(error.text()).contains("is no server");
            assertThat(error.nextStep()).contains("quorate cert ls");
        }
        assertThat(session).hasNullValue();
    }

    @Test
    void aMissingFileIsNamed() throws Exception {
        TlsFiles absent =
                new TlsFiles(directory.resolve("ca.crt"), directory.resolve("c.crt"), directory.resolve("c.key"));
        QuorateException error =
                catchThrowableOfType(QuorateException.class, () -> call(new Endpoint("127.0.0.1", 1), absent));
        assertThat(error).hasMessage(directory.resolve("ca.crt") + ": no such file");
        assertThat(error.category()).isEqualTo(Category.INVALID);
        assertThat(error.nextStep()).contains("quorate cert issue client");
    }

    /** Remembers how the last call was secured. */
    private final class SessionWitness implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            session.set(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            return next.startCall(call, headers);
        }
    }
}
