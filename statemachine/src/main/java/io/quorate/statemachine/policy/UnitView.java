package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A unit with its instance, or with one of its slots where it is a clone, as the policy looks at it: what is owned by itself
 * is looked at by itself.
 *
 * @param failures those that count: its own; of a clone those of all its copies, or of all its promotions, since one that
 *     failed on a node says something about that node
 */
record UnitView(ObjectRow row, InstanceRow instance, List<FailureRow> failures) {
    /** {@code groups/web}, {@code clones/db}. */
    String key() {
        return row.getKey();
    }

    /** {@code web}, {@code db:0}, {@code web:arriving}: what is talked of. */
    String name() {
        return instance.getId();
    }

    /** {@code web}, {@code db}: what people type in commands about the unit. */
    String unitName() {
        return Keys.bare(row.getKey());
    }

    /** What rules are about: the unit, the copies of a clone, or its promotions. */
    String party() {
        return isPromotion() ? Relations.promoted(unitName()) : unitName();
    }

    /** Whether it is one of the numbered slots of a clone. */
    boolean isSlot() {
        return instance.hasSlot();
    }

    boolean isCopy() {
        return Clones.isCopy(instance);
    }

    boolean isPromotion() {
        return Clones.isPromotion(instance);
    }

    /** A copy that is a thing of its node: whatever number it has, it is the same there. */
    boolean isAnonymousCopy() {
        return isCopy() && !row.getClone().getGloballyUnique();
    }

    /** The node that a verb pinned it to: it runs there or nowhere. Null: none; copies are wherever there is room for them. */
    @Nullable
    String pinnedTo() {
        return isSlot() ? null : Units.pinnedTo(row);
    }

    /** Of a promotion: the node where a verb wants a copy promoted as long as it may be; null: none. */
    @Nullable
    String promotedPin() {
        return isPromotion() ? Units.pinnedTo(row) : null;
    }

    int number() {
        return instance.getSlot().getNumber();
    }

    /** What a node takes over by live migration: it has no place of its own, and is looked at for its owner's sake. */
    boolean isArrival() {
        return Migrations.isArrival(instance);
    }

    /** Null while it is free. */
    @Nullable
    OwnershipRow ownership() {
        return instance.hasOwnership() ? instance.getOwnership() : null;
    }

    /** Whether this node owns it, in whichever of its lives. */
    boolean isOwnedBy(String node) {
        return instance.hasOwnership() && instance.getOwnership().getNode().equals(node);
    }

    /** Whether it is a promotion of this copy, as that is owned now. */
    boolean isOfCopy(String copy) {
        return isPromotion() && instance.getOwnership().getCopy().equals(copy);
    }
}
