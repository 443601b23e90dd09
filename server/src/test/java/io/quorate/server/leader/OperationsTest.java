package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.AttributeReport;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.CancelOperation;
import io.quorate.log.v1.ClearOverride;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.DeleteObject;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.EndNodeMaintenance;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.PauseCluster;
import io.quorate.log.v1.ProbeUnit;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.log.v1.RestartUnit;
import io.quorate.log.v1.ResumeCluster;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetOverride;
import io.quorate.statemachine.model.RunStates;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OperationState;
import io.quorate.v1.Override;
import io.quorate.v1.Pin;
import io.quorate.v1.Placement;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people ask for comes about, and is reported as finished; then everything rests. */
class OperationsTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final List<String> COPIES = List.of("db:0", "db:1", "db:2");

    private final World world = new World();

    @BeforeEach
    void threeNodesUp() {
        world.runUntilAllUp();
    }

    private OperationRow operation(CommandResult asked) {
        String id = asked.getObject().substring("operations/".length());
        return Objects.requireNonNull(world.state().operations().get(id));
    }

    private OperationState stateOf(CommandResult asked) {
        return operation(asked).getState();
    }

    private void finishes(CommandResult asked, OperationState as) {
        world.runUntil("operation finished", SOON, () -> stateOf(asked) == as);
    }

    private CommandResult ask(Command.Builder command) {
        return world.accept(command.build());
    }

    private CommandResult applied() {
        CommandResult asked = world.apply(World.service("web", Safety.SAFETY_EXCLUSIVE));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        return asked;
    }

    @Test
    void anApplyIsDoneWhenItsServiceRuns() {
        applied();
        assertThat(world.runs("web", world.owner("web"))).isTrue();
    }

    @Test
    void aServiceThatItsMonitorCallsDegradedRuns() {
        List.of("n1", "n2", "n3").forEach(node -> world.agent(node).degrade("web"));
        applied();
        finishes(
                ask(Command.newBuilder().setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web"))),
                OperationState.OPERATION_STATE_DONE);
    }

    @Test
    void aMoveIsDoneWhenTheServiceRunsThere() {
        applied();
        CommandResult asked = ask(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web").setToNode("n3")));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(world.runs("web", "n3")).isTrue();
        long token = world.token("web");

        world.run(Duration.ofMinutes(1));
        assertThat(world.token("web")).isEqualTo(token);
    }

    @Test
    void whatGoesAlongWithAMoveArrivesBeforeTheMoveIsDone() {
        Manifest.Builder web = World.service("web", Safety.SAFETY_EXCLUSIVE).toBuilder();
        web.getResourceBuilder().setPlacement(Placement.newBuilder().putNear("db", 150));
        finishes(
                world.apply(World.service("db", Safety.SAFETY_EXCLUSIVE), web.build()),
                OperationState.OPERATION_STATE_DONE);
        String former = world.owner("db");
        String target = former.equals("n3") ? "n2" : "n3";
        assertThat(world.owner("web")).isEqualTo(former);
        world.agent(former).holdStop("db");

        CommandResult asked = ask(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web").setToNode(target)));
        world.runUntil("moved", SOON, () -> world.runs("web", target));
        long token = world.token("web");
        world.run(Duration.ofSeconds(30));
        assertThat(stateOf(asked)).isEqualTo(OperationState.OPERATION_STATE_RUNNING);
        world.agent(former).letStop("db");

        finishes(asked, OperationState.OPERATION_STATE_DONE);
        world.run(Duration.ofMinutes(1));
        assertThat(world.runs("db", target)).isTrue();
        assertThat(world.token("web")).isEqualTo(token);
    }

    /** A promotable clone that runs on every node, which all agents want promoted as much; the node that has it promoted. */
    private String promotable() {
        world.apply(
                Manifest.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName("pg"))
                        .setResource(ResourceSpec.newBuilder()
                                .setOcf(OcfKind.newBuilder()
                                        .setProvider("heartbeat")
                                        .setType("pgsql")))
                        .build(),
                Manifest.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName("db"))
                        .setClone(CloneSpec.newBuilder().setOf("pg").setPromotable(Promotable.getDefaultInstance()))
                        .build());
        world.runUntil("copies on all nodes", SOON, () -> COPIES.stream().allMatch(this::isUp));
        for (NodeRow node : List.copyOf(world.state().nodes().values())) {
            ask(Command.newBuilder()
                    .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(node.getName()))
                    .setReportAttributes(ReportAttributes.newBuilder()
                            .setNode(node.getName())
                            .setIncarnation(node.getIncarnation())
                            .setSession(node.getSession())
                            .addAttributes(AttributeReport.newBuilder()
                                    .setName("promotion-score.db")
                                    .setValue("10"))));
        }
        world.runUntil("promoted", SOON, () -> isUp("db:promoted:0"));
        return world.owner("db:promoted:0");
    }

    @Test
    void aSwitchoverIsDoneWhenTheCopyThereIsPromoted() {
        String other = promotable().equals("n3") ? "n2" : "n3";
        CommandResult asked = ask(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder()
                        .setUnit("clones/db")
                        .setToNode(other)
                        .setPromoted(true)));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(world.runs("db:promoted:0", other)).isTrue();
        long token = world.token("db:promoted:0");

        world.run(Duration.ofMinutes(1));
        assertThat(world.token("db:promoted:0")).isEqualTo(token);
    }

    @Test
    void aRestartOfACloneTakesDownOneCopyAfterTheOtherThePromotedOneLast() {
        String promoted = promotable();
        CommandResult asked =
                ask(Command.newBuilder().setRestartUnit(RestartUnit.newBuilder().setUnit("clones/db")));
        world.runUntil("all restarted", SOON, () -> {
            assertThat(COPIES.stream().filter(copy -> !isUp(copy))).hasSizeLessThan(2);
            return stateOf(asked) == OperationState.OPERATION_STATE_DONE;
        });
        assertThat(COPIES).allMatch(this::isUp);
        String last = COPIES.stream()
                .max(Comparator.comparingLong(
                        copy -> instance(copy).getRecover().getRevision()))
                .orElseThrow();
        assertThat(COPIES).allMatch(copy -> instance(copy).hasRecover());
        assertThat(world.owner(last)).isEqualTo(promoted);
        assertThat(isUp("db:promoted:0")).isTrue();
    }

    private InstanceRow instance(String id) {
        return Objects.requireNonNull(world.state().instance(id));
    }

    private boolean isUp(String copy) {
        return RunStates.isUp(instance(copy));
    }

    @Test
    void aPinOfThePromotedRoleIsDoneWhenItIsObeyedOrHasToWait() {
        String other = promotable().equals("n3") ? "n2" : "n3";
        CommandResult pinned = ask(pin(other));
        finishes(pinned, OperationState.OPERATION_STATE_DONE);
        assertThat(world.runs("db:promoted:0", other)).isTrue();

        ask(Command.newBuilder().setDrainNode(DrainNode.newBuilder().setNode("n1")));
        CommandResult waits = ask(pin("n1"));
        finishes(waits, OperationState.OPERATION_STATE_DONE);
        assertThat(operation(waits).getDetail()).contains("the pin waits");
        assertThat(world.owner("db:promoted:0")).isNotEqualTo("n1");
    }

    private static Command.Builder pin(String node) {
        Override pin = Override.newBuilder()
                .setPin(Pin.newBuilder().setNode(node).setPromoted(true))
                .build();
        return Command.newBuilder()
                .setSetOverride(SetOverride.newBuilder().setUnit("clones/db").setOverride(pin));
    }

    @Test
    void aMoveToANodeThatIsLostMeanwhileFails() {
        applied();
        world.raft("n1").hold();
        world.agent("n3").powerOff();
        world.raft("n1").release();
        CommandResult asked = ask(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web").setToNode("n3")));
        finishes(asked, OperationState.OPERATION_STATE_FAILED);
    }

    @Test
    void aPinIsDoneWhenTheServiceRunsThereAndItsEndWhenItIsBack() {
        applied();
        String preferred = world.owner("web");
        String other = preferred.equals("n3") ? "n2" : "n3";
        CommandResult asked = ask(pin("web", other));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(world.runs("web", other)).isTrue();
        assertThat(operation(asked).getDetail()).isEqualTo("as wanted");

        Manifest.Builder service = World.service("web", Safety.SAFETY_EXCLUSIVE).toBuilder();
        service.getResourceBuilder().setPlacement(Placement.newBuilder().putPrefer(preferred, 1_000));
        world.apply(service.build());
        CommandResult ended = ask(Command.newBuilder()
                .setClearOverride(
                        ClearOverride.newBuilder().setUnit("resources/web").setKind("pin")));
        finishes(ended, OperationState.OPERATION_STATE_DONE);
        assertThat(world.runs("web", preferred)).isTrue();
    }

    @Test
    void aPinToANodeThatCannotTakeTheServiceIsNotWaitedFor() {
        applied();
        String other = world.owner("web").equals("n3") ? "n2" : "n3";
        ask(Command.newBuilder().setDrainNode(DrainNode.newBuilder().setNode(other)));
        CommandResult asked = ask(pin("web", other));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(operation(asked).getDetail()).isEqualTo("the pin waits until " + other + " can take it");
    }

    @Test
    void whoTakesAPinBackWaitsForNothingThatCannotRun() {
        Manifest.Builder nowhere = World.service("web", Safety.SAFETY_EXCLUSIVE).toBuilder();
        nowhere.getResourceBuilder().setPlacement(Placement.newBuilder().addAllAvoid(List.of("n1", "n2", "n3")));
        world.apply(nowhere.build());
        CommandResult pinned = ask(pin("web", "n2"));
        world.run(Duration.ofSeconds(10));
        assertThat(stateOf(pinned)).isEqualTo(OperationState.OPERATION_STATE_RUNNING);
        CommandResult ended = ask(Command.newBuilder()
                .setClearOverride(
                        ClearOverride.newBuilder().setUnit("resources/web").setKind("pin")));
        finishes(ended, OperationState.OPERATION_STATE_DONE);
        assertThat(operation(ended).getDetail()).isEqualTo("no longer pinned; web does not run");
        finishes(pinned, OperationState.OPERATION_STATE_FAILED);
        assertThat(operation(pinned).getDetail()).isEqualTo("no longer pinned to n2");
    }

    private static Command.Builder pin(String unit, String node) {
        return Command.newBuilder()
                .setSetOverride(SetOverride.newBuilder()
                        .setUnit("resources/" + unit)
                        .setOverride(
                                Override.newBuilder().setPin(Pin.newBuilder().setNode(node))));
    }

    @Test
    void aDrainIsDoneWhenTheNodeOwnsNothing() {
        applied();
        String owner = world.owner("web");
        CommandResult asked =
                ask(Command.newBuilder().setDrainNode(DrainNode.newBuilder().setNode(owner)));
        finishes(asked, OperationState.OPERATION_STATE_DONE);

        world.runUntil(
                "web elsewhere",
                SOON,
                () -> !world.owner("web").equals(owner) && world.runs("web", world.owner("web")));
        ask(Command.newBuilder().setResumeNode(ResumeNode.newBuilder().setNode(owner)));
        String now = world.owner("web");
        world.run(SOON);
        assertThat(world.owner("web")).isEqualTo(now);
    }

    @Test
    void aRestartIsDoneWhenTheServiceRunsAgain() {
        applied();
        CommandResult asked =
                ask(Command.newBuilder().setRestartUnit(RestartUnit.newBuilder().setUnit("resources/web")));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
    }

    @Test
    void aProbeIsDoneWhenEveryNodeHasAnsweredAndSaysWhereTheServiceRuns() {
        applied();
        String owner = world.owner("web");
        long token = world.token("web");
        CommandResult asked =
                ask(Command.newBuilder().setProbeUnit(ProbeUnit.newBuilder().setUnit("resources/web")));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(operation(asked).getDetail()).isEqualTo("web runs on " + owner);
        assertThat(world.state().nodes().values()).allMatch(node -> node.getLooksCount() == 0);
        world.run(SOON);
        assertThat(world.token("web")).as("nothing was stopped").isEqualTo(token);
        assertThat(world.runs("web", owner)).isTrue();
    }

    @Test
    void aProbeDoesNotWaitForANodeThatIsLostMeanwhile() {
        applied();
        world.agent("n3").powerOff();
        CommandResult asked =
                ask(Command.newBuilder().setProbeUnit(ProbeUnit.newBuilder().setUnit("resources/web")));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(operation(asked).getDetail()).contains("no answer: n3");
    }

    @Test
    void whatANodeInMaintenanceOwnsIsLetBeUntilItsEnd() {
        applied();
        String owner = world.owner("web");
        long token = world.token("web");
        ask(Command.newBuilder().setMaintainNode(MaintainNode.newBuilder().setNode(owner)));
        world.agent(owner).failOnce("web");
        world.run(Duration.ofMinutes(1));
        assertThat(world.runs("web", owner)).isFalse();
        assertThat(world.token("web")).isEqualTo(token);
        CommandResult asked =
                ask(Command.newBuilder().setMoveUnit(MoveUnit.newBuilder().setUnit("resources/web")));
        world.run(SOON);
        assertThat(stateOf(asked)).isEqualTo(OperationState.OPERATION_STATE_RUNNING);
        ask(Command.newBuilder()
                .setCancelOperation(
                        CancelOperation.newBuilder().setId(operation(asked).getId())));

        ask(Command.newBuilder()
                .setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(owner)));
        world.runUntil("web again", SOON, () -> world.runs("web", owner));
        assertThat(world.token("web")).as("recovered in its place").isEqualTo(token);
    }

    @Test
    void aSwitchoverEndsWhenTheRoleIsPinnedToWhereItIs() {
        String node = promotable();
        long token = world.token("db:promoted:0");
        CommandResult asked = ask(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("clones/db").setPromoted(true)));
        ask(Command.newBuilder()
                .setSetOverride(SetOverride.newBuilder()
                        .setUnit("clones/db")
                        .setOverride(Override.newBuilder()
                                .setPin(Pin.newBuilder().setNode(node).setPromoted(true)))));
        finishes(asked, OperationState.OPERATION_STATE_FAILED);
        assertThat(operation(asked).getDetail()).isEqualTo("the promoted role of db was pinned to " + node);
        assertThat(world.token("db:promoted:0")).isEqualTo(token);
    }

    /** Hands are off it meanwhile, so what runs is what ran before. */
    @Test
    void aRestartOfAServiceIsNotDoneWhileItsNodeIsInMaintenance() {
        applied();
        isRestartedAfterTheMaintenance("resources/web", world.owner("web"));
    }

    @Test
    void aRestartOfACloneIsNotDoneWhileANodeOfItIsInMaintenance() {
        isRestartedAfterTheMaintenance("clones/db", promotable());
        assertThat(world.state().instances().values()).noneMatch(InstanceRow::hasRestart);
    }

    private void isRestartedAfterTheMaintenance(String unit, String node) {
        ask(Command.newBuilder().setMaintainNode(MaintainNode.newBuilder().setNode(node)));
        CommandResult asked =
                ask(Command.newBuilder().setRestartUnit(RestartUnit.newBuilder().setUnit(unit)));
        world.run(Duration.ofMinutes(1));
        assertThat(stateOf(asked)).isEqualTo(OperationState.OPERATION_STATE_RUNNING);

        ask(Command.newBuilder()
                .setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(node)));
        world.runUntil("restarted", Duration.ofMinutes(1), () -> stateOf(asked) == OperationState.OPERATION_STATE_DONE);
        assertThat(operation(asked).getDetail()).isEqualTo("as wanted");
    }

    @Test
    void whatWasCarriedElsewhereInMaintenanceIsNotStartedAgainByItsOwner() {
        applied();
        String owner = world.owner("web");
        String other = owner.equals("n2") ? "n3" : "n2";
        long token = world.token("web");
        ask(Command.newBuilder().setMaintainNode(MaintainNode.newBuilder().setNode(owner)));
        world.agent(owner).failOnce("web");
        world.agent(other).startByHand("web");
        world.run(SOON);
        ask(Command.newBuilder()
                .setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(owner)));
        world.run(Duration.ofMinutes(1));
        assertThat(world.runs("web", owner)).as("a second one").isFalse();

        world.agent(other).stopByHand("web");
        ask(Command.newBuilder().setProbeUnit(ProbeUnit.newBuilder().setUnit("resources/web")));
        world.runUntil("web again", SOON, () -> world.runs("web", owner));
        assertThat(world.token("web")).as("recovered in its place").isEqualTo(token);
    }

    @Test
    void whatWasCarriedElsewhereWhileTheClusterWasPausedIsNotStartedAgainByItsOwner() {
        applied();
        String owner = world.owner("web");
        String other = owner.equals("n2") ? "n3" : "n2";
        ask(Command.newBuilder().setPauseCluster(PauseCluster.getDefaultInstance()));
        world.agent(owner).failOnce("web");
        world.agent(other).startByHand("web");
        world.run(SOON);
        ask(Command.newBuilder().setResumeCluster(ResumeCluster.getDefaultInstance()));
        world.run(Duration.ofMinutes(1));
        assertThat(world.runs("web", owner)).as("a second one").isFalse();

        world.agent(other).stopByHand("web");
        ask(Command.newBuilder().setProbeUnit(ProbeUnit.newBuilder().setUnit("resources/web")));
        world.runUntil("web again", SOON, () -> world.runs("web", owner));
    }

    @Test
    void aNodeThatIsLostInMaintenanceIsFencedAtItsEnd() {
        world.apply(World.fenceDevice("ipmi"));
        applied();
        String owner = world.owner("web");
        ask(Command.newBuilder().setMaintainNode(MaintainNode.newBuilder().setNode(owner)));
        world.agent(owner).powerOff();
        world.run(Duration.ofMinutes(1));
        assertThat(world.state().tickets()).isEmpty();
        assertThat(world.owner("web")).isEqualTo(owner);

        ask(Command.newBuilder()
                .setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(owner)));
        world.runUntil(
                "web elsewhere",
                Duration.ofSeconds(30),
                () -> !world.owner("web").equals(owner) && world.runs("web", world.owner("web")));
    }

    @Test
    void aDeletionIsDoneWhenTheObjectIsGone() {
        applied();
        CommandResult asked = ask(
                Command.newBuilder().setDeleteObject(DeleteObject.newBuilder().setObject("resources/web")));
        finishes(asked, OperationState.OPERATION_STATE_DONE);
        assertThat(world.state().objects()).doesNotContainKey("resources/web");
        assertThat(world.agents()).allMatch(agent -> agent.running().isEmpty());
    }

    @Test
    void withNoOutsideChangeDecisionsStop() {
        world.apply(World.fenceDevice("ipmi"));
        applied();
        world.run(SOON);
        long revision = world.state().revision();
        long runs = world.loopOf("n1").counters().policyRuns();

        world.run(Duration.ofMinutes(5));

        assertThat(world.state().revision()).isEqualTo(revision);
        assertThat(world.loopOf("n1").counters().policyRuns()).isEqualTo(runs);
        assertThat(world.loopOf("n1").counters().refusalsByCode()).isEmpty();
    }

    @Test
    void aDecisionOnAStateThatHasMovedIsRefusedAndMadeAnew() {
        applied();
        String owner = world.owner("web");
        ask(Command.newBuilder().setDrainNode(DrainNode.newBuilder().setNode(owner)));
        // The plan for the drain is made on a state that this second change makes stale before it is decided.
        world.raft("n1").hold();
        world.settle();
        world.group()
                .commitAhead(Command.newBuilder()
                        .setRequestId("ahead")
                        .setActor(World.person())
                        .setRestartUnit(RestartUnit.newBuilder().setUnit("resources/web"))
                        .build());
        world.raft("n1").release();
        world.run(SOON);

        assertThat(world.loopOf("n1").counters().refusalsByCode()).containsKey("STALE_READ");
        assertThat(world.owner("web")).isNotEqualTo(owner);
        assertThat(world.runs("web", world.owner("web"))).isTrue();
    }
}
