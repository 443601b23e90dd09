package io.quorate.statemachine.apply;

import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.RunState;
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
        boolean runs = copy.getMembersCount() > 0
                && copy.getMembersList().stream()
                        .allMatch(member -> member.getState() == RunState.RUN_STATE_RUNNING
                                || member.getState() == RunState.RUN_STATE_DEGRADED);
        if (!runs) {
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
