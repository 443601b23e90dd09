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
import io.quorate.log.v1.ChangeTicket;
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
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.log.v1.ReportFence;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.ReportProbes;
import io.quorate.log.v1.RestartUnit;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetOverride;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.OperationResult;
import io.quorate.v1.Override;
import io.quorate.v1.Pin;
import io.quorate.v1.Position;
import io.quorate.v1.RunState;
import io.quorate.v1.TicketAction;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.statistics.Statistics;

/** A small cluster in which anything may happen, with the policy and the rules of apply. */
final class RandomCluster {
    private static final Actor USER =
            Actor.newBuilder().setKind(Actor.Kind.KIND_USER).setName("ops").build();
    private static final Actor NODE =
            Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName("node").build();
    private static final Actor LEADER =
            Actor.newBuilder().setKind(Actor.Kind.KIND_LEADER).setName("leader").build();
    private static final Actor SYSTEM =
            Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init").build();

    private static final List<String> NODES = List.of("n1", "n2", "n3", "n4");
    private static final List<String> UNITS = List.of("a", "b", "c", "d");
    private static final List<String> TICKETS = List.of("s", "t");
    private static final int ROUNDS_UNTIL_QUIET = 30;

    private final Applier applier = new Applier(RuleTable.standard());
    private final Policy policy = new RememberingPolicyTest.Both();
    private final Random random;
    private final RandomManifests manifests;
    private ClusterState state = ClusterState.empty();
    private long logMillis = 1_000;
    private final boolean withTickets;
    private int boots;

    RandomCluster(Random random) {
        this(random, false);
    }

    /** @param withTickets some units need tickets between sites, which come and go */
    RandomCluster(Random random, boolean withTickets) {
        this.random = random;
        this.withTickets = withTickets;
        this.manifests = new RandomManifests(random, NODES, UNITS);
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
        must(USER, Command.newBuilder().setApplyObjects(manifests.write()));
        NODES.forEach(this::join);
        if (withTickets) {
            must(USER, Command.newBuilder().setApplyObjects(manifests.ticketConstraints(TICKETS)));
        }
    }

    void somethingHappens() {
        anythingHappens();
        var unused = policy.plan(PolicyInput.of(state));
    }

    private void anythingHappens() {
        logMillis += random.nextInt(20) == 0 ? 700_000 : random.nextInt(5_000);
        if (withTickets && random.nextInt(3) == 0) {
            changeTicket();
            return;
        }
        switch (random.nextInt(13)) {
            case 0, 1 -> join(anyNode());
            case 2 -> lose(anyNode());
            case 3, 4 -> agentsObey();
            case 5, 11 -> fail(anyUnit());
            case 6 -> fencesWork();
            case 12 -> agentsScore(anyNode());
            case 7 ->
                may(
                        USER,
                        Command.newBuilder().setDrainNode(DrainNode.newBuilder().setNode(anyNode())));
            case 8 ->
                may(
                        USER,
                        Command.newBuilder()
                                .setResumeNode(ResumeNode.newBuilder().setNode(anyNode())));
            case 9 -> move(anyUnit());
            default -> override(anyUnit());
        }
    }

    private void changeTicket() {
        TicketAction action = switch (random.nextInt(8)) {
            case 0, 1, 2 -> TicketAction.TICKET_ACTION_GRANT;
            case 3, 4 -> TicketAction.TICKET_ACTION_REVOKE;
            case 5 -> TicketAction.TICKET_ACTION_STANDBY;
            default -> TicketAction.TICKET_ACTION_ACTIVATE;
        };
        may(
                USER,
                Command.newBuilder()
                        .setChangeTicket(ChangeTicket.newBuilder()
                                .setTicket(TICKETS.get(random.nextInt(TICKETS.size())))
                                .setAction(action)));
    }

    private void move(String unit) {
        String key = manifests.key(unit);
        if (random.nextInt(3) == 0) {
            may(
                    USER,
                    Command.newBuilder().setRestartUnit(RestartUnit.newBuilder().setUnit(key)));
            return;
        }
        may(
                USER,
                Command.newBuilder()
                        .setMoveUnit(MoveUnit.newBuilder()
                                .setUnit(key)
                                .setToNode(random.nextBoolean() ? anyNode() : "")
                                .setPromoted(key.startsWith(Keys.CLONES))));
    }

    private void override(String unit) {
        if (random.nextBoolean()) {
            may(USER, Command.newBuilder().setClearFailures(ClearFailures.getDefaultInstance()));
        }
        may(
                USER,
                Command.newBuilder()
                        .setSetOverride(SetOverride.newBuilder()
                                .setUnit(manifests.key(unit))
                                .setOverride(Override.newBuilder()
                                        .setPin(Pin.newBuilder()
                                                .setNode(anyNode())
                                                .setPromoted(manifests.key(unit).startsWith(Keys.CLONES))))));
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
        probe(name);
        may(
                NODE,
                Command.newBuilder()
                        .setCompleteJoin(CompleteJoin.newBuilder()
                                .setNode(name)
                                .setIncarnation(node.getIncarnation())
                                .setSession(node.getSession())));
    }

    /** It looks for everything that it is, or may be, asked about. */
    private void probe(String name) {
        NodeRow node = state.node(name);
        if (node == null) {
            return;
        }
        ReportProbes.Builder probes = ReportProbes.newBuilder()
                .setNode(name)
                .setIncarnation(node.getIncarnation())
                .setSession(node.getSession());
        for (InstanceRow instance : state.instances().values()) {
            if (Migrations.isArrival(instance)) {
                continue;
            }
            probes.addProbes(ProbeReport.newBuilder()
                    .setInstance(instance.getId())
                    .setSince(instance.getProbeSince())
                    .setFinding(
                            random.nextInt(instance.hasSlot() ? 30 : 10) == 0
                                    ? ProbeReport.Finding.FINDING_RUNNING
                                    : ProbeReport.Finding.FINDING_NOT_RUNNING));
        }
        may(NODE, Command.newBuilder().setReportProbes(probes));
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
        NODES.forEach(this::probe);
        for (InstanceRow instance : List.copyOf(state.instances().values())) {
            if (isHalf(instance) && !instance.getOwnership().getReleasing()) {
                migrate(instance);
            } else if (instance.hasOwnership()) {
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

    private static boolean isHalf(InstanceRow instance) {
        return Migrations.isArrival(instance) || instance.getOwnership().hasDeparture();
    }

    /** A source sends, and a target takes over what was sent; now and then it does not work. */
    private void migrate(InstanceRow half) {
        InstanceRow source = state.instance(Migrations.serviceId(half));
        boolean sent = source != null && source.getOwnership().getDeparture().getSent();
        if (!Migrations.isArrival(half) || sent) {
            report(half, random.nextInt(5) == 0 ? RunState.RUN_STATE_FAILED : RunState.RUN_STATE_RUNNING, false, false);
        }
    }

    /** What agents on a node say of promotions there. */
    private void agentsScore(String name) {
        NodeRow node = state.node(name);
        if (node == null) {
            return;
        }
        ReportAttributes.Builder report = ReportAttributes.newBuilder()
                .setNode(name)
                .setIncarnation(node.getIncarnation())
                .setSession(node.getSession());
        for (String unit : UNITS) {
            String score = List.of("", "-1", "0", "5", "10", "100").get(random.nextInt(6));
            report.addAttributes(
                    AttributeReport.newBuilder().setName(Clones.scoreName(unit)).setValue(score));
        }
        may(NODE, Command.newBuilder().setReportAttributes(report));
    }

    private void fail(String unit) {
        List<InstanceRow> owned = Units.instances(state, Objects.requireNonNull(Units.find(state, unit))).stream()
                .filter(InstanceRow::hasOwnership)
                .toList();
        if (!owned.isEmpty()) {
            report(owned.get(random.nextInt(owned.size())), RunState.RUN_STATE_FAILED, false, false);
        }
    }

    private void report(InstanceRow instance, RunState member, boolean released, boolean stopFailed) {
        NodeRow node = state.node(instance.getOwnership().getNode());
        if (node == null) {
            return;
        }
        String resource = instance.getMembers(0).getResource();
        MemberReport.Builder status =
                MemberReport.newBuilder().setResource(resource).setState(member);
        if (member == RunState.RUN_STATE_RUNNING && isHalf(instance)) {
            status.setSentTokenNumber(
                    instance.getOwnership().getDeparture().getToken().getNumber());
        }
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
                                        .setInstance(Migrations.serviceId(instance))
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
            Position lookedAt = state.position();
            List<Decision> decisions = policy.plan(PolicyInput.of(state)).decisions();
            if (decisions.isEmpty()) {
                return;
            }
            for (Decision decision : decisions) {
                Statistics.collect(decision.getClass().getSimpleName());
                Applied alone = apply(LEADER, decision.toCommand(lookedAt));
                assertEquals(0, alone.results().get(0).getCode(), () -> decision + " refused: " + alone.results());
            }
            for (Decision decision : decisions) {
                CommandResult result = may(LEADER, decision.toCommand(lookedAt));
                assertEquals(0, result.getCode(), () -> decision + " refused in its turn: " + result);
            }
        }
        assertTrue(
                false, "still deciding: " + policy.plan(PolicyInput.of(state)).decisions());
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

    ClusterState state() {
        return state;
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
