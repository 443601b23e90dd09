package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.agent.v1.AttributeReport;
import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.ClearFailures;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.log.v1.ReportFence;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.ReportProbes;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetOverride;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.forecast.Forecast;
import io.quorate.statemachine.forecast.Question;
import io.quorate.statemachine.forecast.Simulator;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.Follow;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OperationResult;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Override;
import io.quorate.v1.Pin;
import io.quorate.v1.Placement;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** The policy and the rules of apply agree, over histories of a small cluster in which anything may happen. */
class PolicyAgainstApplyTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3", "n4");
    private static final List<String> UNITS = List.of("a", "b", "c");
    private static final int EVENTS = 25;
    private static final int ROUNDS_UNTIL_QUIET = 30;

    /** SOUND: on an unchanged state apply accepts every decision. QUIET: with no outside change the decisions stop. */
    @Property(tries = 150)
    void decisionsAreAcceptedAndStop(@ForAll Random random) {
        Cluster cluster = new Cluster(random);
        cluster.start();
        for (int event = 0; event < EVENTS; event++) {
            cluster.somethingHappens();
            cluster.decideUntilQuiet();
        }
        Statistics.coverage(kinds -> {
            for (Class<?> kind : Decision.class.getPermittedSubclasses()) {
                kinds.check(kind.getSimpleName()).count(seen -> seen > 0);
            }
        });
    }

    /**
     * A plan of anything comes to rest, also when it is asked in the middle of things; and in the state that it ends in there
     * is nothing left to be done.
     */
    @Property(tries = 60)
    void plansComeToRest(@ForAll Random random) {
        Cluster cluster = new Cluster(random);
        Simulator simulator = new Simulator(new DefaultPolicy());
        cluster.start();
        for (int event = 0; event < EVENTS; event++) {
            cluster.somethingHappens();
            Forecast forecast = simulator.run(
                    cluster.state,
                    Question.nothing().draining(cluster.somePlannedNodes(4)).failingNodes(cluster.somePlannedNodes(3)));
            assertTrue(forecast.comesToRest(), () -> "no rest: " + forecast.steps());
            Forecast again = simulator.run(forecast.end(), Question.nothing());
            assertEquals(List.of(), again.steps(), () -> "after " + forecast.steps());
            cluster.decideUntilQuiet();
        }
    }

    private static final class Cluster {
        private static final Actor USER =
                Actor.newBuilder().setKind(Actor.Kind.KIND_USER).setName("ops").build();
        private static final Actor NODE =
                Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName("node").build();
        private static final Actor LEADER = Actor.newBuilder()
                .setKind(Actor.Kind.KIND_LEADER)
                .setName("leader")
                .build();
        private static final Actor SYSTEM = Actor.newBuilder()
                .setKind(Actor.Kind.KIND_SYSTEM)
                .setName("init")
                .build();

        private final Applier applier = new Applier(RuleTable.standard());
        private final Policy policy = new DefaultPolicy();
        private final Random random;
        private ClusterState state = ClusterState.empty();
        private long logMillis = 1_000;
        private final boolean clones;
        private int boots;

        Cluster(Random random) {
            this.random = random;
            this.clones = random.nextBoolean();
        }

        void start() {
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
            must(SYSTEM, Command.newBuilder().setInitCluster(init));
            ApplyObjects.Builder objects = ApplyObjects.newBuilder().setAllowUnfenced(true);
            UNITS.forEach(unit -> objects.addManifests(manifest(unit)));
            for (int rule = 0; rule < 2; rule++) {
                if (random.nextInt(3) == 0) {
                    objects.addManifests(order("order" + rule));
                }
            }
            if (clones) {
                addClone(objects, "d", true);
                addClone(objects, "e", false);
            }
            if (random.nextInt(3) == 0) {
                objects.addManifests(Manifest.newBuilder()
                        .setSettings(SettingsSpec.newBuilder()
                                .setPlacementStrategy(PlacementStrategy.PLACEMENT_STRATEGY_UTILIZATION)));
                for (String node : NODES) {
                    objects.addManifests(Manifest.newBuilder()
                            .setMeta(ObjectMeta.newBuilder().setName(node))
                            .setNode(NodeSpec.newBuilder().putUtilization("memory", 3 + random.nextInt(3))));
                }
            }
            FenceDeviceSpec.Builder device = FenceDeviceSpec.newBuilder().setType("fence_test");
            NODES.forEach(node -> device.putPerNode(
                    node, FenceTarget.newBuilder().putParams("plug", node).build()));
            objects.addManifests(Manifest.newBuilder()
                    .setMeta(ObjectMeta.newBuilder().setName("power"))
                    .setFenceDevice(device));
            must(USER, Command.newBuilder().setApplyObjects(objects));
            NODES.forEach(this::join);
        }

        /** Promotable or not, over a resource of its own; perhaps one of the units follows it, or it follows one. */
        private void addClone(ApplyObjects.Builder objects, String name, boolean promotable) {
            boolean unique = random.nextInt(3) == 0;
            CloneSpec.Builder clone = CloneSpec.newBuilder()
                    .setOf(name + "-it")
                    .setInterleave(random.nextBoolean())
                    .setOrdered(random.nextInt(4) == 0)
                    .setGloballyUnique(unique)
                    .setSafety(random.nextInt(4) == 0 ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_EXCLUSIVE);
            if (random.nextBoolean()) {
                clone.setMax(1 + random.nextInt(4));
            }
            if (unique) {
                clone.setMaxPerNode(1 + random.nextInt(2));
            }
            if (random.nextInt(3) == 0) {
                clone.setMin(1 + random.nextInt(clone.hasMax() ? Math.min(2, clone.getMax()) : 2));
            }
            if (promotable) {
                clone.setPromotable(Promotable.newBuilder()
                        .setMax(1 + random.nextInt(clone.hasMax() ? Math.min(2, clone.getMax()) : 2)));
            }
            Follow.Builder follow = Follow.newBuilder();
            if (random.nextInt(4) == 0) {
                clone.setFollow(follow.setResource(promotable ? "a" : "d")
                        .setRole(!promotable && random.nextBoolean() ? Role.ROLE_PROMOTED : Role.ROLE_UNSPECIFIED));
            }
            objects.addManifests(Manifest.newBuilder()
                    .setMeta(ObjectMeta.newBuilder().setName(name + "-it"))
                    .setResource(ResourceSpec.newBuilder()
                            .setOcf(OcfKind.newBuilder()
                                    .setProvider("heartbeat")
                                    .setType("Stateful"))
                            .putUtilization("memory", 1)));
            objects.addManifests(Manifest.newBuilder()
                    .setMeta(ObjectMeta.newBuilder().setName(name))
                    .setClone(clone));
        }

        private Manifest.Builder manifest(String unit) {
            Placement.Builder placement = Placement.newBuilder().setStickiness(random.nextInt(2) * 100);
            if (random.nextBoolean()) {
                placement.putPrefer(anyNode(), random.nextInt(300));
            }
            if (random.nextInt(4) == 0) {
                placement.addAvoid(anyNode());
            }
            ResourceSpec.Builder spec = ResourceSpec.newBuilder()
                    .setProcess(ProcessKind.newBuilder().addCommand("/bin/" + unit))
                    .setSafety(random.nextInt(4) == 0 ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_EXCLUSIVE)
                    .putUtilization("memory", 1 + random.nextInt(2));
            int before = UNITS.indexOf(unit);
            if (clones && before > 0 && random.nextInt(3) == 0) {
                spec.setFollow(Follow.newBuilder()
                        .setResource(random.nextBoolean() ? "d" : "e")
                        .setRole(random.nextBoolean() ? Role.ROLE_PROMOTED : Role.ROLE_STARTED));
            } else if (before > 0) {
                bind(UNITS.get(random.nextInt(before)), placement, spec);
            }
            return Manifest.newBuilder()
                    .setMeta(ObjectMeta.newBuilder().setName(unit))
                    .setResource(spec.setPlacement(placement));
        }

        /** Binds a unit to one before it, so that rules do not go round in circles. */
        private void bind(String other, Placement.Builder placement, ResourceSpec.Builder spec) {
            switch (random.nextInt(6)) {
                case 0 -> placement.putNear(other, random.nextBoolean() ? 1_000_000 : 150);
                case 1 -> placement.putApartFrom(other, random.nextBoolean() ? 1_000_000 : 150);
                case 2 -> spec.setFollow(Follow.newBuilder().setResource(other));
                default -> {}
            }
        }

        private Manifest.Builder order(String name) {
            int then = 1 + random.nextInt(UNITS.size() - 1);
            OrderKind kind = switch (random.nextInt(3)) {
                case 0 -> OrderKind.ORDER_KIND_OPTIONAL;
                case 1 -> OrderKind.ORDER_KIND_SERIALIZE;
                default -> OrderKind.ORDER_KIND_MANDATORY;
            };
            return Manifest.newBuilder()
                    .setMeta(ObjectMeta.newBuilder().setName(name))
                    .setOrder(OrderSpec.newBuilder()
                            .setFirst(UNITS.get(random.nextInt(then)))
                            .setThen(UNITS.get(then))
                            .setKind(kind)
                            .setAsymmetrical(kind == OrderKind.ORDER_KIND_MANDATORY && random.nextInt(3) == 0));
        }

        void somethingHappens() {
            logMillis += random.nextInt(20) == 0 ? 700_000 : random.nextInt(5_000);
            if (clones && random.nextInt(3) == 0) {
                reportScore(anyNode());
            }
            switch (random.nextInt(12)) {
                case 0, 1 -> join(anyNode());
                case 2 -> lose(anyNode());
                case 3, 4 -> agentsObey();
                case 5, 11 -> fail();
                case 6 -> fencesWork();
                case 7 ->
                    may(
                            USER,
                            Command.newBuilder()
                                    .setDrainNode(DrainNode.newBuilder().setNode(anyNode())));
                case 8 ->
                    may(
                            USER,
                            Command.newBuilder()
                                    .setResumeNode(ResumeNode.newBuilder().setNode(anyNode())));
                case 9 ->
                    may(
                            USER,
                            Command.newBuilder()
                                    .setMoveUnit(MoveUnit.newBuilder()
                                            .setUnit("resources/" + anyUnit())
                                            .setToNode(random.nextBoolean() ? anyNode() : "")));
                default -> override(anyUnit());
            }
        }

        private void override(String unit) {
            if (random.nextBoolean()) {
                may(USER, Command.newBuilder().setClearFailures(ClearFailures.getDefaultInstance()));
            }
            may(
                    USER,
                    Command.newBuilder()
                            .setSetOverride(SetOverride.newBuilder()
                                    .setUnit("resources/" + unit)
                                    .setOverride(Override.newBuilder()
                                            .setPin(Pin.newBuilder().setNode(anyNode())))));
        }

        private void join(String name) {
            may(
                    NODE,
                    Command.newBuilder()
                            .setRegisterNode(RegisterNode.newBuilder()
                                    .setNode(name)
                                    .setLevelMin(1)
                                    .setLevelMax(1)
                                    .setMachine(MachineIdentity.newBuilder()
                                            .setMachineId("m-" + name)
                                            .setBootId("boot-" + (random.nextBoolean() ? boots++ : boots)))));
            NodeRow node = state.node(name);
            if (node == null) {
                return;
            }
            ReportProbes.Builder probes = ReportProbes.newBuilder()
                    .setNode(name)
                    .setIncarnation(node.getIncarnation())
                    .setSession(node.getSession());
            for (InstanceRow instance : state.instances().values()) {
                probes.addProbes(ProbeReport.newBuilder()
                        .setInstance(instance.getId())
                        .setSince(instance.getProbeSince())
                        .setFinding(
                                random.nextInt(10) == 0
                                        ? ProbeReport.Finding.FINDING_RUNNING
                                        : ProbeReport.Finding.FINDING_NOT_RUNNING));
            }
            may(NODE, Command.newBuilder().setReportProbes(probes));
            may(
                    NODE,
                    Command.newBuilder()
                            .setCompleteJoin(CompleteJoin.newBuilder()
                                    .setNode(name)
                                    .setIncarnation(node.getIncarnation())
                                    .setSession(node.getSession())));
        }

        private void reportScore(String name) {
            NodeRow node = state.node(name);
            if (node != null) {
                int score = random.nextInt(30) - 5;
                may(
                        NODE,
                        Command.newBuilder()
                                .setReportAttributes(ReportAttributes.newBuilder()
                                        .setNode(name)
                                        .setIncarnation(node.getIncarnation())
                                        .setSession(node.getSession())
                                        .addAttributes(AttributeReport.newBuilder()
                                                .setName(Clones.scoreName("d"))
                                                .setValue(score < -3 ? "" : Integer.toString(score)))));
            }
        }

        private void lose(String name) {
            NodeRow node = state.node(name);
            if (node != null) {
                may(
                        LEADER,
                        Command.newBuilder()
                                .setFormedInTerm(1)
                                .setDeclareNodeLost(DeclareNodeLost.newBuilder()
                                        .setNode(name)
                                        .setIncarnation(node.getIncarnation())
                                        .setSilenceMillis(2_000)
                                        .setWhy("silent")));
            }
        }

        private void agentsObey() {
            for (InstanceRow instance : List.copyOf(state.instances().values())) {
                if (instance.hasOwnership()) {
                    boolean releasing = instance.getOwnership().getReleasing();
                    boolean stuck = releasing && random.nextInt(5) == 0;
                    report(
                            instance,
                            releasing && !stuck ? RunState.RUN_STATE_STOPPED : RunState.RUN_STATE_RUNNING,
                            releasing && !stuck,
                            stuck);
                }
            }
        }

        private void fail() {
            List<InstanceRow> all = List.copyOf(state.instances().values());
            InstanceRow instance = all.get(random.nextInt(all.size()));
            if (instance.hasOwnership()) {
                report(instance, RunState.RUN_STATE_FAILED, false, false);
            }
        }

        private void report(InstanceRow instance, RunState member, boolean released, boolean stopFailed) {
            NodeRow node = state.node(instance.getOwnership().getNode());
            if (node == null) {
                return;
            }
            ObjectRow unit = Objects.requireNonNull(Units.of(state, instance));
            String resource = unit.hasClone() ? unit.getClone().getOf() : instance.getId();
            MemberReport.Builder status =
                    MemberReport.newBuilder().setResource(resource).setState(member);
            if (member == RunState.RUN_STATE_FAILED) {
                status.setFailures(failuresSoFar(instance, node) + 1)
                        .setLastFailure(OperationResult.newBuilder().setOperation("monitor"));
            }
            may(
                    NODE,
                    Command.newBuilder()
                            .setReportInstance(ReportInstance.newBuilder()
                                    .setNode(node.getName())
                                    .setIncarnation(node.getIncarnation())
                                    .setSession(node.getSession())
                                    .setReport(InstanceReport.newBuilder()
                                            .setInstance(instance.getId())
                                            .setToken(instance.getOwnership().getToken())
                                            .setReleased(released)
                                            .setStopFailed(stopFailed)
                                            .addMembers(status))));
        }

        private static long failuresSoFar(InstanceRow instance, NodeRow node) {
            return instance.getFailuresList().stream()
                    .filter(row -> row.getNode().equals(node.getName()) && row.getSession() == node.getSession())
                    .mapToLong(FailureRow::getSessionFailures)
                    .max()
                    .orElse(0);
        }

        private void fencesWork() {
            NodeRow executor = state.node("n1");
            for (var ticket : List.copyOf(state.tickets().values())) {
                if (executor != null) {
                    may(
                            NODE,
                            Command.newBuilder()
                                    .setReportFence(ReportFence.newBuilder()
                                            .setExecutor("n1")
                                            .setExecutorIncarnation(executor.getIncarnation())
                                            .setExecutorSession(executor.getSession())
                                            .setReport(FenceReport.newBuilder()
                                                    .setTicket(ticket.getId())
                                                    .addDevices(FenceDeviceResult.newBuilder()
                                                            .setDevice("power")
                                                            .setOffReadBack(true)))));
                }
            }
        }

        void decideUntilQuiet() {
            for (int round = 0; round < ROUNDS_UNTIL_QUIET; round++) {
                List<Decision> decisions = policy.plan(PolicyInput.of(state)).decisions();
                if (decisions.isEmpty()) {
                    return;
                }
                for (Decision decision : decisions) {
                    Statistics.collect(decision.getClass().getSimpleName());
                    Applied alone = apply(LEADER, command(decision));
                    assertEquals(0, alone.results().get(0).getCode(), () -> decision + " refused: " + alone.results());
                }
                for (Decision decision : decisions) {
                    CommandResult result = may(LEADER, command(decision));
                    assertEquals(0, result.getCode(), () -> decision + " refused in its turn: " + result);
                }
            }
            assertTrue(
                    false,
                    "still deciding: " + policy.plan(PolicyInput.of(state)).decisions());
        }

        private static Command.Builder command(Decision decision) {
            return decision.toCommand();
        }

        private void must(Actor actor, Command.Builder command) {
            CommandResult result = may(actor, command);
            assertEquals(0, result.getCode(), result::getMessage);
        }

        private CommandResult may(Actor actor, Command.Builder command) {
            Applied applied = apply(actor, command);
            state = applied.state();
            return applied.results().get(0);
        }

        private Applied apply(Actor actor, Command.Builder command) {
            LogEntry entry = LogEntry.newBuilder()
                    .setStamp(Stamp.newBuilder().setLogMillis(logMillis).setWallMillis(logMillis))
                    .addCommands(command.clone().setActor(actor))
                    .build();
            return applier.apply(state, entry, 1);
        }

        /** Known nodes, each with a chance of one in {@code rarity}. */
        List<String> somePlannedNodes(int rarity) {
            return NODES.stream()
                    .filter(name -> state.node(name) != null && random.nextInt(rarity) == 0)
                    .toList();
        }

        private String anyNode() {
            return NODES.get(random.nextInt(NODES.size()));
        }

        private String anyUnit() {
            return UNITS.get(random.nextInt(UNITS.size()));
        }
    }
}
