package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One look at a unit, or a slot of a clone, that a node owns: leave it, take it away, start it again in place, or get its node off. */
final class OwnedUnitPlanner {
    private final Survey survey;
    private final Scoring scoring;
    private final Fencing fencing;
    private final PromotionPlanner promotions;
    private final MigrationPlanner migrations;
    private final RestartTurns restarts;

    OwnedUnitPlanner(Survey survey, Scoring scoring, Fencing fencing, PromotionPlanner promotions) {
        this.survey = survey;
        this.scoring = scoring;
        this.fencing = fencing;
        this.promotions = promotions;
        this.migrations = new MigrationPlanner(survey);
        this.restarts = new RestartTurns(survey, scoring);
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
            return ownership.getStopFailed() && survey.likeItFoundOn(unit).contains(node.getName())
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
        Need lost = survey.tickets().fencing(unit);
        Outcome fence = lost == null ? Outcome.settled() : fencing.forLostTicket(unit, node, lost);
        boolean beingFenced = survey.openTicket(node.getName(), node.getIncarnation()) != null;
        if (fence.decision() != null || (lost != null && beingFenced)) {
            return fence;
        }
        if (ownership.getReleasing()) {
            return Outcome.because(UnitReasons.releasing(unit, ownership));
        }
        if (unit.isArrival()) {
            return half(unit, node, migrations.arriving(unit));
        }
        if (survey.migration(unit).hasArrived()) {
            return migrations.departing(unit);
        }
        if (!Standing.isWanted(unit)) {
            return release(unit, UnitReasons.notWanted(unit));
        }
        Need missing = survey.tickets().barring(unit);
        if (missing != null) {
            return release(unit, TicketReasons.lost(unit, node, missing));
        }
        if (unit.isPromotion()) {
            return promotions.owned(unit, node);
        }
        if (ownership.hasDeparture()) {
            return half(unit, node, migrations.departing(unit));
        }
        Optional<String> target = scoring.aim(unit);
        MemberRowStatus failed = Standing.firstFailed(unit);
        if (target.isPresent() && target.get().equals(node.getName())) {
            return failed == null ? contented(unit, node) : ofFailedMember(unit, node, failed, Optional.empty());
        }
        Optional<Candidate> other =
                target.map(name -> survey.state().node(name)).map(row -> scoring.candidate(unit, row));
        Candidate here = scoring.candidate(unit, node);
        if (here.forbiddenBy(Scoring.ONLY, Scoring.AVOID, Scoring.ONLY_LABELS)) {
            return releaseAnyway(unit, node, UnitReasons.notAllowedHere(unit, here), other);
        }
        if (here.forbiddenBy(Scoring.DRAIN)) {
            return releaseAnyway(unit, node, UnitReasons.draining(unit, node), other);
        }
        if (here.forbiddenBy(Scoring.HEALTH)) {
            String words = HealthView.inWords(survey.state(), node.getName());
            return releaseAnyway(unit, node, UnitReasons.unhealthy(unit, node, words), other);
        }
        return failed == null ? leave(unit, here, other) : ofFailedMember(unit, node, failed, other);
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

    /** One half of a live migration that failed is nowhere started again, but what its file says of failures holds. */
    private Outcome half(UnitView unit, NodeRow node, Outcome end) {
        MemberRowStatus failed = Standing.firstFailed(unit);
        return failed == null || end.decision() == null ? end : ofFailedMember(unit, node, failed, () -> end);
    }

    private Outcome ofFailedMember(UnitView unit, NodeRow node, MemberRowStatus failed, Optional<Candidate> other) {
        return ofFailedMember(unit, node, failed, () -> recoverOrMove(unit, node, failed, other));
    }

    /** Nothing is done about its failure; a restart that was asked for starts it again all the same. */
    private Outcome letBe(UnitView unit, NodeRow node, Reason why, Supplier<Outcome> recoverOrMove) {
        return unit.instance().hasRestart()
                ? restarts.nextFailed(unit, node, why, recoverOrMove)
                : Outcome.because(why);
    }

    private Outcome ofFailedMember(
            UnitView unit, NodeRow node, MemberRowStatus failed, Supplier<Outcome> recoverOrMove) {
        FailureRow failure = Failures.of(unit.instance(), node.getName(), failed.getResource());
        if (failure == null) {
            return recoverOrMove.get();
        }
        return switch (Failures.onFail(survey.state(), failure)) {
            case ON_FAIL_STOP -> release(unit, UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_STOP, unit, failure));
            case ON_FAIL_BLOCK ->
                letBe(unit, node, UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_BLOCK, unit, failure), recoverOrMove);
            case ON_FAIL_IGNORE ->
                survey.isHalf(unit)
                        ? recoverOrMove.get()
                        : letBe(
                                unit,
                                node,
                                UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_IGNORE, unit, failure),
                                recoverOrMove);
            case ON_FAIL_FENCE -> fencing.forFailure(unit, node, failed.getResource());
            case ON_FAIL_RESTART, ON_FAIL_DEMOTE, ON_FAIL_STANDBY, ON_FAIL_UNSPECIFIED, UNRECOGNIZED ->
                recoverOrMove.get();
        };
    }

    private Outcome recoverOrMove(UnitView unit, NodeRow node, MemberRowStatus failed, Optional<Candidate> other) {
        InstanceRow instance = unit.instance();
        boolean tooOften = Failures.bans(survey.state(), unit, node.getName());
        if (other.isPresent() && tooOften) {
            Reason why = UnitReasons.failedTooOften(unit, node, failed);
            return move(unit, List.of(why, UnitReasons.target(unit, other.get())), other.get());
        }
        if (!scoring.aim(unit).equals(Optional.of(node.getName()))) {
            return leave(unit, scoring.candidate(unit, node), other);
        }
        List<Reason> reasons = new ArrayList<>();
        reasons.add(UnitReasons.recovering(unit, node, failed));
        if (tooOften) {
            reasons.add(UnitReasons.failedTooOften(unit, node, failed));
            reasons.add(UnitReasons.noOtherNode(unit, node, scoring.candidates(unit)));
        }
        int count = Failures.countOn(unit, node.getName());
        long backoff = Failures.backoffMillis(count, survey.state().settings().restartBackoffMaxMillis());
        long notBefore = Failures.newestOn(unit, node.getName()) + backoff;
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

    /** It runs, or is about to, where it should: what else there is to say. */
    private Outcome contented(UnitView unit, NodeRow here) {
        if (!isFoundNowhere(unit)) {
            return Outcome.because(UnitReasons.foundElsewhere(survey.state(), unit, survey.foundOn(unit)));
        }
        String node = here.getName();
        String pinned = unit.pinnedTo();
        if (pinned != null && !pinned.equals(node)) {
            return Outcome.because(UnitReasons.pinWaits(unit, node, pinned, obstacles(unit, pinned)));
        }
        Outcome outcome = starting(unit);
        if (unit.instance().hasRestart() && RunStates.isUp(unit.instance())) {
            return restarts.next(unit, here);
        }
        OperationRow move = survey.move(unit);
        return move == null || move.getNode().isEmpty() || move.getNode().equals(node)
                ? outcome
                : outcome.andAlso(UnitReasons.moveNotPossible(unit, move, obstacles(unit, move.getNode())));
    }

    /** It should be elsewhere, or nowhere. */
    private Outcome leave(UnitView unit, Candidate here, Optional<Candidate> other) {
        String node = here.node().getName();
        String pinned = unit.pinnedTo();
        if (other.isPresent() && pinned != null && !pinned.equals(node)) {
            return move(unit, List.of(UnitReasons.pinnedElsewhere(unit, node, pinned)), other.get());
        }
        OperationRow move = survey.move(unit);
        if (other.isPresent() && move != null && isFor(move, unit, other.get())) {
            String to = other.get().node().getName();
            return move(unit, List.of(UnitReasons.moveRequested(unit, node, to, move)), other.get());
        }
        if (other.isPresent() && !here.forbidden()) {
            return move(unit, List.of(UnitReasons.betterNode(unit, here, other.get())), other.get());
        }
        if (unit.isCopy() && Standing.isTooMany(survey, unit)) {
            return release(unit, CloneReasons.tooManyCopies(survey.state(), unit, here.node()));
        }
        return releaseAnyway(unit, here.node(), UnitReasons.notAllowedHere(unit, here), other);
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

    /** What there is to say about something that is where it should be. */
    static Outcome starting(UnitView unit) {
        for (MemberRowStatus member : unit.instance().getMembersList()) {
            if (!RunStates.isUp(member.getState())) {
                return Outcome.because(
                        UnitReasons.starting(unit, unit.instance().getOwnership()));
            }
        }
        return Outcome.settled();
    }

    private boolean isFoundNowhere(UnitView unit) {
        return survey.foundOn(unit).isEmpty();
    }

    private Outcome releaseAnyway(UnitView unit, NodeRow node, Reason why, Optional<Candidate> other) {
        Reason next = other.map(target -> UnitReasons.target(unit, target))
                .orElseGet(() -> UnitReasons.noOtherNode(unit, node, scoring.candidates(unit)));
        Outcome release = release(unit, List.of(why, next));
        return other.map(target -> migrations.insteadOf(release, unit, target.node()))
                .orElse(release);
    }

    private Outcome release(UnitView unit, Reason why) {
        return release(unit, List.of(why));
    }

    private Outcome release(UnitView unit, List<Reason> reasons) {
        return releaseRelyingOn(unit, reasons, unit.instance().getOwnership().getNode());
    }

    /** It goes only because another node can take it, so what takes it away relies on that node too. */
    private Outcome move(UnitView unit, List<Reason> reasons, Candidate target) {
        Outcome release = releaseRelyingOn(
                unit,
                reasons,
                unit.instance().getOwnership().getNode(),
                target.node().getName());
        return migrations.insteadOf(release, unit, target.node());
    }

    private Outcome releaseRelyingOn(UnitView unit, List<Reason> reasons, String... nodes) {
        return Outcome.decided(new Decision.Release(
                unit.instance().getId(),
                unit.instance().getOwnership().getToken(),
                Reasons.limited(reasons),
                survey.readSet(UnitPlanner.reliedOn(survey, unit, nodes))));
    }
}
