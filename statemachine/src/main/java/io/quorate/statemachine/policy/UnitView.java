package io.quorate.statemachine.policy;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Keys;
import org.jspecify.annotations.Nullable;

/** A unit with its instance, as the policy looks at it. */
record UnitView(ObjectRow row, InstanceRow instance) {
    /** {@code groups/web}. */
    String key() {
        return row.getKey();
    }

    /** {@code web}: what people type. */
    String name() {
        return Keys.bare(row.getKey());
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
}
