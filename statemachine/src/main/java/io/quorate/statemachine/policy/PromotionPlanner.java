package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** One look at a promotion as if it were alone: which copy to promote, whether to demote one, or why not. */
final class PromotionPlanner {
    private final Survey survey;
    private final Scoring scoring;
    private final Fencing fencing;

    PromotionPlanner(Survey survey, Scoring scoring, Fencing fencing) {
        this.survey = survey;
        this.scoring = scoring;
        this.fencing = fencing;
    }

    /** Nobody owns it, and nothing but scores and rules can keep it from being promoted. */
    Outcome free(UnitView promotion) {
        String aim = scoring.aimedCopy(promotion).orElse("");
        UnitView copy = survey.unit(aim);
        NodeRow node =
                scoring.aim(promotion).map(name -> survey.state().node(name)).orElse(null);
        if (copy == null || node == null) {
            return Outcome.because(notPromoted(promotion));
        }
        int count = Failures.countOn(promotion, node.getName());
        long backoff = Failures.backoffMillis(count, survey.state().settings().restartBackoffMaxMillis());
        long notBefore = Failures.newestOn(promotion, node.getName()) + backoff;
        if (backoff > 0 && survey.nowLogMillis() < notBefore) {
            Reason reason = CloneReasons.promotionBackoff(promotion, copy, node, count, backoff);
            return new Outcome(null, List.of(reason), notBefore);
        }
        List<UnitView> there = survey.clone(promotion).promotions().stream()
                .filter(other -> other.isOwnedBy(node.getName()))
                .toList();
        if (there.size() >= Clones.maxPromotedPerNode(promotion.row())) {
            return Outcome.because(CloneReasons.slotTaken(promotion, node, there.get(0)));
        }
        return promote(promotion, copy, node);
    }

    private Outcome promote(UnitView promotion, UnitView copy, NodeRow node) {
        SortedSet<String> reliedOn = UnitPlanner.reliedOn(survey, promotion, node.getName());
        reliedOn.add(Keys.instance(copy.name()));
        Reason why = CloneReasons.promoted(
                promotion, copy, scoring.candidate(promotion, node), scoring.candidates(promotion));
        return Outcome.decided(new Decision.Assign(
                promotion.name(),
                node.getName(),
                node.getIncarnation(),
                copy.name(),
                Reasons.limited(List.of(why)),
                survey.readSet(reliedOn)));
    }

    private Reason notPromoted(UnitView promotion) {
        CloneView clone = survey.clone(promotion);
        List<UnitView> running = clone.copies().stream()
                .filter(copy -> Standing.isInContact(survey, copy))
                .toList();
        if (running.isEmpty()) {
            return CloneReasons.nothingToPromote(promotion);
        }
        boolean silent = running.stream()
                .allMatch(copy -> Clones.promotionScore(
                                survey.state(),
                                promotion.row(),
                                copy.instance().getOwnership().getNode())
                        .isEmpty());
        List<Candidate> candidates = scoring.candidates(promotion);
        return silent && candidates.stream().noneMatch(Candidate::allowed)
                ? CloneReasons.noPromotionScore(promotion)
                : CloneReasons.noCopyToPromote(clone, promotion, candidates);
    }

    /** A node that is up owns it, and somebody wants it to. */
    Outcome owned(UnitView promotion, NodeRow node) {
        MemberRowStatus failed = Standing.firstFailed(promotion);
        if (failed != null) {
            return ofFailed(promotion, node, failed);
        }
        String copy = promotion.instance().getOwnership().getCopy();
        Optional<String> aim = scoring.aimedCopy(promotion);
        if (aim.equals(Optional.of(copy))) {
            return stays(promotion, node);
        }
        Candidate here = scoring.candidate(promotion, node);
        UnitView other = aim.map(survey::unit).orElse(null);
        Optional<Candidate> there = scoring.aim(promotion)
                .map(name -> survey.state().node(name))
                .map(row -> scoring.candidate(promotion, row));
        if (other == null || there.isEmpty()) {
            return release(promotion, CloneReasons.notPromotedHere(promotion, copy, here));
        }
        return release(
                promotion,
                why(promotion, here, other, there.get()),
                Keys.instance(other.name()),
                Keys.node(there.get().node().getName()));
    }

    private Reason why(UnitView promotion, Candidate here, UnitView other, Candidate there) {
        String from = here.node().getName();
        String to = there.node().getName();
        Standing standing = scoring.aims().standing(promotion.name());
        OperationRow move = standing.move();
        if (to.equals(standing.pinned())) {
            return UnitReasons.pinnedElsewhere(promotion, from, to);
        }
        if (move != null && (move.getNode().equals(to) || Scoring.leavesBy(move, promotion))) {
            return UnitReasons.moveRequested(promotion, from, to, move);
        }
        String copy = promotion.instance().getOwnership().getCopy();
        return CloneReasons.betterCopy(promotion, copy, here, other, there);
    }

    /** It is where it should be; what verbs ask for and cannot be had is said. */
    private Outcome stays(UnitView promotion, NodeRow node) {
        Outcome outcome = OwnedUnitPlanner.starting(promotion);
        String pinned = promotion.promotedPin();
        if (pinned != null && nothingIsPromotedOn(promotion, pinned)) {
            outcome = outcome.andAlso(
                    UnitReasons.pinWaits(promotion, node.getName(), pinned, obstacles(promotion, pinned)));
        }
        OperationRow move = survey.move(promotion);
        if (move == null || move.getNode().isEmpty() || !nothingIsPromotedOn(promotion, move.getNode())) {
            return outcome;
        }
        return outcome.andAlso(UnitReasons.moveNotPossible(promotion, move, obstacles(promotion, move.getNode())));
    }

    private boolean nothingIsPromotedOn(UnitView promotion, String node) {
        return survey.clone(promotion).promotions().stream()
                .noneMatch(other -> other.isOwnedBy(node) || scoring.aim(other).equals(Optional.of(node)));
    }

    private String obstacles(UnitView promotion, String name) {
        NodeRow node = survey.state().node(name);
        if (node == null) {
            return name + " has never joined";
        }
        boolean waits = !survey.clone(promotion).copiesOn(name).isEmpty()
                && !Clones.hasRunningCopy(survey.state(), promotion.row(), name);
        return waits
                ? "the copy on " + name + " does not run"
                : scoring.candidate(promotion, node).inWords();
    }

    private Outcome ofFailed(UnitView promotion, NodeRow node, MemberRowStatus failed) {
        FailureRow failure = Failures.of(promotion.instance(), node.getName(), failed.getResource());
        if (failure == null) {
            return release(promotion, CloneReasons.promotionFailed(promotion, node, failed));
        }
        return switch (Failures.onFail(survey.state(), failure)) {
            case ON_FAIL_STOP ->
                release(promotion, UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_STOP, promotion, failure));
            case ON_FAIL_BLOCK ->
                Outcome.because(UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_BLOCK, promotion, failure));
            case ON_FAIL_IGNORE ->
                Outcome.because(UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_IGNORE, promotion, failure));
            case ON_FAIL_FENCE -> fencing.forFailure(promotion, node, failed.getResource());
            case ON_FAIL_RESTART, ON_FAIL_DEMOTE, ON_FAIL_STANDBY, ON_FAIL_UNSPECIFIED, UNRECOGNIZED ->
                release(promotion, CloneReasons.promotionFailed(promotion, node, failed));
        };
    }

    /** @param others keys of what it makes sense for, beside its own */
    private Outcome release(UnitView promotion, Reason why, String... others) {
        SortedSet<String> reliedOn = UnitPlanner.reliedOn(
                survey, promotion, promotion.instance().getOwnership().getNode());
        reliedOn.addAll(List.of(others));
        var ownership = promotion.instance().getOwnership();
        return Outcome.decided(new Decision.Release(
                promotion.name(), ownership.getToken(), Reasons.limited(List.of(why)), survey.readSet(reliedOn)));
    }
}
