package io.quorate.server.api;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.UseJoinToken;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.tls.CertificateAuthority;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import io.quorate.v1.Member;
import io.quorate.v1.NodePhase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Admits nodes by join tokens: the token is used up in the log first, then the certificate is signed. */
public final class Joining {
    /** Callers without a certificate can ask for this alone: together they get no more than this. */
    private static final int MAX_AT_ONCE = 4;

    private final Semaphore atOnce = new Semaphore(MAX_AT_ONCE);
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
                        Map.of("next_step", "begin a cluster with certificates: quorate init")));
    }

    /**
     * Admits a host. Everything is checked before the token is used up, on a state that holds every token and every
     * name acknowledged so far: a caller that nobody knows writes nothing into the log.
     */
    CompletableFuture<JoinClusterResponse> join(JoinClusterRequest request) {
        if (!atOnce.tryAcquire()) {
            throw new ApiException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "TOO_MANY_JOINS",
                    MAX_AT_ONCE + " hosts are joining now: try again",
                    Map.of());
        }
        CompletableFuture<JoinClusterResponse> joined;
        try {
            joined = Reads.bounded(admitted(request));
        } catch (RuntimeException e) {
            joined = CompletableFuture.failedFuture(e);
        }
        return joined.whenComplete((answer, failure) -> atOnce.release());
    }

    private CompletableFuture<JoinClusterResponse> admitted(JoinClusterRequest request) {
        JoinToken token;
        CertificateIdentity identity;
        PublicKey key;
        try {
            token = JoinToken.parse(request.getToken());
            identity = new CertificateIdentity(request.getAgentOnly() ? Role.NODE : Role.SERVER, request.getNode());
            key = CertificateAuthority.requestedKey(
                    request.getCertificateRequest().toByteArray());
        } catch (IllegalArgumentException | TlsException e) {
            throw ApiException.invalid(String.valueOf(e.getMessage()));
        }
        if (!Limits.isName(identity.name()) || !CertificateAuthority.isAddress(request.getAddress())) {
            throw ApiException.invalid("a host joins with a name of letters, digits, '.', '_' and '-', and with an"
                    + " internet address or a host name");
        }
        if (!token.fingerprint().equals(fingerprint())) {
            throw new ApiException(
                    Status.Code.PERMISSION_DENIED, "INVALID_TOKEN", "the token is of another cluster", Map.of());
        }
        Pki files = pki.filter(Pki::canSign)
                .orElseThrow(() -> ApiException.unavailable(
                        "NO_SIGNING_KEY",
                        "the peer CA's key is not on this host: join through the server that has it"));
        // with a wrong secret of a token that is known here, nobody else is asked
        if (cluster.applied().joinTokens().containsKey(token.id())) {
            requireToken(cluster.applied(), token, identity);
        }
        return cluster.readLinearizable()
                .thenCompose(state -> {
                    requireToken(state, token, identity);
                    requireName(state, identity, request.getReplace());
                    return cluster.propose(use(token, identity));
                })
                .thenApply(result -> {
                    if (result.getCode() != 0) {
                        throw new RejectedException(result);
                    }
                    return admit(request.getAddress(), key, identity, files);
                });
    }

    /** As the rule TokenGood, but for the time, which only the log has; and the token must be for such a host. */
    private static void requireToken(ClusterState state, JoinToken token, CertificateIdentity identity) {
        JoinTokenRow row = state.joinTokens().get(token.id());
        if (row == null || !MessageDigest.isEqual(row.getSecretDigest().toByteArray(), token.secretDigest())) {
            throw new ApiException(
                    Status.Code.PERMISSION_DENIED,
                    "INVALID_TOKEN",
                    "the join token is unknown, used up or expired",
                    Map.of("next_step", "quorate member token"));
        }
        if (row.getAgentOnly() && identity.role() != Role.NODE) {
            throw new ApiException(
                    Status.Code.PERMISSION_DENIED,
                    "INVALID_TOKEN",
                    "the join token admits agents only",
                    Map.of("next_step", "add --agent-only to quorate join"));
        }
    }

    /** A certificate lets its owner speak for a name: one that is in use is given only to who comes back under it. */
    private static void requireName(ClusterState state, CertificateIdentity identity, boolean replace) {
        String name = identity.name();
        boolean votes = state.voters().values().stream()
                .anyMatch(row -> !row.getRemoved() && row.getName().equals(name));
        NodeRow node = state.node(name);
        if (votes) {
            if (identity.role() != Role.SERVER) {
                throw taken(name, "a voter is named " + name + ": an agent cannot join under its name");
            }
            if (!replace) {
                throw taken(name, "a voter named " + name + " is a member: if its disk is lost, join with --replace");
            }
        } else if (node != null) {
            boolean gone = node.getPhase() == NodePhase.NODE_PHASE_LOST || node.getPhase() == NodePhase.NODE_PHASE_OFF;
            if (!gone) {
                throw taken(name, "a node named " + name + " is at work: choose another name, or stop it first");
            }
            if (!replace) {
                throw taken(name, "there is a node named " + name + ": if this is the same one, join with --replace");
            }
        } else if (replace) {
            throw ApiException.invalid("nobody is named " + name + ": join without --replace");
        }
    }

    private static ApiException taken(String name, String message) {
        return new ApiException(
                Status.Code.FAILED_PRECONDITION, "NAME_TAKEN", message, Map.of("object", Keys.node(name)));
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

    private JoinClusterResponse admit(String address, PublicKey key, CertificateIdentity identity, Pki files) {
        CertificateAuthority authority = files.authority(Pki.Authority.PEER);
        X509Certificate leaf =
                authority.issue(key, identity, List.of(address), wallClock.get(), CertificateAuthority.LEAF_VALIDITY);
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
