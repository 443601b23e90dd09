package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.CreateJoinToken;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.RegisterNode;
import io.quorate.server.tls.CertificateAuthority;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A join token gives its holder a name that is free, or its own; and who has none writes nothing into the log. */
class JoiningTest {
    private final LocalRaft raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", 1)));

    @TempDir
    private Path directory;

    private Joining joining;

    @BeforeEach
    void start() throws Exception {
        Pki pki = new Pki(directory);
        pki.createAuthorities("test", Instant.now());
        PeerClients nobody = new PeerClients(endpoint -> {
            throw new AssertionError("nobody else is asked: " + endpoint);
        });
        joining = new Joining(
                new ForwardingCluster(raft, nobody, new LeaderCalls(), Runnable::run), Optional.of(pki), Instant::now);
    }

    private JoinToken token(boolean agentOnly) {
        JoinToken token = JoinToken.random(joining.fingerprint());
        raft.commit(command -> command.setCreateJoinToken(CreateJoinToken.newBuilder()
                .setValidMillis(60_000)
                .setToken(JoinTokenRow.newBuilder()
                        .setId(token.id())
                        .setSecretDigest(ByteString.copyFrom(token.secretDigest()))
                        .setUsesLeft(1)
                        .setAgentOnly(agentOnly))));
        return token;
    }

    private static JoinClusterRequest.Builder host(JoinToken token, String node) {
        return JoinClusterRequest.newBuilder()
                .setToken(token.format())
                .setNode(node)
                .setAddress("10.0.0.9")
                .setCertificateRequest(
                        ByteString.copyFrom(CertificateAuthority.request(CertificateAuthority.newKeyPair(), node)));
    }

    private CertificateIdentity join(JoinClusterRequest.Builder request) throws Exception {
        JoinClusterResponse answer = joining.join(request.build()).join();
        return CertificateIdentity.of(
                        Pem.certificates(answer.getCertificateChain().toByteArray())
                                .get(0))
                .orElseThrow();
    }

    /** The reason of a refusal, which used up no token and wrote nothing. */
    private String refused(JoinClusterRequest.Builder request) {
        long before = raft.applied().revision();
        int proposals = raft.proposals;
        Throwable failure = joining.join(request.build())
                .handle((answer, refusal) -> ErrorMapper.unwrap(refusal))
                .join();
        assertThat(failure).isInstanceOf(ApiException.class);
        assertThat(raft.applied().revision()).isEqualTo(before);
        assertThat(raft.proposals).isEqualTo(proposals);
        return ((ApiException) failure).reason();
    }

    @Test
    void theNameOfAVoterIsGivenToItsReplacementAlone() throws Exception {
        JoinToken token = token(false);
        assertThat(refused(host(token, "n1"))).isEqualTo("NAME_TAKEN");
        assertThat(refused(host(token, "n1").setAgentOnly(true))).isEqualTo("NAME_TAKEN");
        assertThat(refused(host(token, "n1").setAgentOnly(true).setReplace(true)))
                .isEqualTo("NAME_TAKEN");
        assertThat(join(host(token, "n1").setReplace(true))).isEqualTo(new CertificateIdentity(Role.SERVER, "n1"));
    }

    @Test
    void theNameOfANodeAtWorkIsGivenToNobodyElse() throws Exception {
        Actor.Builder agent = Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName("a1");
        raft.commit(command -> command.setActor(agent)
                .setRegisterNode(RegisterNode.newBuilder()
                        .setNode("a1")
                        .setMachine(
                                MachineIdentity.newBuilder().setMachineId("m1").setBootId("b1"))
                        .setSessionNonce(ByteString.copyFrom(new byte[16]))
                        .setLevelMin(1)
                        .setLevelMax(1)));
        JoinToken token = token(false);
        for (boolean agentOnly : List.of(true, false)) {
            assertThat(refused(host(token, "a1").setAgentOnly(agentOnly))).isEqualTo("NAME_TAKEN");
            assertThat(refused(host(token, "a1").setAgentOnly(agentOnly).setReplace(true)))
                    .isEqualTo("NAME_TAKEN");
        }
        assertThat(refused(host(token, "a2").setReplace(true))).isEqualTo("INVALID");
    }

    @Test
    void aTokenForAgentsAdmitsNoVoter() throws Exception {
        JoinToken token = token(true);
        assertThat(refused(host(token, "n1").setReplace(true))).isEqualTo("INVALID_TOKEN");
        assertThat(refused(host(token, "n9"))).isEqualTo("INVALID_TOKEN");
        assertThat(join(host(token, "n9").setAgentOnly(true))).isEqualTo(new CertificateIdentity(Role.NODE, "n9"));
    }

    @Test
    void whatCannotBeSignedUsesUpNoToken() throws Exception {
        JoinToken token = token(false);
        assertThat(refused(host(token, "n9").setAddress("10.0.0"))).isEqualTo("INVALID");
        assertThat(refused(host(token, "n9").setAddress("*.example.org"))).isEqualTo("INVALID");
        assertThat(refused(host(token, "n9").setAddress(""))).isEqualTo("INVALID");
        assertThat(refused(host(token, "n9").setCertificateRequest(ByteString.copyFromUtf8("no request"))))
                .isEqualTo("INVALID");
        assertThat(join(host(token, "n9").setAddress("n9.example.org")))
                .isEqualTo(new CertificateIdentity(Role.SERVER, "n9"));
    }

    @Test
    void whoHasNoTokenWritesNothingIntoTheLog() {
        JoinToken token = token(false);
        JoinToken guessed = new JoinToken(token.id(), "A".repeat(32), token.fingerprint());
        assertThat(refused(host(guessed, "n9"))).isEqualTo("INVALID_TOKEN");
        assertThat(refused(host(JoinToken.random(token.fingerprint()), "n9"))).isEqualTo("INVALID_TOKEN");
    }

    @Test
    void joinsAreFewAtATime() {
        JoinToken token = token(false);
        raft.loseQuorum();
        List<CompletableFuture<JoinClusterResponse>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiting.add(joining.join(host(token, "n9").build()));
        }
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        ApiException refused = catchThrowableOfType(
                ApiException.class, () -> joining.join(host(token, "n9").build()));
        assertThat(refused.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
}
