package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Who is given a lease, and when. */
class LeaseTest {
    /** Longer than renewals wait for others to share a round of confirmation, shorter than the interval between them. */
    private static final Duration ROUND = Duration.ofMillis(160);

    private final World world = new World();
    private final AgentCalls calls = world.calls("n1");
    private long sequence;

    private RegisterAgentRequest.Builder registration(String node, String process) {
        return RegisterAgentRequest.newBuilder()
                .setNode(node)
                .setMachine(MachineIdentity.newBuilder()
                        .setMachineId("machine-" + node)
                        .setBootId("boot-1"))
                .setSessionNonce(ByteString.copyFromUtf8(process))
                .setLevelMin(1)
                .setLevelMax(1);
    }

    private RegisterAgentResponse register(String process) {
        RegisterAgentResponse response =
                calls.register(registration("n9", process).build()).join();
        world.settle();
        return response;
    }

    private CompletableFuture<RenewLeaseResponse> renew(RegisterAgentResponse life) {
        return renew(life, Position.getDefaultInstance());
    }

    private CompletableFuture<RenewLeaseResponse> renew(RegisterAgentResponse life, Position highestSeen) {
        sequence++;
        CompletableFuture<RenewLeaseResponse> answer = calls.renew(
                RenewLeaseRequest.newBuilder()
                        .setNode("n9")
                        .setIncarnation(life.getIncarnation())
                        .setSession(life.getSession())
                        .setSequence(sequence)
                        .setHighestSeen(highestSeen)
                        .build(),
                world.clock().monotonicNanos());
        world.settle();
        world.clock().advance(ROUND);
        world.settle();
        return answer;
    }

    @Test
    void aRenewalIsAnsweredAfterABarrierThatBeganAfterItArrived() {
        RegisterAgentResponse life = register("a");
        world.raft("n1").hold();
        CompletableFuture<RenewLeaseResponse> first = renew(life);
        CompletableFuture<RenewLeaseResponse> later = renew(life);
        assertThat(first).isNotDone();
        int barriers = world.raft("n1").barriers();

        world.raft("n1").release();
        world.settle();

        assertThat(first.join().getVerdict()).isEqualTo(RenewLeaseResponse.Verdict.VERDICT_RENEWED);
        assertThat(later.join().getVerdict()).isEqualTo(RenewLeaseResponse.Verdict.VERDICT_RENEWED);
        assertThat(world.raft("n1").barriers()).isEqualTo(barriers + 1);
    }

    @Test
    void renewalsThatArriveTogetherShareOneBarrier() {
        RegisterAgentResponse life = register("a");
        int barriers = world.raft("n1").barriers();
        for (int i = 0; i < 20; i++) {
            var unused = calls.renew(
                    RenewLeaseRequest.newBuilder()
                            .setNode("n9")
                            .setIncarnation(life.getIncarnation())
                            .setSession(life.getSession())
                            .setSequence(i)
                            .build(),
                    world.clock().monotonicNanos());
        }
        world.settle();
        world.clock().advance(ROUND);
        world.settle();

        assertThat(world.raft("n1").barriers()).isEqualTo(barriers + 1);
    }

    @Test
    void aDeposedLeaderNeverAnswersARenewal() {
        RegisterAgentResponse life = register("a");
        world.raft("n1").cutOff();
        world.elect("n2");

        CompletableFuture<RenewLeaseResponse> answer = renew(life);
        world.clock().advance(Duration.ofSeconds(20));
        world.settle();
        assertThat(answer).isNotDone();

        world.raft("n1").heal();
        world.settle();
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void aLostNodeIsRefusedAndMayRegisterAgainWithTheSameProcess() {
        RegisterAgentResponse life = register("a");
        for (int i = 0; i < 60; i++) {
            world.clock().advance(Duration.ofMillis(50));
            world.settle();
        }
        assertThat(world.hasEvent("NODE_LOST")).isTrue();

        assertThat(renew(life).join().getVerdict()).isEqualTo(RenewLeaseResponse.Verdict.VERDICT_REVOKED);
        RegisterAgentResponse again = register("a");

        assertThat(again.getIncarnation()).isEqualTo(life.getIncarnation());
        assertThat(again.getSession()).isGreaterThan(life.getSession());
        assertThat(renew(again).join().getVerdict()).isEqualTo(RenewLeaseResponse.Verdict.VERDICT_RENEWED);
    }

    @Test
    void aLeaderThatCannotConfirmItselfBlamesNobodyForThatTime() {
        RegisterAgentResponse life = register("a");
        world.raft("n1").hold();
        CompletableFuture<RenewLeaseResponse> answer = renew(life);
        for (int i = 0; i < 100; i++) {
            world.clock().advance(Duration.ofMillis(50));
            world.settle();
        }

        world.raft("n1").release();
        world.settle();

        assertThat(answer.join().getVerdict()).isEqualTo(RenewLeaseResponse.Verdict.VERDICT_RENEWED);
        assertThat(world.hasEvent("NODE_LOST")).isFalse();
    }

    @Test
    void anEarlierAgentProcessIsRefused() {
        RegisterAgentResponse first = register("a");
        RegisterAgentResponse second = register("b");

        assertThat(second.getIncarnation()).isEqualTo(first.getIncarnation());
        assertThat(renew(first).join().getVerdict()).isEqualTo(RenewLeaseResponse.Verdict.VERDICT_OLD_INCARNATION);
    }

    @Test
    void aRepeatedRegistrationHasOneOutcome() {
        assertThat(register("a").getSession()).isEqualTo(register("a").getSession());
    }

    @Test
    void aRenewalThatHasSeenMoreThanTheClusterHoldsHaltsTheLeader() {
        CompletableFuture<RenewLeaseResponse> answer = renew(register("a"), Positions.of(1, 1_000));
        assertThatThrownBy(answer::join).hasMessageContaining("1:1000");
        assertThat(world.raft("n1").isHalted()).isTrue();
    }

    @Test
    void anAgentThatHasSeenMoreThanTheClusterHoldsHaltsTheLeader() {
        assertThatThrownBy(() -> calls.register(registration("n9", "a")
                                .setClusterId("c1")
                                .setHighestSeen(Positions.of(1, 1_000))
                                .build())
                        .join())
                .hasCauseInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("1:1000");
        assertThat(world.raft("n1").isHalted()).isTrue();
    }

    @Test
    void anAgentThatDoesNotKnowItsClusterHaltsNobody() {
        assertThatThrownBy(() -> calls.register(registration("n9", "a")
                                .clearClusterId()
                                .setHighestSeen(Positions.of(1, 1_000))
                                .build())
                        .join())
                .hasMessageContaining("a cluster that it does not know any more");
        assertThat(world.raft("n1").isHalted()).isFalse();
    }

    @Test
    void anAgentOfAnotherClusterIsRefused() {
        assertThatThrownBy(() -> calls.register(
                                registration("n9", "a").setClusterId("c2").build())
                        .join())
                .hasMessageContaining("belongs to cluster c2");
    }

    @Test
    void aServerThatDoesNotLeadTakesNoRenewals() {
        RegisterAgentResponse life = register("a");
        world.elect("n2");
        world.settle();

        assertThatThrownBy(() -> renew(life).join()).hasCauseInstanceOf(UnavailableException.class);
    }
}
