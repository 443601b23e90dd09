package io.quorate.statemachine.policy;

import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodeMaintenance;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;

/** The sentences about nodes, those of fence tickets among them. */
final class NodeReasons {
    private static final int ATTEMPTS_THAT_ALARM = 3;

    private NodeReasons() {}

    static Reason fenceLost(Survey survey, NodeRow node) {
        String owned = String.join(", ", survey.ownedBy(node.getName()));
        return aboutFence(ReasonCode.LOST, node, node.getName() + " is lost" + silence(node) + " and owns " + owned);
    }

    static Reason fenceFormerLife(UnitView unit, NodeRow node) {
        return aboutFence(
                ReasonCode.LOST,
                node,
                node.getName() + " is off, but nothing says that its earlier life, which owns " + unit.name()
                        + ", has ended");
    }

    static Reason fenceUnprobed(UnitView unit, NodeRow node) {
        return aboutFence(
                ReasonCode.PROBE_NEEDS_FENCE,
                node,
                node.getName() + " is lost and never said whether " + unit.name() + " runs there");
    }

    static Reason fenceFailedStop(UnitView unit, NodeRow node) {
        return aboutFence(
                ReasonCode.STOP_FAILED, node, node.getName() + " could not stop " + unit.name() + ": it may still run");
    }

    static Reason fenceOnFail(UnitView unit, NodeRow node, String member) {
        return aboutFence(
                ReasonCode.ON_FAIL_FENCE,
                node,
                member + " of " + unit.name() + " failed on " + node.getName() + " and its onFail says fence");
    }

    static Reason startupGrace(Decision.Fence fence, long restMillis) {
        return Reasons.of(
                ReasonCode.STARTUP_GRACE,
                "after a cold start " + fence.node()
                        + " may only be late: fencing waits for it another " + restMillis / 1_000
                        + " s",
                List.of(Keys.node(fence.node())),
                "quorate node fence " + fence.node());
    }

    private static Reason aboutFence(ReasonCode code, NodeRow node, String message) {
        return Reasons.of(code, message, List.of(Keys.node(node.getName())), "quorate fence history " + node.getName());
    }

    /** The command by which a person frees what a lost node owns; for a node that is up, the one that shows its fences. */
    static String confirmIfLost(NodeRow node) {
        return node.getPhase() == NodePhase.NODE_PHASE_LOST
                ? "quorate fence confirm " + node.getName()
                : "quorate fence history " + node.getName();
    }

    private static String silence(NodeRow node) {
        return node.getSilenceMillis() == 0 ? "" : " (silent " + node.getSilenceMillis() / 1_000.0 + " s)";
    }

    /** All that is to be said about a node; empty for one that is up and has a fence path. */
    static List<Reason> of(Survey survey, NodeRow node, boolean fencingMatters) {
        List<Reason> reasons = new ArrayList<>();
        String name = node.getName();
        List<String> objects = List.of(Keys.node(name));
        FenceTicketRow ticket = survey.openTicket(name, node.getIncarnation());
        switch (node.getPhase()) {
            case NODE_PHASE_LOST ->
                reasons.add(Reasons.since(
                        Reasons.of(ReasonCode.LOST, lost(survey, node), objects, confirmIfLost(node)),
                        node.getPhaseSince()));
            case NODE_PHASE_OFF ->
                reasons.add(Reasons.since(
                        Reasons.of(ReasonCode.NODE_OFF, name + " is off", objects, "quorate fence history " + name),
                        node.getPhaseSince()));
            case NODE_PHASE_JOINING ->
                reasons.add(Reasons.since(
                        Reasons.of(
                                ReasonCode.JOINING,
                                name + " is joining: it checks what runs there",
                                objects,
                                "quorate get " + Keys.node(name)),
                        node.getPhaseSince()));
            case NODE_PHASE_UP, NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> {}
        }
        if (ticket != null) {
            reasons.add(ticket(node, ticket));
        }
        for (FoundRow found : node.getFoundList()) {
            reasons.add(found(survey.state(), node, found));
        }
        if (node.hasDrain()) {
            reasons.add(drain(node));
        }
        if (node.hasMaintenance()) {
            reasons.add(maintenance(node));
        }
        String unwell = HealthView.isTracked(survey.state()) ? HealthView.inWords(survey.state(), name) : "";
        if (!unwell.isEmpty()) {
            reasons.add(Reasons.of(
                    ReasonCode.NODE_UNHEALTHY,
                    name + " is not well: " + unwell,
                    objects,
                    "quorate get " + Keys.node(name)));
        }
        if (fencingMatters && !survey.hasFencePath(name)) {
            reasons.add(Reasons.of(
                    ReasonCode.NO_FENCE_PATH,
                    "no fence device can switch " + name + ": nothing exclusive would move from it when it is lost",
                    objects,
                    "quorate help fencing"));
        }
        return reasons;
    }

    private static String lost(Survey survey, NodeRow node) {
        String owned = String.join(", ", survey.ownedBy(node.getName()));
        String why = node.getLostReason().isEmpty() ? "" : ", " + node.getLostReason();
        return node.getName() + " is lost" + silence(node) + why + (owned.isEmpty() ? "" : "; it owns " + owned);
    }

    private static Reason drain(NodeRow node) {
        String by = node.getDrain().getBy().isEmpty()
                ? ""
                : " by " + node.getDrain().getBy();
        String why = node.getDrain().getReason().isEmpty()
                ? ""
                : ": " + node.getDrain().getReason();
        Reason reason = Reasons.of(
                ReasonCode.DRAINING,
                node.getName() + " is drained" + by + why,
                List.of(Keys.node(node.getName())),
                "quorate node resume " + node.getName());
        return node.getDrain().hasSince()
                ? reason.toBuilder().setSince(node.getDrain().getSince()).build()
                : reason;
    }

    static Reason maintenance(NodeRow node) {
        NodeMaintenance said = node.getMaintenance();
        String by = said.getBy().isEmpty() ? "" : " by " + said.getBy();
        String why = said.getReason().isEmpty() ? "" : ": " + said.getReason();
        Reason reason = Reasons.of(
                ReasonCode.MAINTENANCE,
                node.getName() + " is in maintenance" + by + why,
                List.of(Keys.node(node.getName())),
                "quorate node maintenance " + node.getName() + " --end");
        return said.hasSince() ? reason.toBuilder().setSince(said.getSince()).build() : reason;
    }

    private static Reason ticket(NodeRow node, FenceTicketRow ticket) {
        boolean failing = ticket.getAttempts() >= ATTEMPTS_THAT_ALARM;
        String attempts = ticket.getAttempts() == 0 ? "" : ", " + ticket.getAttempts() + " attempts so far";
        return Reasons.since(
                Reasons.of(
                        failing ? ReasonCode.FENCE_FAILING : ReasonCode.WAITING_FOR_FENCE,
                        node.getName() + " is being fenced (" + ticket.getId() + attempts + ")",
                        List.of(Keys.node(node.getName()), Keys.TICKETS + ticket.getId()),
                        confirmIfLost(node)),
                ticket.getRequested());
    }

    private static Reason found(ClusterState state, NodeRow at, FoundRow found) {
        String node = at.getName();
        List<String> objects = List.of(Keys.node(node), Keys.instance(found.getInstance()));
        InstanceRow instance = state.instance(found.getInstance());
        ObjectRow unit = instance == null ? null : Units.of(state, instance);
        boolean again =
                unit != null && Units.isStoppedWhereFound(unit) && Units.whatKeepsAStop(state, unit, at, found) == null;
        return found.hasStopFailed()
                ? Reasons.of(
                        ReasonCode.FOUND_NOT_STOPPED,
                        node + " could not stop " + found.getInstance() + ", which it does not own ("
                                + UnitReasons.inWords(found.getStopFailed()) + "): stop it there"
                                + (again ? "; the node tries again" : ""),
                        objects,
                        "quorate explain " + found.getInstance())
                : Reasons.of(
                        ReasonCode.FOUND_RUNNING,
                        found.getRunning()
                                ? found.getInstance() + " runs on " + node + ", which does not own it"
                                : found.getInstance() + " may run on " + node
                                        + ", which does not own it and cannot tell",
                        objects,
                        "quorate explain " + found.getInstance());
    }
}
