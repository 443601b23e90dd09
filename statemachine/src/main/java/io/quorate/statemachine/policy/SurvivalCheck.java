package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explanation.Survival;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Would a unit come back by itself if the node that it is on were lost now? It needs another node that may run it, enough
 * voters, and a way to prove that the lost node is off (or that it may run twice for a while).
 */
final class SurvivalCheck {
    private static final int VOTERS_THAT_SURVIVE_ONE_LOSS = 3;

    private final Survey survey;
    private final Scoring scoring;

    SurvivalCheck(Survey survey, Scoring scoring) {
        this.survey = survey;
        this.scoring = scoring;
    }

    Survival of(UnitView unit) {
        Optional<Reason> whyNot = standsStill(unit);
        if (whyNot.isPresent()) {
            return Survival.no(whyNot.get());
        }
        NodeRow node = survey.state().node(unit.instance().getOwnership().getNode());
        if (node == null || node.getPhase() != NodePhase.NODE_PHASE_UP) {
            return Survival.no(UnitReasons.notOnAnUpNode(unit));
        }
        return on(unit, node);
    }

    /** The same for a unit that nobody owns, as if it ran where it would be placed now; empty when no node may run it. */
    Optional<Survival> wherePlaced(UnitView unit) {
        Optional<Reason> whyNot = standsStill(unit);
        return whyNot.isPresent()
                ? whyNot.map(Survival::no)
                : Scoring.best(scoring.candidates(unit), null).map(best -> on(unit, best.node()));
    }

    private Optional<Reason> standsStill(UnitView unit) {
        if (survey.state().isPaused()) {
            return Optional.of(UnitReasons.paused(survey.state()));
        }
        if (Units.isInMaintenance(unit.row())) {
            return Optional.of(UnitReasons.maintenance(unit));
        }
        if (!Units.isUnit(unit.row()) || !Units.isWanted(unit.row())) {
            return Optional.of(UnitReasons.notWanted(unit));
        }
        return Optional.empty();
    }

    private Survival on(UnitView unit, NodeRow node) {
        String name = node.getName();
        List<Candidate> candidates = scoring.candidates(unit);
        Optional<Candidate> other = Scoring.best(candidates, name);
        if (other.isEmpty()) {
            return Survival.no(UnitReasons.noOtherNode(unit, node, candidates));
        }
        if (Units.isExclusive(unit.row()) && !survey.hasFencePath(name)) {
            return Survival.no(UnitReasons.wouldNotMove(unit, node));
        }
        return quorumHolds(name) ? Survival.YES : Survival.no(quorumAtRisk(unit, name));
    }

    /** Losing a node loses the voter of that name, if there is one. */
    private boolean quorumHolds(String node) {
        List<VoterRow> voters = survey.state().voters().values().stream()
                .filter(voter -> !voter.getRemoved())
                .toList();
        return voters.size() >= VOTERS_THAT_SURVIVE_ONE_LOSS
                || voters.stream().noneMatch(voter -> voter.getName().equals(node));
    }

    private static Reason quorumAtRisk(UnitView unit, String node) {
        return Reasons.of(
                ReasonCode.QUORUM_AT_RISK,
                "with " + node + " a voter would be lost, and the others are no majority",
                List.of(unit.key(), Keys.node(node)),
                "quorate member list");
    }
}
