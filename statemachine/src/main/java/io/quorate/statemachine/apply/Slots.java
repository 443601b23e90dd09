package io.quorate.statemachine.apply;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.Slot;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import java.util.List;

/**
 * CountedSlots: the numbered instances of clones. There are as many as the clone says; one above that goes once it is free,
 * never while a node owns it.
 */
final class Slots {
    private Slots() {}

    /** Makes the slots of all clones fit: after each change of objects, and of how many nodes there are. */
    static void fit(Draft draft) {
        for (String key : Units.all(draft.state())) {
            ObjectRow unit = draft.state().object(key);
            if (unit != null && unit.hasClone() && !unit.getDeleting()) {
                make(draft, unit);
            }
        }
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            if (instance.hasSlot() && !instance.hasOwnership() && isSurplus(draft.state(), instance)) {
                draft.deleteInstance(instance.getId());
            }
        }
    }

    private static void make(Draft draft, ObjectRow clone) {
        String name = clone.getMeta().getName();
        for (int i = 0; i < Clones.maxCopies(draft.state(), clone); i++) {
            make(draft, clone, Clones.copyId(name, i), Slot.newBuilder().setNumber(i));
        }
        for (int i = 0; i < Clones.maxPromoted(clone); i++) {
            make(
                    draft,
                    clone,
                    Clones.promotionId(name, i),
                    Slot.newBuilder().setNumber(i).setPromotion(true));
        }
    }

    private static void make(Draft draft, ObjectRow clone, String id, Slot.Builder slot) {
        if (draft.state().instance(id) == null) {
            draft.put(InstanceRow.newBuilder()
                    .setId(id)
                    .setUnit(clone.getKey())
                    .setSlot(slot)
                    .setCreatedRevision(draft.revision())
                    .setProbeSince(draft.revision()));
        }
    }

    /** Whether there are fewer slots than this one's number asks for. */
    static boolean isSurplus(ClusterState state, InstanceRow instance) {
        ObjectRow clone = Units.of(state, instance);
        return instance.hasSlot()
                && clone != null
                && instance.getSlot().getNumber()
                        >= (Clones.isPromotion(instance) ? Clones.maxPromoted(clone) : Clones.maxCopies(state, clone));
    }
}
