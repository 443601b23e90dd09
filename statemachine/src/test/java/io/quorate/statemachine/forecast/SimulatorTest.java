package io.quorate.statemachine.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.agent.v1.MachineIdentity;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.policy.DefaultPolicy;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Placement;
import io.quorate.v1.PlannedStep;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Plans of files, on a cluster that came about by commands; the other events are in the scenarios. */
class SimulatorTest {
    private static final Actor SYSTEM =
            Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init").build();

    private final Simulator simulator = new Simulator(new DefaultPolicy());
    private final World world = new World(ClusterState.empty());

    SimulatorTest() {
        InitCluster.Builder init = InitCluster.newBuilder()
                .setClusterId("c1")
                .setClusterName("test")
                .setGeneration(1);
        for (String name : List.of("n1", "n2", "n3")) {
            init.addVoters(VoterRow.newBuilder()
                    .setId(name + "-1")
                    .setName(name)
                    .setLevelMin(1)
                    .setLevelMax(1));
        }
        world.must(SYSTEM, Command.newBuilder().setInitCluster(init));
        List.of("n1", "n2", "n3").forEach(this::join);
    }

    private void join(String name) {
        world.must(
                World.NODE,
                Command.newBuilder()
                        .setRegisterNode(RegisterNode.newBuilder()
                                .setNode(name)
                                .setLevelMin(1)
                                .setLevelMax(1)
                                .setMachine(MachineIdentity.newBuilder()
                                        .setMachineId("m-" + name)
                                        .setBootId("boot-" + name))));
        NodeRow node = Objects.requireNonNull(world.state().node(name));
        world.must(
                World.NODE,
                Command.newBuilder()
                        .setCompleteJoin(CompleteJoin.newBuilder()
                                .setNode(name)
                                .setIncarnation(node.getIncarnation())
                                .setSession(node.getSession())));
    }

    private static Manifest process(String name, String command, Placement.Builder placement) {
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name).setSet("test"))
                .setResource(ResourceSpec.newBuilder()
                        .setProcess(ProcessKind.newBuilder().addCommand(command))
                        .setPlacement(placement))
                .build();
    }

    private static Manifest process(String name, String command) {
        return process(name, command, Placement.newBuilder());
    }

    private Forecast plan(Manifest... manifests) {
        return simulator.run(world.state(), Question.nothing().applying(List.of(manifests), "", false));
    }

    /** The state in which these run, by what a plan says of the way there. */
    private ClusterState running(Manifest... manifests) {
        Forecast forecast = plan(manifests);
        assertTrue(forecast.comesToRest());
        assertEquals(List.of(), forecast.withoutPlace());
        return forecast.end();
    }

    private static List<String> said(Forecast forecast) {
        List<String> said = new ArrayList<>();
        for (PlannedStep step : forecast.steps()) {
            said.add(step.getAction() + " " + step.getInstance() + " " + step.getFromNode() + ">" + step.getToNode()
                    + " " + step.getReason().getCode());
        }
        return said;
    }

    @Test
    void whatIsNewIsProbedAndStartedWithoutAnOutage() {
        ClusterState before = world.state();
        Forecast forecast = plan(process("web", "/bin/web"));
        assertEquals(List.of("start web >n1 FIRST_PLACEMENT"), said(forecast));
        assertFalse(forecast.steps().get(0).hasExpectedOutage());
        assertEquals(
                RunState.RUN_STATE_RUNNING,
                Objects.requireNonNull(forecast.end().instance("web"))
                        .getMembers(0)
                        .getState());
        assertTrue(forecast.reads()
                .contains(ObjectRevision.newBuilder().setObject("resources/web").build()));
        assertSame(before, world.state());
    }

    @Test
    void anotherDefinitionRestartsTheUnitWhereItIsAndAnotherPreferenceDoesNot() {
        ClusterState state = running(process("web", "/bin/web"));
        Forecast redefined =
                simulator.run(state, Question.nothing().applying(List.of(process("web", "/bin/other")), "", false));
        assertEquals(List.of("restart web n1>n1 DEFINITION_CHANGED"), said(redefined));
        // Its one start took 60 s here; a stop was never seen, and takes the grace at most.
        assertEquals(70_000, Settings.millis(redefined.steps().get(0).getExpectedOutage()));
        assertEquals(0, redefined.steps().get(0).getSamples());

        Placement.Builder mild = Placement.newBuilder().putPrefer("n3", 50);
        assertEquals(
                List.of(),
                said(simulator.run(
                        state, Question.nothing().applying(List.of(process("web", "/bin/web", mild)), "", false))));
        Placement.Builder strong = Placement.newBuilder().putPrefer("n3", 500);
        assertEquals(
                List.of("move web n1>n3 BETTER_NODE"),
                said(simulator.run(
                        state, Question.nothing().applying(List.of(process("web", "/bin/other", strong)), "", false))));
    }

    @Test
    void anotherDefinitionRestartsTheCopiesOfACloneOneAfterTheOther() {
        Manifest clone = Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("db").setSet("test"))
                .setClone(CloneSpec.newBuilder().setOf("pg"))
                .build();
        ClusterState state = running(process("pg", "/bin/pg"), clone);
        Forecast redefined =
                simulator.run(state, Question.nothing().applying(List.of(process("pg", "/bin/other")), "", false));
        assertEquals(
                List.of(
                        "restart db:0 n1>n1 DEFINITION_CHANGED",
                        "restart db:1 n2>n2 DEFINITION_CHANGED",
                        "restart db:2 n3>n3 DEFINITION_CHANGED"),
                said(redefined));
        long ended = 0;
        for (PlannedStep step : redefined.steps()) {
            assertEquals(ended, Settings.millis(step.getBegins()));
            ended += Settings.millis(step.getTakes());
        }
        assertTrue(redefined.comesToRest());
        assertTrue(redefined.end().instances().values().stream().noneMatch(InstanceRow::hasRestart));
    }

    @Test
    void whatAFileNoLongerNamesIsStoppedAndGone() {
        ClusterState state = running(process("web", "/bin/web"), process("old", "/bin/old"));
        Forecast forecast =
                simulator.run(state, Question.nothing().applying(List.of(process("web", "/bin/web")), "test", false));
        assertEquals(List.of("stop old n1> DELETING"), said(forecast));
        assertTrue(forecast.end().object("resources/old") == null);
        assertEquals(
                List.of("instances/old", "nodes/n1", "resources/old", "resources/web"),
                forecast.reads().stream().map(ObjectRevision::getObject).toList());
    }

    @Test
    void manifestsThatWouldBeRefusedHaveNoPlan() {
        Manifest group = Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("app"))
                .setGroup(GroupSpec.newBuilder().addMembers("nobody"))
                .build();
        QuestionRefusedException refused = assertThrows(QuestionRefusedException.class, () -> plan(group));
        assertEquals(RejectCode.DANGLING_REFERENCE.number(), refused.result().getCode());
        QuestionRefusedException unknown = assertThrows(
                QuestionRefusedException.class,
                () -> simulator.run(world.state(), Question.nothing().failingNodes(List.of("n9"))));
        assertEquals(RejectCode.NOT_FOUND.number(), unknown.result().getCode());
        QuestionRefusedException idle = assertThrows(
                QuestionRefusedException.class,
                () -> simulator.run(
                        running(process("web", "/bin/web")), Question.nothing().failingResources(List.of("nothing"))));
        assertEquals(RejectCode.NOT_FOUND.number(), idle.result().getCode());
    }

    @Test
    void filesComeBeforeFailures() {
        ClusterState state = running(process("web", "/bin/web"));
        Forecast forecast = simulator.run(
                state,
                Question.nothing()
                        .applying(List.of(process("late", "/bin/late")), "", false)
                        .draining(List.of("n1"))
                        .failingResources(List.of("late")));
        assertEquals(
                List.of("start late >n2 FIRST_PLACEMENT", "move web n1>n3 DRAINING", "restart late n2>n2 RECOVERING"),
                said(forecast));
    }
}
