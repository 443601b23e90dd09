package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One look at a unit that a node owns: leave it, take it away, start it again in place, or get its node off. */
final class OwnedUnitPlanner {
    private final Survey survey;
    private final Scoring scoring;
    private final Fencing fencing;

    OwnedUnitPlanner(Survey survey, Scoring scoring, Fencing fencing) {
        this.survey = survey;
        this.scoring = scoring;
        this.fencing = fencing;
    }

    Outcome look(UnitView unit) {
        OwnershipRow ownership = unit.instance().getOwnership();
        NodeRow node = survey.state().node(ownership.getNode());
        if (node == null || node.getIncarnation() != ownership.getIncarnation()) {
            return ofFormerLife(unit, ownership, node);
        }
        return switch (node.getPhase()) {
            case NODE_PHASE_JOINING -> Outcome.because(UnitReasons.waitingForJoin(unit, node));
            case NODE_PHASE_LOST -> ofLostNode(unit, node);
            case NODE_PHASE_UP -> ofUpNode(unit, ownership, node);
            case NODE_PHASE_OFF, NODE_PHASE_UNSPECIFIED, UNRECOGNIZED ->
                Outcome.because(UnitReasons.formerLife(unit, ownership));
        };
    }

    private Outcome ofFormerLife(UnitView unit, OwnershipRow ownership, @Nullable NodeRow node) {
        if (node != null && node.getPhase() == NodePhase.NODE_PHASE_JOINING) {
            // A restart ended the life that could not stop it, and the fence with it: what still runs needs another
            // one.
            return ownership.getStopFailed()
                            && survey.foundOn(unit.instance().getId()).contains(node.getName())
                    ? ofFailedStop(unit, node, ownership.getIncarnation())
                    : Outcome.because(UnitReasons.waitingForJoin(unit, node));
        }
        boolean down = node != null
                && (node.getPhase() == NodePhase.NODE_PHASE_LOST || node.getPhase() == NodePhase.NODE_PHASE_OFF);
        return node != null && down && Units.isExclusive(unit.row())
                ? fencing.forFormerLife(unit, node, ownership.getIncarnation())
                : Outcome.because(UnitReasons.formerLife(unit, ownership));
    }

    private Outcome ofLostNode(UnitView unit, NodeRow node) {
        return Units.isExclusive(unit.row())
                ? fencing.forLostOwner(unit, node)
                : Outcome.because(UnitReasons.waitingForLease(unit, node));
    }

    private Outcome ofUpNode(UnitView unit, OwnershipRow ownership, NodeRow node) {
        if (ownership.getStopFailed()) {
            return ofFailedStop(unit, node, node.getIncarnation());
        }
        if (ownership.getReleasing()) {
            return Outcome.because(UnitReasons.releasing(unit, ownership));
        }
        if (!Units.isUnit(unit.row()) || !Units.isWanted(unit.row())) {
            return release(unit, UnitReasons.notWanted(unit));
        }
        List<Candidate> candidates = scoring.candidates(unit);
        Candidate here = scoring.candidate(unit, node);
        Optional<Candidate> other = Scoring.best(candidates, node.getName());
        if (here.forbiddenBy(Scoring.ONLY, Scoring.AVOID, Scoring.ONLY_LABELS)) {
            return releaseAnyway(unit, node, UnitReasons.notAllowedHere(unit, here), other, candidates);
        }
        if (here.forbiddenBy(Scoring.DRAIN)) {
            return releaseAnyway(unit, node, UnitReasons.draining(unit, node), other, candidates);
        }
        MemberRowStatus failed = firstFailed(unit.instance());
        if (failed != null) {
            return ofFailedMember(unit, node, failed, other, candidates);
        }
        return preferences(unit, here, other);
    }

    private Outcome ofFailedStop(UnitView unit, NodeRow node, long incarnation) {
        boolean mayFence = Units.isExclusive(unit.row()) && !Failures.stopMayNotFence(survey.state(), unit);
        Reason blocked = UnitReasons.stopFailed(unit, node);
        if (!mayFence || !survey.hasFencePath(node.getName())) {
            return Outcome.because(blocked);
        }
        Outcome fence = fencing.forFailedStop(unit, node, incarnation);
        return fence.decision() == null ? fence.andAlso(blocked) : fence;
    }

    private Outcome ofFailedMember(
            UnitView unit,
            NodeRow node,
            MemberRowStatus failed,
            Optional<Candidate> other,
            List<Candidate> candidates) {
        InstanceRow instance = unit.instance();
        FailureRow failure = Failures.of(instance, node.getName(), failed.getResource());
        if (failure == null) {
            return recoverOrMove(unit, node, failed, other, candidates);
        }
        return switch (Failures.onFail(survey.state(), failure)) {
            case ON_FAIL_STOP -> release(unit, UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_STOP, unit, failure));
            case ON_FAIL_BLOCK -> Outcome.because(UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_BLOCK, unit, failure));
            case ON_FAIL_IGNORE -> Outcome.because(UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_IGNORE, unit, failure));
            case ON_FAIL_FENCE -> fencing.forFailure(unit, node, failed.getResource());
            case ON_FAIL_RESTART, ON_FAIL_DEMOTE, ON_FAIL_STANDBY, ON_FAIL_UNSPECIFIED, UNRECOGNIZED ->
                recoverOrMove(unit, node, failed, other, candidates);
        };
    }

    private Outcome recoverOrMove(
            UnitView unit,
            NodeRow node,
            MemberRowStatus failed,
            Optional<Candidate> other,
            List<Candidate> candidates) {
        InstanceRow instance = unit.instance();
        boolean tooOften = Failures.bans(survey.state(), unit, node.getName());
        if (tooOften && other.isPresent() && isFoundNowhere(unit)) {
            Reason why = UnitReasons.failedTooOften(unit, node, failed);
            return release(unit, List.of(why, UnitReasons.target(unit, other.get())), other.get());
        }
        OperationRow move = survey.move(unit);
        if (move != null && other.isPresent() && isFoundNowhere(unit) && isFor(move, unit, other.get())) {
            return release(
                    unit,
                    List.of(UnitReasons.moveRequested(
                            unit, node.getName(), other.get().node().getName(), move)),
                    other.get());
        }
        List<Reason> reasons = new ArrayList<>();
        reasons.add(UnitReasons.recovering(unit, node, failed));
        if (tooOften) {
            reasons.add(UnitReasons.failedTooOften(unit, node, failed));
            reasons.add(UnitReasons.noOtherNode(unit, node, candidates));
        }
        int count = Failures.countOn(instance, node.getName());
        long backoff = Failures.backoffMillis(count, survey.state().settings().restartBackoffMaxMillis());
        long notBefore = Failures.newestOn(instance, node.getName()) + backoff;
        if (backoff > 0 && survey.nowLogMillis() < notBefore) {
            reasons.set(0, UnitReasons.backoff(unit, node, failed, backoff));
            return new Outcome(null, reasons, notBefore);
        }
        return Outcome.decided(new Decision.Recover(
                instance.getId(),
                instance.getOwnership().getToken(),
                failed.getResource(),
                Reasons.limited(reasons),
                survey.readSet(UnitPlanner.reliedOn(survey, unit, node.getName()))));
    }

    /** It runs, or is about to: pins, moves and better nodes, as long as the other node could take it at once. */
    private Outcome preferences(UnitView unit, Candidate here, Optional<Candidate> other) {
        if (!isFoundNowhere(unit)) {
            return Outcome.because(UnitReasons.foundElsewhere(
                    unit, survey.foundOn(unit.instance().getId())));
        }
        String node = here.node().getName();
        String pinned = Units.pinnedTo(unit.row());
        if (pinned != null && !pinned.equals(node)) {
            return other.isPresent()
                    ? release(unit, List.of(UnitReasons.pinnedElsewhere(unit, node, pinned)), other.get())
                    : Outcome.because(UnitReasons.pinWaits(unit, node, pinned, obstacles(unit, pinned)));
        }
        Outcome outcome = other.isPresent() && other.get().score() > here.score()
                ? release(unit, List.of(betterNode(unit, here, other.get())), other.get())
                : starting(unit);
        OperationRow move = survey.move(unit);
        return move == null
                        || outcome.decision() != null
                        || move.getNode().isEmpty()
                        || move.getNode().equals(node)
                ? outcome
                : outcome.andAlso(UnitReasons.moveNotPossible(unit, move, obstacles(unit, move.getNode())));
    }

    private Reason betterNode(UnitView unit, Candidate here, Candidate other) {
        OperationRow move = survey.move(unit);
        return move != null && isFor(move, unit, other)
                ? UnitReasons.moveRequested(
                        unit, here.node().getName(), other.node().getName(), move)
                : UnitReasons.betterNode(unit, here, other);
    }

    private static boolean isFor(OperationRow move, UnitView unit, Candidate target) {
        return move.getNode().equals(target.node().getName()) || Scoring.leavesBy(move, unit);
    }

    private String obstacles(UnitView unit, String name) {
        NodeRow node = survey.state().node(name);
        return node == null
                ? name + " has never joined"
                : scoring.candidate(unit, node).inWords();
    }

    private static Outcome starting(UnitView unit) {
        for (MemberRowStatus member : unit.instance().getMembersList()) {
            if (member.getState() != RunState.RUN_STATE_RUNNING) {
                return Outcome.because(
                        UnitReasons.starting(unit, unit.instance().getOwnership()));
            }
        }
        return Outcome.settled();
    }

    private boolean isFoundNowhere(UnitView unit) {
        return survey.foundOn(unit.instance().getId()).isEmpty();
    }

    private static @Nullable MemberRowStatus firstFailed(InstanceRow instance) {
        for (MemberRowStatus member : instance.getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_FAILED) {
                return member;
            }
        }
        return null;
    }

    private Outcome releaseAnyway(
            UnitView unit, NodeRow node, Reason why, Optional<Candidate> other, List<Candidate> candidates) {
        return other.isPresent()
                ? release(unit, List.of(why, UnitReasons.target(unit, other.get())))
                : release(unit, List.of(why, UnitReasons.noOtherNode(unit, node, candidates)));
    }

    private Outcome release(UnitView unit, Reason why) {
        return release(unit, List.of(why));
    }

    private Outcome release(UnitView unit, List<Reason> reasons) {
        return releaseRelyingOn(unit, reasons, unit.instance().getOwnership().getNode());
    }

    /** A release that makes sense only because another node can take it: it relies on that node too. */
    private Outcome release(UnitView unit, List<Reason> reasons, Candidate target) {
        return releaseRelyingOn(
                unit,
                reasons,
                unit.instance().getOwnership().getNode(),
                target.node().getName());
    }

    private Outcome releaseRelyingOn(UnitView unit, List<Reason> reasons, String... nodes) {
        return Outcome.decided(new Decision.Release(
                unit.instance().getId(),
                unit.instance().getOwnership().getToken(),
                Reasons.limited(reasons),
                survey.readSet(UnitPlanner.reliedOn(survey, unit, nodes))));
    }
}
