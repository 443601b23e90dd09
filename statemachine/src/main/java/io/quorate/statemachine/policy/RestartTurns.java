package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

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
        for (UnitView other : survey.clone(copy).copies()) {
            if (!other.name().equals(copy.name()) && isDown(other)) {
                return Outcome.because(
                        hasFailed(other)
                                ? CloneReasons.restartsStopped(copy, other)
                                : CloneReasons.restartsLater(copy, other, words(other)));
            }
        }
        return first(copy)
                .filter(other -> !other.name().equals(copy.name()))
                .map(other -> Outcome.because(CloneReasons.restartsLater(copy, other, "is first")))
                .orElseGet(() -> restart(copy, node));
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

    /** Of those that can be restarted now. */
    private Optional<UnitView> first(UnitView copy) {
        CloneView clone = survey.clone(copy);
        return clone.copies().stream()
                .filter(other -> other.instance().hasRestart() && !isDown(other))
                .filter(other -> !survey.isInMaintenance(other) && survey.frozenBy(other) == null)
                .filter(other -> survey.foundOn(other).isEmpty())
                .filter(other -> scoring.aim(other).filter(other::isOwnedBy).isPresent())
                .min(Comparator.comparing((UnitView other) -> isPromoted(clone, other))
                        .thenComparingInt(UnitView::number));
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
