package io.quorate.server.api;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.UseJoinToken;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.tls.CertificateAuthority;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import io.quorate.v1.Member;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Admits nodes by join tokens: the token is used up in the log first, then the certificate is signed. */
public final class Joining {
    private final ClusterPort cluster;
    private final Optional<Pki> pki;
    private final Supplier<Instant> wallClock;

    /** @param pki empty on loopback without TLS: nothing to sign there */
    public Joining(ClusterPort cluster, Optional<Pki> pki, Supplier<Instant> wallClock) {
        this.cluster = cluster;
        this.pki = pki;
        this.wallClock = wallClock;
    }

    /** Fingerprint of the peer CA, for tokens. */
    String fingerprint() {
        return pki.map(files -> Pem.fingerprint(Pem.certificates(files.certificateOf(Pki.Authority.PEER))
                        .get(0)))
                .orElseThrow(() -> new ApiException(
                        Status.Code.FAILED_PRECONDITION,
                        "NO_TLS",
                        "this cluster runs without certificates, on loopback: nobody can join it by a token",
                        Map.of("next_step", "quorate init without --loopback-plaintext")));
    }

    CompletableFuture<JoinClusterResponse> join(JoinClusterRequest request) {
        JoinToken token;
        CertificateIdentity identity;
        try {
            token = JoinToken.parse(request.getToken());
            identity = new CertificateIdentity(request.getAgentOnly() ? Role.NODE : Role.SERVER, request.getNode());
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(String.valueOf(e.getMessage()));
        }
        if (!token.fingerprint().equals(fingerprint())) {
            throw new ApiException(
                    Status.Code.PERMISSION_DENIED, "INVALID_TOKEN", "the token is of another cluster", Map.of());
        }
        Pki files = pki.filter(Pki::canSign)
                .orElseThrow(() -> ApiException.unavailable(
                        "NO_SIGNING_KEY",
                        "the peer CA's key is not on this host: join through the server that has it"));
        return cluster.propose(use(token, identity)).thenApply(result -> {
            if (result.getCode() != 0) {
                throw new RejectedException(result);
            }
            return admit(request, identity, files);
        });
    }

    private Command use(JoinToken token, CertificateIdentity identity) {
        return Command.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setActor(Actor.newBuilder()
                        .setKind(Actor.Kind.KIND_SYSTEM)
                        .setName("join of " + identity.name())
                        .setVia(cluster.memberId()))
                .setKnownPosition(cluster.applied().position())
                .setUseJoinToken(UseJoinToken.newBuilder()
                        .setId(token.id())
                        .setSecretDigest(ByteString.copyFrom(token.secretDigest()))
                        .setNode(identity.name()))
                .build();
    }

    private JoinClusterResponse admit(JoinClusterRequest request, CertificateIdentity identity, Pki files) {
        CertificateAuthority authority = files.authority(Pki.Authority.PEER);
        X509Certificate leaf = authority.sign(
                request.getCertificateRequest().toByteArray(),
                identity,
                List.of(request.getAddress()),
                wallClock.get());
        ClusterState state = cluster.applied();
        JoinClusterResponse.Builder response = JoinClusterResponse.newBuilder()
                .setHeader(cluster.header(state.meta().getClusterId(), state.position()))
                .setCertificateChain(utf8(Pem.encode(List.of(leaf, authority.certificate()))))
                .setPeerCa(read(files, Pki.Authority.PEER))
                .setClientCa(read(files, Pki.Authority.CLIENT))
                .setClusterName(state.meta().getClusterName())
                .setGeneration(state.generation());
        state.voters().values().stream()
                .filter(row -> !row.getRemoved())
                .forEach(row -> response.addMembers(Projection.member(row)));
        return response.build();
    }

    private static ByteString read(Pki files, Pki.Authority authority) {
        try {
            return ByteString.copyFrom(Files.readAllBytes(files.certificateOf(authority)));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + files.certificateOf(authority), e);
        }
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFrom(text, StandardCharsets.US_ASCII);
    }

    /** A member as the state keeps it. */
    static VoterRow voterRow(Member member, ClusterState state) {
        // a member of a running cluster understands its level, or its agent and server would not have been let in
        int level = Math.max(1, state.meta().getFeatureLevel());
        return VoterRow.newBuilder()
                .setId(member.getId())
                .setName(member.getName())
                .setApiEndpoint(member.getApiEndpoint())
                .setRaftEndpoint(member.getRaftEndpoint())
                .setNodeEndpoint(member.getNodeEndpoint())
                .setVersion(member.getVersion())
                .setLevelMin(level)
                .setLevelMax(level)
                .build();
    }
}
