package io.quorate.statemachine.apply;

import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.DetachNode;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.ForgetNode;
import io.quorate.log.v1.FormerLife;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.LeaveNode;
import io.quorate.log.v1.LookRow;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.ProbeRow;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.ReportProbes;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.ReportedTypes;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Evidence;
import io.quorate.v1.NodePhase;
import io.quorate.v1.RunState;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Lives of nodes: registration, probing, loss and leaving. */
final class NodeRules {
    private NodeRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(
                        CommandKind.REGISTER_NODE,
                        Command::getRegisterNode,
                        List.of(
                                new Guard<>("NodeName", RejectCode.INVALID_ARGUMENT, NodeRules::nodeName),
                                new Guard<>("NodeLimit", RejectCode.LIMIT_REACHED, NodeRules::nodeLimit),
                                new Guard<>("SameMachine", RejectCode.SAME_MACHINE, NodeRules::sameMachine),
                                new Guard<>("HistoryBack", RejectCode.HISTORY_WENT_BACK, NodeRules::historyBack),
                                new Guard<>("LevelSupported", RejectCode.LEVEL_NOT_SUPPORTED, NodeRules::level)),
                        NodeRules::register),
                new Rule<>(
                        CommandKind.REPORT_PROBES,
                        Command::getReportProbes,
                        List.of(
                                NodeGuards.known(ReportProbes::getNode),
                                NodeGuards.incarnation(ReportProbes::getNode, ReportProbes::getIncarnation),
                                NodeGuards.session(ReportProbes::getNode, ReportProbes::getSession),
                                NodeGuards.inContact(ReportProbes::getNode)),
                        NodeRules::reportProbes),
                new Rule<>(
                        CommandKind.COMPLETE_JOIN,
                        Command::getCompleteJoin,
                        List.of(
                                NodeGuards.known(CompleteJoin::getNode),
                                NodeGuards.incarnation(CompleteJoin::getNode, CompleteJoin::getIncarnation),
                                NodeGuards.session(CompleteJoin::getNode, CompleteJoin::getSession),
                                NodeGuards.inContact(CompleteJoin::getNode),
                                new Guard<>("JoinProbed", RejectCode.PROBE_MISSING, NodeRules::joinProbed),
                                new Guard<>("JoinClean", RejectCode.JOIN_NOT_CLEAN, NodeRules::joinClean)),
                        NodeRules::completeJoin),
                new Rule<>(
                        CommandKind.DETACH_NODE,
                        Command::getDetachNode,
                        List.of(
                                NodeGuards.known(DetachNode::getNode),
                                NodeGuards.incarnation(DetachNode::getNode, DetachNode::getIncarnation),
                                NodeGuards.session(DetachNode::getNode, DetachNode::getSession),
                                NodeGuards.inContact(DetachNode::getNode)),
                        NodeRules::detach),
                new Rule<>(
                        CommandKind.LEAVE_NODE,
                        Command::getLeaveNode,
                        List.of(
                                NodeGuards.known(LeaveNode::getNode),
                                NodeGuards.incarnation(LeaveNode::getNode, LeaveNode::getIncarnation),
                                NodeGuards.session(LeaveNode::getNode, LeaveNode::getSession),
                                NodeGuards.inContact(LeaveNode::getNode),
                                new Guard<>(
                                        "Retire",
                                        RejectCode.STILL_OWNED,
                                        (situation, leave) -> ownsNothing(situation.state(), leave.getNode())),
                                new Guard<>("LeaveClean", RejectCode.PROBE_MISSING, NodeRules::leaveClean)),
                        NodeRules::leave),
                new Rule<>(
                        CommandKind.DECLARE_NODE_LOST,
                        Command::getDeclareNodeLost,
                        List.of(
                                NodeGuards.measuredInTerm(),
                                NodeGuards.known(DeclareNodeLost::getNode),
                                NodeGuards.incarnation(DeclareNodeLost::getNode, DeclareNodeLost::getIncarnation),
                                NodeGuards.inContact(DeclareNodeLost::getNode)),
                        NodeRules::declareLost),
                new Rule<>(
                        CommandKind.FORGET_NODE,
                        Command::getForgetNode,
                        List.of(
                                NodeGuards.known(forget -> forget.getNode()),
                                new Guard<>(
                                        "NodeIsDown",
                                        RejectCode.NODE_IS_UP,
                                        (situation, forget) -> isDown(situation.state(), forget.getNode())),
                                new Guard<>(
                                        "Retire",
                                        RejectCode.STILL_OWNED,
                                        (situation, forget) -> ownsNothing(situation.state(), forget.getNode())),
                                new Guard<>("OffForSure", RejectCode.EVIDENCE_NEEDED, NodeRules::offForSure)),
                        (draft, forget, result) -> forget(draft, forget.getNode())));
    }

    private static @Nullable Rejection nodeName(Situation situation, RegisterNode register) {
        boolean good = Limits.isName(register.getNode())
                && !register.getMachine().getMachineId().isEmpty()
                && !register.getMachine().getBootId().isEmpty();
        return good
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        Keys.node(register.getNode()),
                        "a node registers with a name of letters, digits, '.', '_' and '-', a machine id and a boot id");
    }

    private static @Nullable Rejection nodeLimit(Situation situation, RegisterNode register) {
        ClusterState state = situation.state();
        return state.node(register.getNode()) != null || state.nodes().size() < Limits.NODES
                ? null
                : Rejection.of(RejectCode.LIMIT_REACHED, "", "the cluster has " + Limits.NODES + " nodes already");
    }

    /** A name belongs to one machine until the node is forgotten. */
    private static @Nullable Rejection sameMachine(Situation situation, RegisterNode register) {
        NodeRow node = situation.state().node(register.getNode());
        return node == null
                        || node.getMachineId().isEmpty() // named at a restore, never seen
                        || node.getMachineId().equals(register.getMachine().getMachineId())
                ? null
                : Rejection.of(
                                RejectCode.SAME_MACHINE,
                                Keys.node(node.getName()),
                                "the name " + node.getName() + " belongs to another machine (" + node.getMachineId()
                                        + "); this one is "
                                        + register.getMachine().getMachineId())
                        .withNextStep("quorate fence confirm " + node.getName() + ", then quorate node forget "
                                + node.getName());
    }

    private static @Nullable Rejection historyBack(Situation situation, RegisterNode register) {
        ClusterState state = situation.state();
        return Positions.ORDER.compare(register.getHighestSeen(), state.position()) <= 0
                ? null
                : Rejection.of(
                                RejectCode.HISTORY_WENT_BACK,
                                Keys.node(register.getNode()),
                                "the node has seen position " + Positions.format(register.getHighestSeen())
                                        + ", this cluster is at " + Positions.format(state.position()))
                        .withNextStep("quorate help history-went-back");
    }

    private static @Nullable Rejection level(Situation situation, RegisterNode register) {
        int level = situation.state().meta().getFeatureLevel();
        return register.getLevelMin() <= level && level <= register.getLevelMax()
                ? null
                : Rejection.of(
                        RejectCode.LEVEL_NOT_SUPPORTED,
                        Keys.node(register.getNode()),
                        "the cluster is at feature level " + level + ", this agent supports " + register.getLevelMin()
                                + " to " + register.getLevelMax());
    }

    private static void register(Draft draft, RegisterNode register, CommandResult.Builder result) {
        String name = register.getNode();
        NodeRow old = draft.state().node(name);
        if (old != null && isRepeated(old, register)) {
            result.setNumber(old.getIncarnation()).setSession(old.getSession());
            return;
        }
        NodeRow.Builder node =
                old == null ? NodeRow.newBuilder().setName(name).setCreatedRevision(draft.revision()) : old.toBuilder();
        boolean sameBoot =
                old != null && old.getBootId().equals(register.getMachine().getBootId());
        boolean reattach = old != null && sameBoot && mayReattach(draft.state(), old);
        if (old != null && reattach) {
            LongerLeases.reattached(draft, old);
        } else {
            beginLife(draft, old, node, register, sameBoot);
        }
        node.setSession(draft.revision())
                .setHeardLogMillis(draft.now().getLogMillis())
                .setSessionNonce(register.getSessionNonce())
                .setProcessId(register.getProcessId())
                .setMachineId(register.getMachine().getMachineId())
                .setBootId(register.getMachine().getBootId())
                .setSharedKernel(register.getMachine().getSharedKernel())
                .setLevelMin(register.getLevelMin())
                .setLevelMax(register.getLevelMax())
                .setVersion(register.getVersion())
                .clearAddresses()
                .addAllAddresses(register.getAddressesList())
                .clearAutostartUnits()
                .addAllAutostartUnits(register.getAutostartUnitsList())
                .clearAgentTypes()
                .setDetaching(false)
                .clearJoinPending();
        if (register.hasAgentTypes()) {
            node.setAgentTypes(ReportedTypes.bounded(register.getAgentTypes()));
        }
        setPhase(draft, node, NodePhase.NODE_PHASE_JOINING);
        draft.put(node);
        Slots.makeAll(draft); // a clone may have one for each node: this one looks at it too
        draft.put(node.addAllJoinPending(toLookAt(draft.state(), node)));
        cancelTickets(draft, name, "it registered again");
        draft.event(Events.of(reattach ? "NODE_REATTACHED" : "NODE_REGISTERED", Keys.node(name))
                .setText(name + (reattach ? " re-attached" : " registered") + " (incarnation " + node.getIncarnation()
                        + ")"));
        result.setNumber(node.getIncarnation()).setSession(draft.revision());
    }

    /** The call that began the present session came twice: the session that was handed out must stay valid. */
    private static boolean isRepeated(NodeRow node, RegisterNode register) {
        boolean inContact =
                node.getPhase() == NodePhase.NODE_PHASE_UP || node.getPhase() == NodePhase.NODE_PHASE_JOINING;
        return inContact
                && !register.getSessionNonce().isEmpty()
                && node.getSessionNonce().equals(register.getSessionNonce())
                && node.getBootId().equals(register.getMachine().getBootId());
    }

    /** Before it has joined, a session says of every instance whether it runs there, but for what it owns itself. */
    private static List<String> toLookAt(ClusterState state, NodeRow.Builder node) {
        return state.instances().values().stream()
                .filter(instance -> !Migrations.isArrival(instance)
                        && !Lives.holds(state, instance, node.getName(), node.getIncarnation()))
                .map(InstanceRow::getId)
                .toList();
    }

    /** The same boot goes on with its tokens while no evidence was used and no fence ticket is open. */
    private static boolean mayReattach(ClusterState state, NodeRow node) {
        return node.getPhase() != NodePhase.NODE_PHASE_OFF && openTicket(state, node.getName()) == null;
    }

    /** A new incarnation: its number is this revision (IncarnationIsRevision); what the old one owned stays the old one's. */
    private static void beginLife(
            Draft draft, @Nullable NodeRow old, NodeRow.Builder node, RegisterNode register, boolean sameBoot) {
        if (old != null
                && !Lives.owned(draft.state(), old.getName(), old.getIncarnation())
                        .isEmpty()) {
            boolean provable = !register.getMachine().getSharedKernel() && !old.getSharedKernel();
            node.addFormerLives(FormerLife.newBuilder()
                    .setIncarnation(old.getIncarnation())
                    .setRebooted(provable && !sameBoot)
                    .setSameBoot(provable && sameBoot));
        }
        ScoreRules.forgetNode(draft, register.getNode());
        node.setIncarnation(draft.revision()).clearFound().clearOffEvidence().setMustJoinClean(sameBoot);
    }

    static void setPhase(Draft draft, NodeRow.Builder node, NodePhase phase) {
        if (node.getPhase() != phase) {
            node.setPhase(phase).setPhaseSince(draft.now());
        }
    }

    static @Nullable FenceTicketRow openTicket(ClusterState state, String node) {
        for (FenceTicketRow ticket : state.tickets().values()) {
            if (ticket.getNode().equals(node) && ticket.getState() == TicketState.TICKET_STATE_OPEN) {
                return ticket;
            }
        }
        return null;
    }

    /** TicketFresh: what a ticket's executor still reports afterwards counts no more. */
    private static void cancelTickets(Draft draft, String node, String why) {
        for (FenceTicketRow ticket : List.copyOf(draft.state().tickets().values())) {
            if (ticket.getNode().equals(node) && ticket.getState() == TicketState.TICKET_STATE_OPEN) {
                draft.put(ticket.toBuilder()
                        .setState(TicketState.TICKET_STATE_CANCELLED)
                        .setClosed(draft.now()));
                draft.event(Events.of("FENCE_CANCELLED", Keys.node(node))
                        .setText("fencing of " + node + " cancelled: " + why));
            }
        }
    }

    private static void reportProbes(Draft draft, ReportProbes report, CommandResult.Builder result) {
        noteAnswers(draft, report);
        List<FoundRow> gone = new ArrayList<>();
        for (ProbeReport probe : report.getProbesList()) {
            InstanceRow instance = draft.state().instance(probe.getInstance());
            boolean running = probe.getFinding() != ProbeReport.Finding.FINDING_NOT_RUNNING;
            boolean own =
                    instance != null && Lives.holds(draft.state(), instance, report.getNode(), report.getIncarnation());
            FoundRow known = Sightings.record(draft, report.getNode(), probe, instance != null && running && !own);
            if (known != null) {
                gone.add(known);
            }
            if (instance != null && !own) {
                recordProbe(draft, report, probe, instance, running);
                InstanceRow arrival = Migrations.arrivalOf(draft.state(), instance);
                if (arrival != null) { // a former life of the node may hold that
                    recordProbe(draft, report, probe, arrival, running);
                }
            }
            ProbeRules.answered(draft, report.getNode(), probe, own);
            result.setCount(result.getCount() + 1);
        }
        NodeRow node = draft.state().node(report.getNode());
        if (node != null && node.getPhase() == NodePhase.NODE_PHASE_UP) {
            freeFormerLives(draft, node);
        }
        for (ProbeReport probe : report.getProbesList()) {
            Sightings.settle(draft, probe.getInstance());
            Slots.dropIfUnneeded(draft, probe.getInstance());
        }
        gone.forEach(row -> Sightings.restartOwner(draft, row));
    }

    /** What was looked at waits no more; rows about instances that are gone go too. */
    private static void noteAnswers(Draft draft, ReportProbes report) {
        NodeRow node = Objects.requireNonNull(draft.state().node(report.getNode()));
        NavigableSet<String> answered = new TreeSet<>();
        report.getProbesList().forEach(probe -> answered.add(probe.getInstance()));
        List<String> pending = node.getJoinPendingList().stream()
                .filter(id -> !answered.contains(id) && draft.state().instance(id) != null)
                .toList();
        List<FoundRow> found = Lives.found(draft.state(), node);
        List<LookRow> looks = ProbeRules.looks(draft.state(), node);
        if (pending.size() != node.getJoinPendingCount()
                || found.size() != node.getFoundCount()
                || looks.size() != node.getLooksCount()) {
            draft.put(node.toBuilder()
                    .clearJoinPending()
                    .addAllJoinPending(pending)
                    .clearFound()
                    .addAllFound(found)
                    .clearLooks()
                    .addAllLooks(looks));
        }
    }

    private static void recordProbe(
            Draft draft, ReportProbes report, ProbeReport probe, InstanceRow instance, boolean running) {
        boolean needed = instance.getProbeSince() > 0 && probe.getSince() >= instance.getProbeSince();
        boolean frees =
                instance.hasOwnership() && instance.getOwnership().getNode().equals(report.getNode());
        if (!needed && !frees) {
            return;
        }
        ProbeRow row = ProbeRow.newBuilder()
                .setNode(report.getNode())
                .setIncarnation(report.getIncarnation())
                .setSince(probe.getSince())
                .setRunning(running)
                .setToken(probe.getToken())
                .build();
        ProbeRow before = Lives.probe(instance, report.getNode());
        if (row.equals(before)) {
            return;
        }
        Sightings.put(draft, instance, row);
    }

    /** Evidence (d) (Rebooted), and JoinClean: the same machine says that what its former life owned does not run there. */
    private static void freeFormerLives(Draft draft, NodeRow node) {
        for (FormerLife life : node.getFormerLivesList()) {
            if (!life.getRebooted() && !life.getSameBoot()) {
                continue;
            }
            Evidence evidence = life.getRebooted() ? Evidence.EVIDENCE_REBOOTED : Evidence.EVIDENCE_RELEASED;
            for (InstanceRow instance : Lives.owned(draft.state(), node.getName(), life.getIncarnation())) {
                ProbeRow probe = Lives.probe(instance, node.getName());
                boolean notHere =
                        probe != null && probe.getIncarnation() == node.getIncarnation() && !probe.getRunning();
                if (notHere && Lives.isOwned(draft, instance)) {
                    Lives.free(draft, instance, evidence);
                }
            }
        }
        Lives.dropEmptyLives(draft, node.getName());
        UnitRules.removeAllDeleted(draft);
    }

    /** What was not looked at may run: nothing that a registration asked for is left unanswered. */
    private static @Nullable Rejection joinProbed(Situation situation, CompleteJoin join) {
        NodeRow node = situation.state().node(join.getNode());
        if (node == null) {
            return null;
        }
        for (String id : node.getJoinPendingList()) {
            if (situation.state().instance(id) != null) {
                return Rejection.of(
                        RejectCode.PROBE_MISSING,
                        Keys.node(node.getName()),
                        node.getName() + " has not yet said whether it runs " + id);
            }
        }
        return null;
    }

    /** A node that was lost or off in this very boot must have stopped all that it ran. */
    private static @Nullable Rejection joinClean(Situation situation, CompleteJoin join) {
        NodeRow node = situation.state().node(join.getNode());
        List<FoundRow> found = node == null ? List.of() : Lives.found(situation.state(), node);
        if (node == null || !node.getMustJoinClean() || found.isEmpty()) {
            return null;
        }
        return Rejection.of(
                RejectCode.JOIN_NOT_CLEAN,
                Keys.node(node.getName()),
                node.getName() + " still runs " + found.get(0).getInstance() + " from before it was given up");
    }

    private static void completeJoin(Draft draft, CompleteJoin join, CommandResult.Builder result) {
        NodeRow node = draft.state().nodes().get(join.getNode());
        if (node == null || node.getPhase() == NodePhase.NODE_PHASE_UP) {
            return;
        }
        NodeRow.Builder row = node.toBuilder().setMustJoinClean(false).clearJoinPending();
        setPhase(draft, row, NodePhase.NODE_PHASE_UP);
        draft.put(row);
        freeFormerLives(draft, row.build());
        draft.event(Events.of("NODE_UP", Keys.node(join.getNode())).setText(join.getNode() + " is up"));
    }

    private static void detach(Draft draft, DetachNode detach, CommandResult.Builder result) {
        NodeRow node = draft.state().nodes().get(detach.getNode());
        if (node != null) {
            draft.put(node.toBuilder().setDetaching(true));
        }
    }

    private static void leave(Draft draft, LeaveNode leave, CommandResult.Builder result) {
        NodeRow node = draft.state().nodes().get(leave.getNode());
        if (node == null) {
            return;
        }
        NodeRow.Builder row = node.toBuilder().setOffEvidence(Evidence.EVIDENCE_RELEASED);
        setPhase(draft, row, NodePhase.NODE_PHASE_OFF);
        draft.put(row);
        Sightings.settleAll(draft);
        ScoreRules.forgetNode(draft, leave.getNode());
        draft.event(Events.of("NODE_LEFT", Keys.node(leave.getNode())).setText(leave.getNode() + " left"));
    }

    /** Lost heartbeats alone free nothing: what the node owns stays its own. */
    private static void declareLost(Draft draft, DeclareNodeLost lost, CommandResult.Builder result) {
        NodeRow node = draft.state().nodes().get(lost.getNode());
        if (node == null) {
            return;
        }
        NodeRow.Builder row =
                node.toBuilder().setSilenceMillis(lost.getSilenceMillis()).setLostReason(lost.getWhy());
        setPhase(draft, row, NodePhase.NODE_PHASE_LOST);
        draft.put(row);
        Stamp lastGood = Stamp.newBuilder()
                .setLogMillis(draft.now().getLogMillis() - lost.getSilenceMillis())
                .setWallMillis(draft.now().getWallMillis() - lost.getSilenceMillis())
                .build();
        for (InstanceRow instance : Lives.owned(draft.state(), node.getName(), node.getIncarnation())) {
            InstanceRow.Builder unknown = instance.toBuilder().setDetectedAt(draft.now());
            OwnershipRow.Builder ownership = unknown.getOwnershipBuilder();
            ownership.setLeaseMillis(draft.state().settings().leaseOfRecordMillis(instance.getOwnership()));
            if (!instance.hasDownSince()) {
                unknown.setDownSince(lastGood).setDownReason("node " + node.getName() + " lost");
            }
            for (int i = 0; i < unknown.getMembersCount(); i++) {
                unknown.getMembersBuilder(i)
                        .setState(RunState.RUN_STATE_UNKNOWN)
                        .setSince(draft.now());
            }
            draft.put(unknown);
        }
        Sightings.settleAll(draft);
        draft.event(Events.of("NODE_LOST", Keys.node(node.getName()))
                .setText(node.getName() + " lost: " + lost.getWhy() + ", silent for " + lost.getSilenceMillis() + " ms")
                .setDetectMillis(lost.getSilenceMillis()));
    }

    private static @Nullable Rejection isDown(ClusterState state, String name) {
        NodeRow node = state.node(name);
        boolean up = node != null
                && (node.getPhase() == NodePhase.NODE_PHASE_UP || node.getPhase() == NodePhase.NODE_PHASE_JOINING);
        return up ? Rejection.of(RejectCode.NODE_IS_UP, Keys.node(name), name + " is up: stop its agent first") : null;
    }

    /** Nobody asks a node that was forgotten: what it may still run must be known to have ended. */
    private static @Nullable Rejection offForSure(Situation situation, ForgetNode forget) {
        NodeRow node = situation.state().node(forget.getNode());
        boolean off = node == null
                || (node.getPhase() == NodePhase.NODE_PHASE_OFF
                        && node.getOffEvidence() != Evidence.EVIDENCE_UNSPECIFIED
                        && Lives.found(situation.state(), node).isEmpty());
        return off
                ? null
                : Rejection.of(
                                RejectCode.EVIDENCE_NEEDED,
                                Keys.node(forget.getNode()),
                                forget.getNode() + " is not known to be off: something may still run there")
                        .withNextStep("quorate fence confirm " + forget.getNode());
    }

    /** A node that leaves counts as off: it must have joined, and have said of all that waits for it that it is not there. */
    private static @Nullable Rejection leaveClean(Situation situation, LeaveNode leave) {
        ClusterState state = situation.state();
        NodeRow node = state.node(leave.getNode());
        if (node == null) {
            return null;
        }
        String key = Keys.node(node.getName());
        if (node.getPhase() != NodePhase.NODE_PHASE_UP) {
            return Rejection.of(RejectCode.NODE_NOT_UP, key, node.getName() + " has not joined yet");
        }
        List<FoundRow> found = Lives.found(state, node);
        if (!found.isEmpty()) {
            return Rejection.of(
                    RejectCode.RUNS_ELSEWHERE,
                    key,
                    node.getName() + " still runs " + found.get(0).getInstance());
        }
        for (InstanceRow instance : state.instances().values()) {
            if (instance.getProbeSince() > 0 && !Units.saidNotRunning(instance, node)) {
                return Rejection.of(
                        RejectCode.PROBE_MISSING,
                        key,
                        node.getName() + " has not said that it does not run " + instance.getId());
            }
        }
        return null;
    }

    static @Nullable Rejection ownsNothing(ClusterState state, String name) {
        List<InstanceRow> owned = Lives.ownedByAnyLife(state, name);
        return owned.isEmpty()
                ? null
                : Rejection.of(
                                RejectCode.STILL_OWNED,
                                Keys.node(name),
                                name + " still owns " + owned.get(0).getId()
                                        + (owned.size() > 1 ? " and " + (owned.size() - 1) + " more" : ""))
                        .withNextStep("quorate fence confirm " + name);
    }

    private static void forget(Draft draft, String name) {
        for (AttributeRow attribute : List.copyOf(draft.state().attributes().values())) {
            if (attribute.getNode().equals(name)) {
                draft.deleteAttribute(name, attribute.getName());
            }
        }
        cancelTickets(draft, name, "it was forgotten");
        expectNoMore(draft, name);
        draft.deleteNode(name);
        Sightings.forgetNode(draft, name);
        Sightings.settleAll(draft);
        Slots.fit(draft);
        draft.event(Events.of("NODE_FORGOTTEN", Keys.node(name)).setText(name + " forgotten"));
    }

    /** A quarantine does not wait for a node that is off and was forgotten. */
    private static void expectNoMore(Draft draft, String name) {
        MetaRow meta = draft.state().meta();
        List<String> expected = meta.getPause().getExpectedNodesList().stream()
                .filter(node -> !node.equals(name))
                .toList();
        if (expected.size() != meta.getPause().getExpectedNodesCount()) {
            MetaRow.Builder row = meta.toBuilder();
            row.getPauseBuilder().clearExpectedNodes().addAllExpectedNodes(expected);
            draft.put(row);
        }
    }
}
