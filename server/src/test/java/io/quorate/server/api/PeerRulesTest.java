package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.log.v1.UseJoinToken;
import io.quorate.peer.v1.ForwardCallRequest;
import io.quorate.server.api.Caller.Role;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Member;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The certificate of a server opens what its own host needs, and no door of anybody else. */
class PeerRulesTest {
    private static final Caller VOTER = new Caller(Role.SERVER, "n2");
    private static final Caller STRANGER = new Caller(Role.SERVER, "n9");
    private static final String REPLACE = "quorate.v1.ClusterService/ReplaceMember";

    private final LocalRaft raft = LocalRaft.leader(
            List.of(ServersFixture.voter("n1-aaaa", "n1", 1), ServersFixture.voter("n2-bbbb", "n2", 2)));
    private final ClusterState state = raft.applied();

    private static Actor actor(Actor.Kind kind, String name) {
        return Actor.newBuilder().setKind(kind).setName(name).build();
    }

    private static Command.Builder command(Actor.Kind kind, String name) {
        return Command.newBuilder().setActor(actor(kind, name)).setMoveUnit(MoveUnit.getDefaultInstance());
    }

    private static ForwardCallRequest call(String method, Actor.Kind kind, String name) {
        return ForwardCallRequest.newBuilder()
                .setMethod(method)
                .setActor(actor(kind, name))
                .build();
    }

    private static Status.Code refusal(ThrowingCallable asked) {
        return catchThrowableOfType(ApiException.class, asked).status();
    }

    @Test
    void aVoterForwardsTheChangesOfItsClients() {
        assertThatCode(() -> PeerRules.requireMayPropose(
                        VOTER, command(Actor.Kind.KIND_USER, "alice").build(), state))
                .doesNotThrowAnyException();
        assertThat(PeerRules.requireMayCall(VOTER, call(REPLACE, Actor.Kind.KIND_USER, "alice"), state))
                .isEqualTo(new Caller(Role.CLIENT, "alice"));
    }

    /** Any host that joined as a server has such a certificate, also after it was replaced. */
    @Test
    void aServerThatDoesNotVoteVouchesForNobody() {
        Command move = command(Actor.Kind.KIND_USER, "alice").build();
        assertThat(refusal(() -> PeerRules.requireMayPropose(STRANGER, move, state)))
                .isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal(
                        () -> PeerRules.requireMayCall(STRANGER, call(REPLACE, Actor.Kind.KIND_USER, "alice"), state)))
                .isEqualTo(Status.Code.UNAVAILABLE);
        assertThatCode(() -> PeerRules.requireMayCall(
                        STRANGER, call("quorate.v1.ClusterService/GetStatus", Actor.Kind.KIND_USER, "alice"), state))
                .as("it may look")
                .doesNotThrowAnyException();
        raft.commit(removed -> removed.setRemoveVoter(RemoveVoter.newBuilder().setId("n2-bbbb")));
        assertThat(refusal(() -> PeerRules.requireMayPropose(VOTER, move, raft.applied())))
                .as("replaced")
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void commandsOfLeadersNodesAndTheSystemAreNotForwarded() {
        assertThat(refusal(() -> PeerRules.requireMayPropose(
                        VOTER, command(Actor.Kind.KIND_LEADER, "n2").build(), state)))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(() -> PeerRules.requireMayPropose(
                        VOTER,
                        command(Actor.Kind.KIND_USER, "alice")
                                .setFormedInTerm(1)
                                .build(),
                        state)))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(List.of(
                        command(Actor.Kind.KIND_NODE, "n2").setRegisterNode(RegisterNode.getDefaultInstance()),
                        command(Actor.Kind.KIND_SYSTEM, "init"),
                        command(Actor.Kind.KIND_USER, ""),
                        command(Actor.Kind.KIND_USER, "alice").setRegisterVoter(RegisterVoter.getDefaultInstance()),
                        command(Actor.Kind.KIND_SYSTEM, "x").setRegisterVoter(RegisterVoter.getDefaultInstance()),
                        command(Actor.Kind.KIND_USER, "alice").setRemoveVoter(RemoveVoter.getDefaultInstance())))
                .allSatisfy(forged -> assertThat(
                                refusal(() -> PeerRules.requireMayPropose(VOTER, forged.build(), state)))
                        .isEqualTo(Status.Code.PERMISSION_DENIED));
        assertThatCode(() -> PeerRules.requireMayPropose(
                        VOTER,
                        command(Actor.Kind.KIND_SYSTEM, "join of n4")
                                .setUseJoinToken(UseJoinToken.getDefaultInstance())
                                .build(),
                        state))
                .doesNotThrowAnyException();
    }

    @Test
    void aServerAsksToVoteForItselfOnly() {
        assertThat(PeerRules.requireMayCall(STRANGER, call(REPLACE, Actor.Kind.KIND_NODE, "n9"), state))
                .isEqualTo(STRANGER);
        assertThat(refusal(() -> PeerRules.requireMayCall(STRANGER, call(REPLACE, Actor.Kind.KIND_NODE, "n2"), state)))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThatCode(() -> PeerRules.requireMayReplace(STRANGER, "n9", "")).doesNotThrowAnyException();
        assertThatCode(() -> PeerRules.requireMayReplace(VOTER, "n2", "n2")).doesNotThrowAnyException();
        assertThat(refusal(() -> PeerRules.requireMayReplace(STRANGER, "n9", "n2")))
                .as("another's place")
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal(() -> PeerRules.requireMayReplace(STRANGER, "n4", "")))
                .as("another's admission")
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThatCode(() -> PeerRules.requireMayReplace(new Caller(Role.CLIENT, "alice"), "n9", "n2"))
                .doesNotThrowAnyException();
    }

    /** Else a host with one certificate could bring in voters without end. */
    @Test
    void aServerTakesThePlaceOfItsNameWhetherItNamesItOrNot() {
        Member again = Member.newBuilder().setId("n2-0001").setName("n2").build();
        assertThat(PeerRules.placeOf(VOTER, again, "", state)).isEqualTo("n2-bbbb");
        assertThat(PeerRules.placeOf(VOTER, again, "n2-bbbb", state)).isEqualTo("n2-bbbb");
        assertThat(PeerRules.placeOf(VOTER, again, "n2-gone", state))
                .as("who is gone already has no place to give")
                .isEqualTo("n2-bbbb");
        assertThat(PeerRules.placeOf(new Caller(Role.CLIENT, "alice"), again, "", state))
                .as("a person names who goes")
                .isEmpty();
        assertThat(PeerRules.placeOf(VOTER, again.toBuilder().setId("n2-bbbb").build(), "", state))
                .as("nobody takes its own place")
                .isEmpty();
        Member stranger = Member.newBuilder().setId("n9-0001").setName("n9").build();
        assertThat(PeerRules.placeOf(STRANGER, stranger, "", state)).isEmpty();
        raft.commit(removed -> removed.setRemoveVoter(RemoveVoter.newBuilder().setId("n2-bbbb")));
        assertThat(PeerRules.placeOf(VOTER, again, "", raft.applied())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quorate.v1.ClusterService/TransferLeadership",
                "quorate.v1.NodeService/CheckFencing",
                "quorate.v1.Unknown/Call"
            })
    void aServerMakesNoOtherCallInItsOwnName(String method) {
        assertThat(refusal(() -> PeerRules.requireMayCall(VOTER, call(method, Actor.Kind.KIND_NODE, "n2"), state)))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    @Test
    void aForwardedCallNeedsAClientWhoMayMakeIt() {
        assertThat(List.of(
                        call("quorate.v1.Unknown/Call", Actor.Kind.KIND_USER, "alice"),
                        call("quorate.agent.v1.AgentService/RenewLease", Actor.Kind.KIND_USER, "alice"),
                        call(REPLACE, Actor.Kind.KIND_USER, ""),
                        call(REPLACE, Actor.Kind.KIND_SYSTEM, "x")))
                .allSatisfy(call -> assertThat(refusal(() -> PeerRules.requireMayCall(VOTER, call, state)))
                        .isEqualTo(Status.Code.PERMISSION_DENIED));
    }
}
