package io.quorate.statemachine.policy;

import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.StartupGrace;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** When a unit cannot go on before a node is off: ask for a fence, wait for the one under way, or say that none can work. */
final class Fencing {
    private final Survey survey;

    Fencing(Survey survey) {
        this.survey = survey;
    }

    /** The unit's owner is lost. */
    Outcome forLostOwner(UnitView unit, NodeRow node) {
        return fence(unit, node, node.getIncarnation(), NodeReasons.fenceLost(survey, node));
    }

    /** An earlier life of a node that is lost or off owns the unit. */
    Outcome forFormerLife(UnitView unit, NodeRow node, long incarnation) {
        Reason why = node.getPhase() == NodePhase.NODE_PHASE_OFF
                ? NodeReasons.fenceFormerLife(unit, node)
                : NodeReasons.fenceLost(survey, node);
        return fence(unit, node, incarnation, why);
    }

    /** A lost node was never asked whether it runs the unit (ProbeFirst needs evidence for it). */
    Outcome forProbe(UnitView unit, NodeRow node) {
        return fence(unit, node, node.getIncarnation(), NodeReasons.fenceUnprobed(unit, node));
    }

    /** The unit's owner could not stop it. */
    Outcome forFailedStop(UnitView unit, NodeRow node, long incarnation) {
        return fence(unit, node, incarnation, NodeReasons.fenceFailedStop(unit, node));
    }

    /** The unit failed and its file says fence. */
    Outcome forFailure(UnitView unit, NodeRow node, String member) {
        return fence(unit, node, node.getIncarnation(), NodeReasons.fenceOnFail(unit, node, member));
    }

    /** A ticket between sites that the unit needs was revoked, and its loss policy says fence. */
    Outcome forLostTicket(UnitView unit, NodeRow node, Need lost) {
        return fence(
                unit,
                node,
                node.getIncarnation(),
                TicketReasons.fence(unit, node, lost),
                lost.constraint(),
                lost.ticketKey());
    }

    /** @param others keys of what makes it necessary, beside the node and the instance */
    private Outcome fence(UnitView unit, NodeRow node, long incarnation, Reason why, String... others) {
        String name = node.getName();
        if (node.hasMaintenance()) {
            return Outcome.because(NodeReasons.maintenance(node));
        }
        FenceTicketRow ticket = survey.openTicket(name, incarnation);
        if (ticket != null) {
            return Outcome.because(UnitReasons.waitingForFence(unit, node, ticket));
        }
        if (!survey.hasFencePath(name)) {
            return Outcome.because(UnitReasons.noEvidencePath(unit, node, why));
        }
        if (!survey.brakeLets(name)) {
            return Outcome.because(UnitReasons.stormBrake(unit, node, survey.fenced()));
        }
        if (StartupGrace.restMillis(survey.state(), name, survey.nowLogMillis()) == 0) {
            survey.willFence(name);
        }
        SortedSet<String> keys = new TreeSet<>();
        keys.add(Keys.node(name));
        keys.add(Keys.instance(unit.instance().getId()));
        keys.addAll(List.of(others));
        return Outcome.decided(
                new Decision.Fence(name, incarnation, Reasons.limited(List.of(why)), survey.readSet(keys)));
    }
}
