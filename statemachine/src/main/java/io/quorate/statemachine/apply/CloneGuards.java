package io.quorate.statemachine.apply;

import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Guards of what clones have and other units do not: several copies, and promotions of them. */
final class CloneGuards {
    private CloneGuards() {}

    /**
     * Slots are numbered and owned singly; what is owned, by whatever life of a node, counts: being stopped and being lost are
     * no evidence that it does not run.
     */
    static @Nullable Rejection countedSlots(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(assign.getInstance());
        ObjectRow clone = instance == null ? null : Units.of(state, instance);
        if (instance == null || clone == null || !instance.hasSlot()) {
            return null;
        }
        boolean promotion = Clones.isPromotion(instance);
        String what = promotion ? "promoted copies" : "copies";
        int max = promotion ? Clones.maxPromoted(clone) : Clones.maxCopies(state, clone);
        int perNode = promotion ? Clones.maxPromotedPerNode(clone) : Clones.maxPerNode(clone);
        List<InstanceRow> slots = promotion ? Clones.promotions(state, clone) : Clones.copies(state, clone);
        List<InstanceRow> owned =
                slots.stream().filter(InstanceRow::hasOwnership).toList();
        long here = owned.stream()
                .filter(slot -> slot.getOwnership().getNode().equals(assign.getNode()))
                .count();
        // what a restored cluster takes over keeps its number
        boolean surplus = instance.getSlot().getNumber() >= max
                && !state.meta().getPause().getQuarantine();
        if (surplus || owned.size() >= max) {
            return tooMany(instance, owned.size() + " " + what + " are owned, at most " + max + " may be");
        }
        return here < perNode
                ? null
                : tooMany(
                        instance,
                        assign.getNode() + " owns " + here + " of the " + what + ", at most " + perNode
                                + " may be there");
    }

    /** What is in several places has no place that it could be moved or pinned to; what is promoted in some of them has. */
    static @Nullable Rejection inOnePlace(Situation situation, String unit, boolean promoted, String verb) {
        ObjectRow row = situation.state().object(unit);
        boolean several = row != null && row.hasClone();
        boolean promotable = row != null && Clones.isPromotable(row);
        if (several ? promoted && promotable : !promoted) {
            return null;
        }
        if (promoted) {
            return Rejection.of(RejectCode.NOT_A_UNIT, unit, unit + " is not promotable: it has no promoted role")
                    .withNextStep("quorate get " + unit);
        }
        return Rejection.of(
                        RejectCode.NOT_A_UNIT,
                        unit,
                        unit + " has copies on several nodes: it has no place to move to"
                                + (promotable ? "; its promoted role has" : ""))
                .withNextStep(
                        promotable
                                ? "quorate " + verb + " " + Keys.bare(unit) + " --promoted --to NODE"
                                : "quorate node drain NODE");
    }

    /** A copy is promoted where it runs; and of several that are promoted somebody has to say which one gives way. */
    static @Nullable Rejection promotedTarget(ClusterState state, MoveUnit move) {
        ObjectRow clone = state.object(move.getUnit());
        if (clone == null) {
            return null;
        }
        if (move.getToNode().isEmpty()) {
            return Clones.maxPromoted(clone) == 1
                    ? null
                    : Rejection.of(
                                    RejectCode.INVALID_ARGUMENT,
                                    move.getUnit(),
                                    "several copies of " + move.getUnit() + " may be promoted: say where to")
                            .withNextStep("quorate move " + Keys.bare(move.getUnit()) + " --promoted --to NODE");
        }
        return Clones.hasRunningCopy(state, clone, move.getToNode())
                ? null
                : Rejection.of(
                                RejectCode.COPY_NOT_RUNNING,
                                move.getUnit(),
                                "no copy of " + move.getUnit() + " runs on " + move.getToNode()
                                        + " that could be promoted")
                        .withNextStep("quorate explain " + Keys.bare(move.getUnit()) + " --on " + move.getToNode());
    }

    private static Rejection tooMany(InstanceRow instance, String why) {
        return Rejection.of(
                RejectCode.TOO_MANY_COPIES,
                Keys.instance(instance.getId()),
                "no room for " + instance.getId() + " of " + instance.getUnit() + ": " + why);
    }

    /** A promotion is granted to the owner of a copy that runs and is not promoted, for as long as it owns that copy. */
    static @Nullable Rejection promotionIsOwned(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(assign.getInstance());
        if (instance == null) {
            return null;
        }
        String why = Clones.isPromotion(instance)
                ? whyNotPromoted(state, instance, assign)
                : assign.getCopy().isEmpty() ? null : "it is no promotion";
        return why == null
                ? null
                : Rejection.of(
                        RejectCode.COPY_NOT_RUNNING,
                        Keys.instance(instance.getId()),
                        assign.getCopy() + " cannot be promoted on " + assign.getNode() + " as " + instance.getId()
                                + ": " + why);
    }

    private static @Nullable String whyNotPromoted(ClusterState state, InstanceRow promotion, AssignOwner assign) {
        InstanceRow copy = state.instance(assign.getCopy());
        if (copy == null || !Clones.isCopy(copy) || !copy.getUnit().equals(promotion.getUnit())) {
            return "it is no copy of " + promotion.getUnit();
        }
        OwnershipRow ownership = copy.getOwnership();
        if (!Lives.owns(copy, assign.getNode(), assign.getIncarnation())) {
            return assign.getNode() + " does not own it";
        }
        if (ownership.getReleasing() || ownership.getStopFailed()) {
            return "it is being stopped";
        }
        if (!RunStates.isUp(copy)) {
            return "it does not run";
        }
        return Clones.promotionOf(state, copy) == null ? null : "it is promoted already";
    }

    /** A copy is demoted before it is stopped or restarted; a promotion is not restarted, it ends and is granted anew. */
    static <P> Guard<P> promotionEndsFirst(Function<P, String> id, boolean restarts) {
        return new Guard<>("PromotionEndsFirst", RejectCode.PROMOTED, (situation, payload) -> {
            InstanceRow instance = situation.state().instance(id.apply(payload));
            if (instance == null) {
                return null;
            }
            if (restarts && Clones.isPromotion(instance)) {
                return promoted(instance, "a promotion is not restarted: release it");
            }
            InstanceRow promotion = Clones.promotionOf(situation.state(), instance);
            return promotion == null
                    ? null
                    : promoted(instance, "it is promoted: " + promotion.getId() + " must be released first");
        });
    }

    static Rejection promoted(InstanceRow instance, String why) {
        return Rejection.of(RejectCode.PROMOTED, Keys.instance(instance.getId()), instance.getId() + ": " + why);
    }
}
