package io.quorate.statemachine.policy;

import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;

/** The sentences about copies and promotions. */
final class CloneReasons {
    private CloneReasons() {}

    static Reason promoted(UnitView promotion, UnitView copy, Candidate best, List<Candidate> candidates) {
        long allowed = candidates.stream().filter(Candidate::allowed).count();
        String choice = best.inWords() + (allowed == 0 ? "" : ", the best of " + allowed + " that may be");
        return of(ReasonCode.PROMOTED, copy.name() + " is promoted on " + choice, promotion, best.node());
    }

    static Reason betterCopy(UnitView promotion, String copy, Candidate here, UnitView other, Candidate there) {
        return of(
                ReasonCode.BETTER_COPY,
                copy + " is demoted: " + other.name() + " is to be promoted on " + there.inWords() + ", not "
                        + here.inWords(),
                promotion,
                there.node());
    }

    static Reason notPromotedHere(UnitView promotion, String copy, Candidate here) {
        return of(
                ReasonCode.NOT_PROMOTED_HERE,
                copy + " is demoted: it may not be promoted on " + here.inWords(),
                promotion,
                here.node());
    }

    static Reason promotionFailed(UnitView promotion, NodeRow node, MemberRowStatus failed) {
        return Reasons.since(
                of(
                        ReasonCode.PROMOTION_FAILED,
                        failed.getResource() + " failed as promoted on " + node.getName() + " ("
                                + UnitReasons.inWords(failed.getLastFailure())
                                + "): it is demoted, and which copy is promoted is decided again",
                        promotion,
                        node),
                failed.getSince());
    }

    static Reason promotionBackoff(UnitView promotion, UnitView copy, NodeRow node, int count, long millis) {
        return of(
                ReasonCode.RESTART_BACKOFF,
                copy.name() + " failed as promoted on " + node.getName() + " " + UnitReasons.times(count)
                        + ": next promotion there " + millis / 1_000.0 + " s after it",
                promotion,
                node);
    }

    static Reason nothingToPromote(UnitView promotion) {
        return Reasons.of(
                ReasonCode.WAITING_FOR_COPY,
                "no copy of " + promotion.unitName() + " runs that could be promoted",
                List.of(promotion.key()),
                explain(promotion));
    }

    static Reason noPromotionScore(UnitView promotion) {
        return Reasons.of(
                ReasonCode.NO_PROMOTION_SCORE,
                "no copy of " + promotion.unitName()
                        + " is promoted: none of their agents said that it may be (crm_attribute --promotion)",
                List.of(promotion.key()),
                explain(promotion));
    }

    static Reason noCopyToPromote(CloneView clone, UnitView promotion, List<Candidate> candidates) {
        boolean none =
                clone.promotions().stream().noneMatch(each -> each.instance().hasOwnership());
        List<String> words = candidates.stream().map(Candidate::inWords).toList();
        return Reasons.of(
                none ? ReasonCode.NO_COPY_TO_PROMOTE : ReasonCode.NO_FURTHER_PROMOTION,
                (none ? "no" : "no further") + " copy of " + promotion.unitName() + " may be promoted: "
                        + String.join("; ", words),
                List.of(promotion.key()),
                explain(promotion));
    }

    /** As a person asked for it, or a file that changed. */
    static Reason restarted(UnitView copy, NodeRow node) {
        Reason why = copy.instance().getRestart().getReason();
        boolean asked = why.getCode().equals(ReasonCode.RESTART_ASKED.name());
        return of(
                asked ? ReasonCode.RESTART_ASKED : ReasonCode.DEFINITION_CHANGED,
                asked ? copy.name() + " restarts on " + node.getName() + ": " + why.getMessage() : why.getMessage(),
                copy,
                node);
    }

    static Reason restartsLater(UnitView copy, UnitView other, String words) {
        return Reasons.of(
                ReasonCode.RESTARTS_LATER,
                copy.name() + " is restarted when " + other.name() + " runs again, which " + words,
                List.of(copy.key()),
                explain(copy));
    }

    static Reason restartsStopped(UnitView copy, UnitView other) {
        return Reasons.of(
                ReasonCode.RESTARTS_STOPPED,
                copy.name() + " is not restarted: " + other.name() + " failed and does not run",
                List.of(copy.key()),
                "quorate failures clear " + copy.unitName());
    }

    static Reason slotTaken(UnitView slot, NodeRow node, UnitView other) {
        return of(
                ReasonCode.WAITING_FOR_SLOT,
                slot.name() + " goes to " + node.getName() + " as soon as " + other.name() + " has left it",
                slot,
                node);
    }

    static Reason tooManyCopies(ClusterState state, UnitView copy, NodeRow node) {
        int max = Clones.maxCopies(state, copy.row());
        return of(
                ReasonCode.TOO_MANY_COPIES,
                copy.name() + " leaves " + node.getName() + ": " + copy.unitName() + " has no more than " + max
                        + (max == 1 ? " copy" : " copies"),
                copy,
                node);
    }

    /** @param others whether other copies have a place */
    static Reason noNodeForCopy(UnitView copy, boolean others, List<Candidate> candidates) {
        List<String> words = new ArrayList<>();
        candidates.forEach(each -> words.add(each.inWords()));
        String nodes = words.isEmpty() ? "no node has joined" : String.join("; ", words);
        return Reasons.of(
                others ? ReasonCode.NO_NODE_FOR_COPY : ReasonCode.NO_NODE_ALLOWED,
                "no " + (others ? "further " : "") + "node may run " + copy.name() + ": " + nodes,
                List.of(copy.key()),
                explain(copy));
    }

    static Reason tooFewLeft(UnitView any, NodeRow node, int left, int needed) {
        return of(
                ReasonCode.TOO_FEW_COPIES_LEFT,
                "without " + node.getName() + " " + (left == 0 ? "no copy" : left + " of " + needed + " copies")
                        + " of " + any.unitName() + " would run",
                any,
                node);
    }

    static Reason noOtherCopy(UnitView promotion, NodeRow node) {
        return of(
                ReasonCode.NO_OTHER_COPY,
                "without " + node.getName() + " no other copy of " + promotion.unitName() + " could be promoted",
                promotion,
                node);
    }

    private static Reason of(ReasonCode code, String text, UnitView slot, NodeRow node) {
        return Reasons.of(code, text, List.of(slot.key(), Keys.node(node.getName())), explain(slot));
    }

    private static String explain(UnitView slot) {
        return "quorate explain " + slot.unitName();
    }
}
