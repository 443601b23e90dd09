package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.quorate.agent.v1.AgentServiceGrpc;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.log.v1.Actor;
import io.quorate.peer.v1.ForwardCallRequest;
import io.quorate.peer.v1.PeerServiceGrpc;
import io.quorate.peer.v1.ReadBarrierRequest;
import io.quorate.server.tls.CertificateAuthority;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import io.quorate.server.tls.TlsException;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.CreateJoinTokenRequest;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import io.quorate.v1.Member;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ReplaceMemberRequest;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in on which plane, over real TLS. */
class PlanesOverTlsTest {
    /** No connection, or one without any identity: a client may hold back a certificate that nobody asks for. */
    private static final List<Status.Code> SHUT = List.of(Status.Code.UNAVAILABLE, Status.Code.UNAUTHENTICATED);

    private final ServersFixture fixture = new ServersFixture();

    @TempDir
    private Path directory;

    private Pki pki;
    private GrpcServers servers;
    private LocalRaft raft;

    @BeforeEach
    void start() throws Exception {
        pki = new Pki(directory.resolve("n1"));
        pki.createAuthorities("test", Instant.now());
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("127.0.0.1"), Instant.now());
        pki.issueClient("alice", Instant.now());
        raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", 1)));
        servers = fixture.start(raft, raft, new SilentLeader(), 0, Optional.of(pki));
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private SslContext client(Path certificate, Path key) throws Exception {
        File trust = pki.certificateOf(Pki.Authority.PEER).toFile();
        return GrpcSslContexts.forClient()
                .keyManager(certificate.toFile(), key.toFile())
                .trustManager(trust)
                .build();
    }

    private SslContext anonymous() throws Exception {
        return GrpcSslContexts.forClient()
                .trustManager(pki.certificateOf(Pki.Authority.PEER).toFile())
                .build();
    }

    private SslContext alice() throws Exception {
        return client(pki.clientCertificate("alice"), pki.clientKey("alice"));
    }

    /** Another host's certificate of the same authorities. */
    private SslContext peer(Role role, String name, Instant issued, Duration validity) throws Exception {
        return certificate(Pki.Authority.PEER, role, name, issued, validity);
    }

    private SslContext certificate(Pki.Authority by, Role role, String name) throws Exception {
        return certificate(by, role, name, Instant.now(), Duration.ofDays(1));
    }

    private SslContext certificate(Pki.Authority by, Role role, String name, Instant issued, Duration validity)
            throws Exception {
        Pki other = new Pki(directory.resolve(name + "-" + role + "-" + by));
        CertificateAuthority authority = pki.authority(by);
        KeyPair pair = CertificateAuthority.newKeyPair();
        X509Certificate leaf = authority.issue(
                pair.getPublic(), new CertificateIdentity(role, name), List.of("127.0.0.1"), issued, validity);
        Pki.store(other.nodeCertificate(), other.nodeKey(), List.of(leaf, authority.certificate()), pair.getPrivate());
        return client(other.nodeCertificate(), other.nodeKey());
    }

    private SslContext peer(Role role, String name) throws Exception {
        return peer(role, name, Instant.now(), Duration.ofDays(1));
    }

    private Status.Code status(SslContext context, int port) {
        return codeOf(() -> ClusterServiceGrpc.newBlockingStub(fixture.tls(port, context))
                .getStatus(GetStatusRequest.getDefaultInstance()));
    }

    private Status.Code renew(SslContext context, String node) {
        return codeOf(() -> AgentServiceGrpc.newBlockingStub(fixture.tls(servers.nodePort(), context))
                .renewLease(RenewLeaseRequest.newBuilder().setNode(node).build()));
    }

    private Status.Code barrier(SslContext context) {
        return codeOf(() -> PeerServiceGrpc.newBlockingStub(fixture.tls(servers.nodePort(), context))
                .readBarrier(ReadBarrierRequest.getDefaultInstance()));
    }

    private static Status.Code codeOf(Runnable call) {
        try {
            call.run();
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @Test
    void aClientsCertificateOpensTheApiAndNothingElse() throws Exception {
        assertThat(status(alice(), servers.apiPort())).isEqualTo(Status.Code.OK);
        assertThat(renew(alice(), "alice")).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(barrier(alice())).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aNodesCertificateOpensTheNodePlaneForItsOwnNameOnly() throws Exception {
        SslContext n5 = peer(Role.NODE, "n5");
        assertThat(renew(n5, "n5")).isEqualTo(Status.Code.OK);
        assertThat(renew(n5, "n6")).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(barrier(n5)).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(status(n5, servers.apiPort())).isNotEqualTo(Status.Code.OK);
    }

    @Test
    void aServersCertificateForwardsAndItsHostMayRunAnAgent() throws Exception {
        SslContext n2 = peer(Role.SERVER, "n2");
        assertThat(barrier(n2)).isEqualTo(Status.Code.OK);
        assertThat(renew(n2, "n2")).isEqualTo(Status.Code.OK);
        assertThat(renew(n2, "n1")).isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    @Test
    void withoutACertificateOnlyHealthAndJoiningAnswer() throws Exception {
        assertThat(status(anonymous(), servers.apiPort())).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(HealthGrpc.newBlockingStub(fixture.tls(servers.apiPort(), anonymous()))
                        .check(HealthCheckRequest.newBuilder()
                                .setService("leader")
                                .build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(barrier(anonymous())).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void expiredAndForeignCertificatesAreRefused() throws Exception {
        SslContext expired = peer(Role.NODE, "n5", Instant.now().minus(Duration.ofDays(9)), Duration.ofDays(1));
        assertThat(renew(expired, "n5")).isEqualTo(Status.Code.UNAVAILABLE);
        Pki foreign = new Pki(directory.resolve("foreign"));
        foreign.createAuthorities("other", Instant.now());
        foreign.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of(), Instant.now());
        foreign.issueClient("alice", Instant.now());
        assertThat(barrier(client(foreign.nodeCertificate(), foreign.nodeKey())))
                .isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status(client(foreign.clientCertificate("alice"), foreign.clientKey("alice")), servers.apiPort()))
                .isNotEqualTo(Status.Code.OK);
    }

    @Test
    void plaintextIsNotSpokenOnATlsPort() {
        assertThat(codeOf(() -> ClusterServiceGrpc.newBlockingStub(fixture.plaintext(servers.apiPort()))
                        .getStatus(GetStatusRequest.getDefaultInstance())))
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void plaintextBeyondLoopbackIsRefusedAtStart() {
        assertThatThrownBy(() ->
                        GrpcServers.refusePlaintext(new InetSocketAddress("0.0.0.0", 7400), "api", Optional.empty()))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("quorate init");
    }

    @Test
    void aTokenAdmitsOnceAndTheCertificateIsForTheNameThatJoined() throws Exception {
        String token = ClusterServiceGrpc.newBlockingStub(fixture.tls(servers.apiPort(), alice()))
                .createJoinToken(CreateJoinTokenRequest.getDefaultInstance())
                .getToken();
        KeyPair pair = CertificateAuthority.newKeyPair();
        JoinClusterRequest request = JoinClusterRequest.newBuilder()
                .setToken(token)
                .setNode("n9")
                .setAddress("127.0.0.1")
                .setAgentOnly(true)
                .setCertificateRequest(ByteString.copyFrom(CertificateAuthority.request(pair, "n9")))
                .build();
        SslContext pinned = TlsContexts.toPinned(JoinToken.parse(token).fingerprint());
        Channel channel = fixture.tls(servers.apiPort(), pinned);
        JoinClusterResponse joined = ClusterServiceGrpc.newBlockingStub(channel).joinCluster(request);
        X509Certificate leaf =
                Pem.certificates(joined.getCertificateChain().toByteArray()).get(0);
        assertThat(CertificateIdentity.of(leaf)).contains(new CertificateIdentity(Role.NODE, "n9"));
        assertThat(joined.getMembersList()).hasSize(1);
        StatusRuntimeException again = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClusterServiceGrpc.newBlockingStub(channel).joinCluster(request));
        assertThat(again.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    @Test
    void aTokenThatWasOnlyTriedIsNotShown() throws Exception {
        assertThat(ClusterServiceGrpc.newBlockingStub(fixture.tls(servers.apiPort(), alice()))
                        .createJoinToken(CreateJoinTokenRequest.newBuilder()
                                .setOptions(MutationOptions.newBuilder().setValidateOnly(true))
                                .build())
                        .getToken())
                .isEmpty();
    }

    @Test
    void aServerWithAnotherAuthorityThanTheTokensIsNotTrusted() {
        SslContext pinned = TlsContexts.toPinned("0".repeat(64));
        assertThat(codeOf(() -> ClusterServiceGrpc.newBlockingStub(fixture.tls(servers.apiPort(), pinned))
                        .joinCluster(JoinClusterRequest.getDefaultInstance())))
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    /** A role counts only with the authority that makes certificates of it. */
    @Test
    void aRoleFromTheOtherAuthorityOpensNothing() throws Exception {
        SslContext clientOfPeerCa = peer(Role.CLIENT, "alice");
        assertThat(status(clientOfPeerCa, servers.apiPort())).isIn(SHUT);
        assertThat(renew(clientOfPeerCa, "alice")).isIn(SHUT);
        assertThat(barrier(clientOfPeerCa)).isIn(SHUT);
        for (Role role : List.of(Role.NODE, Role.SERVER)) {
            SslContext ofClientCa = certificate(Pki.Authority.CLIENT, role, "n1");
            assertThat(status(ofClientCa, servers.apiPort())).as("%s", role).isIn(SHUT);
            assertThat(renew(ofClientCa, "n1")).as("%s", role).isIn(SHUT);
            assertThat(barrier(ofClientCa)).as("%s", role).isIn(SHUT);
        }
    }

    @Test
    void theApiIsClosedToNodesAndServers() throws Exception {
        assertThat(status(peer(Role.NODE, "n5"), servers.apiPort())).isIn(SHUT);
        assertThat(status(peer(Role.SERVER, "n1"), servers.apiPort())).isIn(SHUT);
    }

    /** As a host does that joined as a server, and asks in a client's name or for another member. */
    @Test
    void aServersCertificateDoesNotChangeTheMembersOfTheCluster() throws Exception {
        Actor alice = Actor.newBuilder()
                .setKind(Actor.Kind.KIND_USER)
                .setName("alice")
                .build();
        Actor itself =
                Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName("n9").build();
        assertThat(replace("n9", alice, "n9")).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(replace("n9", itself, "n4")).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(replace("n8", itself, "n9")).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(raft.changes).isEmpty();
        assertThat(replace("n9", itself, "n9")).isEqualTo(Status.Code.OK);
        assertThat(raft.changes).hasSize(1);
    }

    private Status.Code replace(String certificate, Actor actor, String coming) throws Exception {
        SslContext context = peer(Role.SERVER, certificate);
        ReplaceMemberRequest request = ReplaceMemberRequest.newBuilder()
                .setWith(Member.newBuilder()
                        .setId(coming + "-cccc")
                        .setName(coming)
                        .setRaftEndpoint("127.0.0.1:4")
                        .setNodeEndpoint("127.0.0.1:5"))
                .build();
        return codeOf(() -> PeerServiceGrpc.newBlockingStub(fixture.tls(servers.nodePort(), context))
                .forwardCall(ForwardCallRequest.newBuilder()
                        .setMethod("quorate.v1.ClusterService/ReplaceMember")
                        .setActor(actor)
                        .setRequest(request.toByteString())
                        .build()));
    }
}
