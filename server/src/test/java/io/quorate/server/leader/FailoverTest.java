package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.RequestFence;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import io.quorate.v1.TicketState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to services when nodes, executors, devices or leaders fail. */
class FailoverTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final World world = new World();

    @BeforeEach
    void threeNodesUp() {
        world.runUntilAllUp();
    }

    private String startService(Safety safety) {
        world.apply(World.service("web", safety));
        world.runUntil("web runs", SOON, () -> !world.owner("web").isEmpty() && world.runs("web", world.owner("web")));
        return world.owner("web");
    }

    private void moveOwnershipAwayFromLeader() {
        world.accept(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web").setToNode("n2"))
                .build());
        world.runUntil("web on n2", SOON, () -> world.runs("web", "n2"));
    }

    @Test
    void aSilentNodeIsLostThenFencedAndItsServiceStartsElsewhereWithAHigherToken() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        long before = world.token("web");

        world.agent("n2").powerOff();
        Duration outage = world.runUntil(
                "web runs elsewhere",
                SOON,
                () -> !world.owner("web").equals("n2") && world.runs("web", world.owner("web")));

        assertThat(outage).isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(3));
        assertThat(world.token("web")).isGreaterThan(before);
        assertThat(world.attempts()).hasSize(1).first().asString().contains("fences n2 by ipmi");
        assertThat(world.hasEvent("NODE_FENCED")).isTrue();
    }

    @Test
    void withoutAFenceDeviceNothingMoves() {
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();

        world.agent("n2").powerOff();
        world.run(Duration.ofMinutes(10));

        assertThat(world.owner("web")).isEqualTo("n2");
        assertThat(world.attempts()).isEmpty();
    }

    @Test
    void aBestEffortServiceMovesAfterLeaseAndMargin() {
        startService(Safety.SAFETY_BEST_EFFORT);
        moveOwnershipAwayFromLeader();

        world.agent("n2").powerOff();
        Duration outage = world.runUntil(
                "web runs elsewhere",
                Duration.ofSeconds(20),
                () -> !world.owner("web").equals("n2") && world.runs("web", world.owner("web")));

        assertThat(outage).isBetween(Duration.ofSeconds(11), Duration.ofSeconds(13));
    }

    /** The timer for the longer wait was set already. */
    @Test
    void aBestEffortServiceWhoseWaitBecameShorterMovesWhenThatIsOver() {
        world.apply(margin(Duration.ofMinutes(10)));
        startService(Safety.SAFETY_BEST_EFFORT);
        moveOwnershipAwayFromLeader();

        world.agent("n2").powerOff();
        world.runUntil("n2 lost", SOON, () -> world.hasEvent("NODE_LOST"));
        world.apply(margin(Duration.ofSeconds(2)));
        world.runUntil(
                "web runs elsewhere",
                Duration.ofSeconds(15),
                () -> !world.owner("web").equals("n2") && world.runs("web", world.owner("web")));
    }

    private static Manifest margin(Duration margin) {
        return Manifest.newBuilder()
                .setSettings(SettingsSpec.newBuilder().setBestEffortMargin(Settings.duration(margin.toMillis())))
                .build();
    }

    @Test
    void aFailingDeviceIsTriedAgainUntilItWorks() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        world.device("ipmi", World.Device.FAILS);

        world.agent("n2").powerOff();
        world.run(Duration.ofMinutes(3));
        assertThat(world.owner("web")).isEqualTo("n2");
        assertThat(world.attempts()).hasSizeBetween(5, 15);

        world.device("ipmi", World.Device.WORKS);
        world.runUntil(
                "web runs elsewhere",
                Duration.ofSeconds(35),
                () -> !world.owner("web").equals("n2") && world.runs("web", world.owner("web")));
    }

    @Test
    void aSecondLevelIsTriedAtOnceWhenTheFirstIsExhausted() {
        world.apply(World.fenceDevice("a-ipmi"), World.fenceDevice("b-pdu"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        world.device("a-ipmi", World.Device.FAILS);

        world.agent("n2").powerOff();
        world.runUntil(
                "web runs elsewhere",
                Duration.ofSeconds(20),
                () -> !world.owner("web").equals("n2") && world.runs("web", world.owner("web")));

        assertThat(world.attempts()).last().asString().endsWith("by b-pdu");
        assertThat(world.attempts())
                .filteredOn(attempt -> attempt.endsWith("by a-ipmi"))
                .hasSize(3);
    }

    @Test
    void anotherExecutorTakesOverWhenTheFirstIsLost() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        world.device("ipmi", World.Device.HANGS);
        world.agent("n2").powerOff();
        world.runUntil("an attempt", SOON, () -> !world.attempts().isEmpty());
        assertThat(world.attempts()).containsExactly("n1 fences n2 by ipmi");

        world.device("ipmi", World.Device.WORKS);
        world.agent("n1").killAgent();
        world.runUntil("web runs on n3", Duration.ofSeconds(6), () -> world.runs("web", "n3"));

        assertThat(world.attempts()).containsExactly("n1 fences n2 by ipmi", "n3 fences n2 by ipmi");
    }

    @Test
    void aDeviceThatLiesIsContradictedWhileTheNodeStillRenews() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        world.device("ipmi", World.Device.LIES);
        long incarnation = world.agent("n2").incarnation();

        world.accept(Command.newBuilder()
                .setRequestFence(RequestFence.newBuilder().setNode("n2").setIncarnation(incarnation))
                .build());
        world.runUntil("the contradiction", SOON, () -> world.hasEvent("FENCE_CONTRADICTED"));

        assertThat(world.runs("web", "n2")).isTrue();
        assertThat(world.hasEvent("NODE_FENCED")).isFalse();
    }

    /** The executor of n2's ticket says "off" to this leader; as what comes of it. */
    private CompletableFuture<ReportResultsResponse> reportOff(String leader, String ticket) {
        NodeRow executor = world.state().node("n1");
        return new AgentCalls(world.raft(leader), world.loopOf(leader))
                .report(ReportResultsRequest.newBuilder()
                        .setNode("n1")
                        .setIncarnation(executor.getIncarnation())
                        .setSession(executor.getSession())
                        .setReportId("off-" + leader)
                        .addFences(FenceReport.newBuilder()
                                .setTicket(ticket)
                                .setAttempt(1)
                                .addDevices(FenceDeviceResult.newBuilder()
                                        .setDevice("ipmi")
                                        .setOffReadBack(true)))
                        .build());
    }

    private String ticketForNodeThatRunsOn() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        world.device("ipmi", World.Device.HANGS);
        world.accept(Command.newBuilder()
                .setRequestFence(RequestFence.newBuilder()
                        .setNode("n2")
                        .setIncarnation(world.agent("n2").incarnation()))
                .build());
        return world.state().tickets().keySet().iterator().next();
    }

    @Test
    void aNewLeaderBelievesNoDeviceBeforeItHasListenedToTheNode() {
        String ticket = ticketForNodeThatRunsOn();

        world.elect("n3");
        world.settle();
        CompletableFuture<ReportResultsResponse> answer = reportOff("n3", ticket);
        world.settle();
        assertThat(answer).isNotDone();
        world.runUntil("the contradiction", SOON, () -> world.hasEvent("FENCE_CONTRADICTED"));

        assertThat(answer).isCompleted();
        assertThat(world.runs("web", "n2")).isTrue();
        assertThat(world.hasEvent("NODE_FENCED")).isFalse();
    }

    @Test
    void whoReportsToALeaderThatEndsIsToldAtOnce() {
        String ticket = ticketForNodeThatRunsOn();

        world.elect("n3");
        world.settle();
        CompletableFuture<ReportResultsResponse> answer = reportOff("n3", ticket);
        world.settle();
        world.elect("n1");
        world.settle();

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void theOwnerThatAlsoLeadsIsReplacedByALeaderThatGivesEveryNodeItsFullTime() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        world.accept(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web").setToNode("n1"))
                .build());
        world.runUntil("web on n1", SOON, () -> world.runs("web", "n1"));

        world.powerOff("n1");
        world.run(Duration.ofSeconds(1));
        world.elect("n2");
        Duration silence =
                world.runUntil("n1 lost", SOON, () -> world.state().node("n1").getPhase() != NodePhase.NODE_PHASE_UP);
        Duration outage = silence.plus(world.runUntil(
                "web runs elsewhere",
                SOON,
                () -> !world.owner("web").equals("n1") && world.runs("web", world.owner("web"))));

        assertThat(silence).as("since the new leader began").isBetween(Duration.ofSeconds(2), Duration.ofMillis(2_500));
        assertThat(outage).isLessThan(Duration.ofMillis(3_500));
        assertThat(world.lastOutage())
                .as("the second without a leader counts, too")
                .isBetween(outage.plusMillis(1_000), outage.plusMillis(1_600));
        assertThat(world.attempts()).allMatch(attempt -> attempt.contains("fences n1"));
        assertThat(world.state().node("n3").getPhase()).isEqualTo(NodePhase.NODE_PHASE_UP);
    }

    @Test
    void aLeaderThatBuildsItsStateAnewDoesNotCountItsWholeTermAsSilence() {
        world.run(Duration.ofSeconds(30));
        world.powerOff("n2");
        world.raft("n1").rebuild();
        world.runUntil("n2 lost", SOON, () -> world.state().node("n2").getPhase() == NodePhase.NODE_PHASE_LOST);
        assertThat(world.state().node("n2").getSilenceMillis()).isBetween(2_000L, 3_000L);
    }

    @Test
    void aLeaderThatWasPausedBlamesNobodyForIt() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);

        world.clock().advance(Duration.ofSeconds(30));
        world.settle();
        world.run(SOON);

        assertThat(world.hasEvent("NODE_LOST")).isFalse();
    }

    @Test
    void anAgentThatDiesAndComesBackWithinTheGraceIsNotLost() {
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();

        world.agent("n2").killAgent();
        world.run(Duration.ofMillis(2_800));
        assertThat(world.hasEvent("NODE_LOST")).isFalse();
        world.agent("n2").startAgent();
        world.run(SOON);

        assertThat(world.hasEvent("NODE_LOST")).isFalse();
        assertThat(world.hasEvent("NODE_REATTACHED")).isTrue();
        assertThat(world.runs("web", "n2")).isTrue();
    }

    @Test
    void anAgentThatDiesForGoodIsLostAfterTheGrace() {
        world.agent("n2").killAgent();
        Duration silence = world.runUntil("n2 lost", SOON, () -> world.hasEvent("NODE_LOST"));

        assertThat(silence).isBetween(Duration.ofMillis(2_900), Duration.ofMillis(3_400));
    }

    @Test
    void anAnnouncedRestartOfAnAgentHasTwentySeconds() {
        world.agent("n2").detachAgent();
        Duration silence = world.runUntil("n2 lost", Duration.ofSeconds(30), () -> world.hasEvent("NODE_LOST"));

        assertThat(silence).isBetween(Duration.ofSeconds(19), Duration.ofMillis(20_500));
    }

    @Test
    void aNodeThatWasCutOffAndHealsBeforeAnythingElseKeepsItsService() {
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        long token = world.token("web");

        world.agent("n2").cutOff();
        world.runUntil("n2 lost", SOON, () -> world.hasEvent("NODE_LOST"));
        world.agent("n2").heal();
        world.runUntil("n2 back", SOON, () -> world.hasEvent("NODE_REATTACHED"));
        world.run(SOON);

        assertThat(world.runs("web", "n2")).isTrue();
        assertThat(world.token("web")).isEqualTo(token);
    }

    @Test
    void aNodeThatWasFencedComesBackWithANewLifeAndOwnsNothingOfTheOld() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        long before = world.agent("n2").incarnation();
        world.agent("n2").cutOff();
        world.runUntil(
                "web runs elsewhere",
                SOON,
                () -> !world.owner("web").equals("n2") && world.runs("web", world.owner("web")));
        String owner = world.owner("web");

        world.agent("n2").powerOn();
        world.runUntil("n2 up", SOON, () -> world.state().node("n2").getPhase() == NodePhase.NODE_PHASE_UP);
        world.run(SOON);

        assertThat(world.agent("n2").incarnation()).isGreaterThan(before);
        assertThat(world.owner("web")).isEqualTo(owner);
        assertThat(world.state().tickets().values())
                .allMatch(ticket -> ticket.getState() == TicketState.TICKET_STATE_CONFIRMED);
    }

    @Test
    void aFailedServiceIsStartedAgainInPlace() {
        String owner = startService(Safety.SAFETY_EXCLUSIVE);
        long token = world.token("web");

        world.agent(owner).failOnce("web");
        world.runUntil("the failure", SOON, () -> world.hasEvent("RESOURCE_FAILED"));
        world.runUntil("web runs again", SOON, () -> world.runs("web", owner));

        assertThat(world.token("web")).isEqualTo(token);
    }

    @Test
    void aColdStartFencesNobodyBeforeTheGraceIsOver() {
        world.apply(World.fenceDevice("ipmi"));
        startService(Safety.SAFETY_EXCLUSIVE);
        moveOwnershipAwayFromLeader();
        World restarted = world.coldStart();

        restarted.run(Duration.ofMinutes(1));
        restarted.agent("n1").powerOn();
        restarted.agent("n3").powerOn();
        restarted.run(Duration.ofSeconds(115));
        assertThat(restarted.owner("web")).isEqualTo("n2");
        assertThat(restarted.attempts()).isEmpty();

        restarted.runUntil(
                "web runs elsewhere",
                Duration.ofSeconds(10),
                () -> !restarted.owner("web").equals("n2") && restarted.runs("web", restarted.owner("web")));
    }
}
