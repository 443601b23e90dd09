package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.v1.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

/**
 * Which copy of a clone is restarted next. Only while all others run that can: so at most one is down for it, and one that does
 * not come back is the last one that was. What is promoted is last.
 */
final class RestartTurns {
    private final Survey survey;
    private final Scoring scoring;

    RestartTurns(Survey survey, Scoring scoring) {
        this.survey = survey;
        this.scoring = scoring;
    }

    /** The restart of a copy that is to be restarted, or what it waits for. */
    Outcome next(UnitView copy, NodeRow node) {
        return waitsFor(copy).map(Outcome::because).orElseGet(() -> restart(copy, node));
    }

    /**
     * The same for one that failed and is let be by its onFail: it may still serve, and starts again only for the restart. What
     * is to be elsewhere has no turn to wait for: those that come before it wait for it.
     *
     * @param letBe why nothing else is done about it
     */
    Outcome nextFailed(UnitView copy, NodeRow node, Reason letBe, Supplier<Outcome> elsewhere) {
        return isAtItsPlace(copy)
                ? waitsFor(copy).map(reason -> Outcome.because(reason, letBe)).orElseGet(() -> restart(copy, node))
                : elsewhere.get();
    }

    private Optional<Reason> waitsFor(UnitView copy) {
        for (UnitView other : survey.clone(copy).copies()) {
            if (!other.name().equals(copy.name()) && isDown(other) && !mayBeNext(other)) {
                return Optional.of(
                        hasFailed(other)
                                ? CloneReasons.restartsStopped(copy, other)
                                : CloneReasons.restartsLater(copy, other, words(other)));
            }
        }
        return first(copy)
                .filter(other -> !other.name().equals(copy.name()))
                .map(other -> CloneReasons.restartsLater(copy, other, "is first"));
    }

    private Outcome restart(UnitView copy, NodeRow node) {
        SortedSet<String> reliedOn = UnitPlanner.reliedOn(survey, copy, node.getName());
        survey.clone(copy).copies().forEach(other -> reliedOn.add(Keys.instance(other.name())));
        return Outcome.decided(new Decision.Recover(
                copy.name(),
                copy.instance().getOwnership().getToken(),
                "",
                Reasons.limited(List.of(CloneReasons.restarted(copy, node))),
                survey.readSet(reliedOn)));
    }

    /** Of those that can be restarted now: what has failed first, for the others wait for it. */
    private Optional<UnitView> first(UnitView copy) {
        CloneView clone = survey.clone(copy);
        return clone.copies().stream()
                .filter(this::mayBeNext)
                .min(Comparator.comparing((UnitView other) -> !isDown(other))
                        .thenComparing(other -> isPromoted(clone, other))
                        .thenComparingInt(UnitView::number));
    }

    private boolean mayBeNext(UnitView other) {
        return other.instance().hasRestart()
                && (!isDown(other) || isLetBe(other))
                && !survey.isInMaintenance(other)
                && survey.frozenBy(other) == null
                && survey.foundOn(other).isEmpty()
                && isAtItsPlace(other);
    }

    private boolean isAtItsPlace(UnitView copy) {
        return scoring.aim(copy).filter(copy::isOwnedBy).isPresent();
    }

    /** It failed, and its onFail says that nobody does anything about it: only the restart starts it again. */
    private boolean isLetBe(UnitView other) {
        OwnershipRow ownership = other.ownership();
        if (ownership == null
                || ownership.getReleasing()
                || ownership.getStopFailed()
                || !Standing.isInContact(survey, other)) {
            return false;
        }
        MemberRowStatus failed = Standing.firstFailed(other);
        FailureRow failure =
                failed == null ? null : Failures.of(other.instance(), ownership.getNode(), failed.getResource());
        return failure != null
                && switch (Failures.onFail(survey.state(), failure)) {
                    case ON_FAIL_IGNORE, ON_FAIL_BLOCK -> true;
                    case ON_FAIL_STOP,
                            ON_FAIL_FENCE,
                            ON_FAIL_RESTART,
                            ON_FAIL_DEMOTE,
                            ON_FAIL_STANDBY,
                            ON_FAIL_UNSPECIFIED,
                            UNRECOGNIZED -> false;
                };
    }

    /** It is, or is to be: a failover waits for no restart but that of the last copy. */
    private boolean isPromoted(CloneView clone, UnitView copy) {
        return clone.promotionOf(copy) != null
                || clone.promotions().stream()
                        .anyMatch(promotion -> scoring.aimedCopy(promotion).equals(Optional.of(copy.name())));
    }

    /** It does not run and is on its way, or has failed; what there is no node for is not waited for. */
    private boolean isDown(UnitView other) {
        OwnershipRow ownership = other.ownership();
        if (ownership == null) {
            return scoring.aim(other).isPresent() || hasFailed(other);
        }
        return !Standing.isInContact(survey, other)
                || ownership.getReleasing()
                || ownership.getStopFailed()
                || !RunStates.isUp(other.instance());
    }

    private boolean hasFailed(UnitView other) {
        OwnershipRow ownership = other.ownership();
        return ownership == null
                ? other.instance().getFailuresList().stream().anyMatch(failure -> keepsAway(other, failure))
                : ownership.getStopFailed() || Standing.firstFailed(other) != null;
    }

    /** Whether it would be there but for its failures: what was only drained away is not waited for. */
    private boolean keepsAway(UnitView other, FailureRow failure) {
        NodeRow node = survey.state().node(failure.getNode());
        return failure.getCount() > 0
                && node != null
                && Obstacles.isOpen(node)
                && Failures.bans(survey.state(), other, node.getName());
    }

    private String words(UnitView other) {
        OwnershipRow ownership = other.ownership();
        if (ownership == null) {
            return "does not run yet";
        }
        if (!Standing.isInContact(survey, other)) {
            return "is on " + ownership.getNode() + ", which is out of contact";
        }
        return (ownership.getReleasing() ? "is stopping on " : "is starting on ") + ownership.getNode();
    }
}
