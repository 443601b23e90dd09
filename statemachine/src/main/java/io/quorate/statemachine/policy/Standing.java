package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.Evidence;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OnFail;
import io.quorate.v1.RunState;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the placement engine sees a unit, or a slot of a clone: where it is now, how firmly, and what about its present place counts.
 *
 * @param wanted it is to be placed at all
 * @param node where it runs, or may run; empty when it is free or on its way out
 * @param fixed nothing can be done with it now: it stays there
 * @param stickiness what staying is worth; of a free one, what going back to the node that it was stopped on is
 * @param leavesFailures that it failed too often where it is counts against that node
 * @param pinned it is wanted on this node only, a promotion on this one rather than on others; empty: not pinned, or the pin has
 *     to wait
 * @param move the move that steers it; null: there is none, or it has to wait
 */
record Standing(
        boolean wanted,
        String node,
        boolean fixed,
        int stickiness,
        boolean leavesFailures,
        String pinned,
        @Nullable OperationRow move) {

    /** What it is worth to a promotion that a copy needs no restart: more than scores, which decide among such copies. */
    private static final int AFTER_RESTART = Score.INFINITY / 2;

    /** What this unit asks for may turn out to be impossible, and it then stays as it is. */
    boolean asks() {
        boolean pinnedElsewhere = !pinned.isEmpty() && !node.isEmpty() && !pinned.equals(node);
        return leavesFailures || move != null || pinnedElsewhere;
    }

    /**
     * What verbs say of a promotion on a node: the rule, and what it adds to the score there. What is not promoted while the
     * copies restart is promoted rather where that is over.
     */
    SortedMap<String, Integer> wishes(Survey survey, UnitView promotion, String name) {
        SortedMap<String, Integer> wishes = new TreeMap<>();
        if (pinned.equals(name)) {
            wishes.put(Scoring.PIN, Score.INFINITY);
        }
        if (move != null && move.getNode().equals(name)) {
            wishes.put(Scoring.MOVE, Score.INFINITY);
        }
        if (move != null
                && move.getNode().isEmpty()
                && Scoring.formerNode(promotion).equals(name)) {
            wishes.put(Scoring.MOVE, -Score.INFINITY);
        }
        boolean open = wanted && node.isEmpty() && pinned.isEmpty() && move == null;
        if (open && survey.clone(promotion).isRestartedOn(name) && mayBePromoted(survey, promotion, name)) {
            wishes.put(Scoring.RESTART, AFTER_RESTART);
        }
        return wishes;
    }

    static final Standing NOWHERE = new Standing(false, "", false, 0, false, "", null);

    /** The same unit once its node is off and it is free: nothing holds it, and nothing speaks for where it was. */
    Standing freed() {
        return new Standing(wanted, "", false, 0, false, pinned, move);
    }

    /** The same unit once it was stopped to be moved: it is free, and weighs its former node as one that was released. */
    Standing released() {
        return new Standing(wanted, "", false, Math.min(1, stickiness), leavesFailures, pinned, move);
    }

    /** The same unit, which asks for nothing; one that is free is as little allowed elsewhere than where it is pinned. */
    Standing contented() {
        return new Standing(wanted, node, fixed, stickiness, false, node.isEmpty() ? pinned : "", null);
    }

    /** The same unit once it has come to a node. */
    Standing arrivedOn(String target, int usualStickiness) {
        return new Standing(wanted, target, false, usualStickiness, false, pinned, move);
    }

    /** It stays on this node, or comes to it, whatever would be better. */
    static Standing fixedOn(String node) {
        return new Standing(true, node, true, Score.INFINITY, false, "", null);
    }

    /** @param contented it asks for nothing: what it asked for is not possible now */
    static Standing of(Survey survey, UnitView unit, boolean contented) {
        OwnershipRow ownership = unit.ownership();
        MigrationView migration = survey.migration(unit);
        if (ownership != null
                && migration.isAlive()
                && isWanted(unit)
                && survey.tickets().barring(unit) == null) {
            // It is let arrive, whatever would be better by now; others plan for where it will be.
            return fixedOn(ownership.getDeparture().getNode());
        }
        if (ownership != null && (survey.frozenBy(unit) != null || migration.isHeld())) {
            return fixedOn(ownership.getNode());
        }
        if (isTooMany(survey, unit)) {
            return NOWHERE;
        }
        if (ownership == null) {
            return ofFree(survey, unit, contented);
        }
        NodeRow node = survey.state().node(ownership.getNode());
        if (node == null) {
            return NOWHERE;
        }
        if (!isInContact(survey, unit) || ownership.getStopFailed() || survey.isInMaintenance(unit)) {
            return fixedOn(node.getName());
        }
        if (ownership.getReleasing() || migration.isBroken()) {
            return ofFree(survey, unit, contented);
        }
        return unit.isPromotion()
                ? ofPromoted(survey, unit, node, contented)
                : ofRunning(survey, unit, node, contented);
    }

    /** Whether there are as many others of its clone as there may be: owned ones of lower numbers come first. */
    static boolean isTooMany(Survey survey, UnitView unit) {
        if (!unit.isSlot()) {
            return false;
        }
        int max = unit.isPromotion() ? Clones.maxPromoted(unit.row()) : Clones.maxCopies(survey.state(), unit.row());
        if (!unit.instance().hasOwnership()) {
            return unit.number() >= max;
        }
        CloneView clone = survey.clone(unit);
        long before = (unit.isPromotion() ? clone.promotions() : clone.copies())
                .stream()
                        .filter(other -> other.instance().hasOwnership() && other.number() < unit.number())
                        .count();
        return before >= max && isInContact(survey, unit);
    }

    static boolean isInContact(Survey survey, UnitView unit) {
        OwnershipRow ownership = unit.ownership();
        NodeRow node = ownership == null ? null : survey.state().node(ownership.getNode());
        return ownership != null
                && node != null
                && node.getPhase() == NodePhase.NODE_PHASE_UP
                && node.getIncarnation() == ownership.getIncarnation();
    }

    /** A promotion that failed is ended and may come back: there is nothing in it to be started again. */
    private static Standing ofPromoted(Survey survey, UnitView unit, NodeRow node, boolean contented) {
        if (!isWanted(unit) || survey.tickets().barring(unit) != null) {
            return NOWHERE;
        }
        MemberRowStatus failed = firstFailed(unit);
        FailureRow failure = failed == null ? null : Failures.of(unit.instance(), node.getName(), failed.getResource());
        OnFail onFail = failure == null ? OnFail.ON_FAIL_RESTART : Failures.onFail(survey.state(), failure);
        Standing stays = new Standing(true, node.getName(), false, 0, false, "", null);
        if (failed == null) {
            String pinned = contented ? null : pinnedTo(survey, unit);
            OperationRow move = move(survey, unit, contented);
            return new Standing(true, node.getName(), false, 0, false, pinned == null ? "" : pinned, move);
        }
        return switch (onFail) {
            case ON_FAIL_IGNORE -> stays;
            case ON_FAIL_BLOCK, ON_FAIL_FENCE -> fixedOn(node.getName());
            case ON_FAIL_STOP -> NOWHERE;
            case ON_FAIL_RESTART, ON_FAIL_DEMOTE, ON_FAIL_STANDBY, ON_FAIL_UNSPECIFIED, UNRECOGNIZED ->
                new Standing(true, "", false, 0, false, "", null);
        };
    }

    private static Standing ofFree(Survey survey, UnitView unit, boolean contented) {
        ClusterState state = survey.state();
        boolean held = !isWanted(unit)
                || Units.isInMaintenance(unit.row())
                || !survey.foundOn(unit).isEmpty()
                || survey.tickets().barring(unit) != null
                || Failures.firstWith(state, unit, OnFail.ON_FAIL_STOP) != null
                || Failures.firstWith(state, unit, OnFail.ON_FAIL_BLOCK) != null;
        if (held) {
            return NOWHERE;
        }
        String pinned = pinnedTo(survey, unit);
        // What stopped for the sake of others starts again where it was when nothing speaks against it; it moves
        // nobody.
        boolean released = unit.instance().hasOwnership() || unit.instance().getFreedBy() == Evidence.EVIDENCE_RELEASED;
        return new Standing(
                true,
                "",
                false,
                released && !unit.isPromotion() ? Math.min(1, Units.stickiness(unit.row())) : 0,
                false,
                pinned == null ? "" : pinned,
                move(survey, unit, contented));
    }

    private static Standing ofRunning(Survey survey, UnitView unit, NodeRow node, boolean contented) {
        ClusterState state = survey.state();
        String name = node.getName();
        MemberRowStatus failed = firstFailed(unit);
        FailureRow failure = failed == null ? null : Failures.of(unit.instance(), name, failed.getResource());
        OnFail onFail = failure == null ? OnFail.ON_FAIL_RESTART : Failures.onFail(state, failure);
        boolean lost = survey.tickets().barring(unit) != null;
        if (!isWanted(unit) || lost || (failed != null && onFail == OnFail.ON_FAIL_STOP)) {
            return NOWHERE;
        }
        boolean mustLeave =
                node.hasDrain() || !Obstacles.ofFile(state, unit, name).isEmpty();
        boolean found = !survey.foundOn(unit).isEmpty();
        boolean stuck = failed != null && (onFail == OnFail.ON_FAIL_BLOCK || onFail == OnFail.ON_FAIL_FENCE);
        if (!mustLeave && (found || stuck)) {
            return fixedOn(name);
        }
        boolean mayAsk = !contented && !found;
        if (failed != null) {
            boolean movable = mayAsk && onFail != OnFail.ON_FAIL_IGNORE && survey.hasOpenNodeFor(unit, name);
            boolean tooOften = movable && Failures.bans(state, unit, name);
            OperationRow move = movable && !tooOften ? move(survey, unit, false) : null;
            // What failed is started again where it is before anything else is thought of.
            int stickiness = tooOften || move != null ? Units.stickiness(unit.row()) : Score.INFINITY;
            return new Standing(true, name, false, stickiness, tooOften, "", move);
        }
        String pinned = pinnedTo(survey, unit);
        if (pinned != null && !pinned.equals(name)) {
            boolean honoured = mayAsk && survey.hasOpenNodeFor(unit, name);
            int stickiness = honoured ? Units.stickiness(unit.row()) : Score.INFINITY;
            return new Standing(true, name, false, stickiness, false, honoured ? pinned : "", null);
        }
        OperationRow move = mayAsk ? move(survey, unit, false) : null;
        return new Standing(
                true,
                name,
                false,
                Units.stickiness(unit.row()),
                false,
                pinned == null ? "" : pinned,
                move != null && (move.getNode().equals(name) || survey.hasOpenNodeFor(unit, name)) ? move : null);
    }

    /** Nothing is promoted for the sake of a pin that could not be otherwise. */
    private static @Nullable String pinnedTo(Survey survey, UnitView unit) {
        String promoted = unit.promotedPin();
        return promoted != null && mayBePromoted(survey, unit, promoted) ? promoted : unit.pinnedTo();
    }

    private static @Nullable OperationRow move(Survey survey, UnitView unit, boolean contented) {
        OperationRow move = contented ? null : survey.move(unit);
        if (move == null) {
            return null;
        }
        if (move.getNode().isEmpty()) {
            String pinned = unit.isPromotion() ? unit.promotedPin() : unit.pinnedTo();
            boolean pinnedHere = pinned != null && unit.isOwnedBy(pinned); // it would go and come back
            return !pinnedHere
                            && Scoring.leavesBy(move, unit)
                            && (!unit.isPromotion() || mayBePromotedElsewhere(survey, unit))
                    ? move
                    : null;
        }
        NodeRow target = survey.state().node(move.getNode());
        boolean open = unit.isPromotion()
                ? mayBePromoted(survey, unit, move.getNode())
                : target != null && Obstacles.none(survey.state(), unit, target);
        return open ? move : null;
    }

    private static boolean mayBePromoted(Survey survey, UnitView promotion, String name) {
        NodeRow node = survey.state().node(name);
        return node != null
                && new PromotionScoring(survey, survey.problems())
                        .candidate(promotion, node, NOWHERE)
                        .allowed();
    }

    private static boolean mayBePromotedElsewhere(Survey survey, UnitView promotion) {
        return survey.nodes().stream()
                .map(NodeRow::getName)
                .filter(name -> !name.equals(Scoring.formerNode(promotion)))
                .anyMatch(name -> mayBePromoted(survey, promotion, name));
    }

    /** Its object may have become a member of a group, or be gone from a group's list: then nothing wants it to run. */
    static boolean isWanted(UnitView unit) {
        return Units.isUnit(unit.row()) && Units.isWanted(unit.row());
    }

    static @Nullable MemberRowStatus firstFailed(UnitView unit) {
        for (MemberRowStatus member : unit.instance().getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_FAILED) {
                return member;
            }
        }
        return null;
    }
}
