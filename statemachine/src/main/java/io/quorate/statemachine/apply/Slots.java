package io.quorate.statemachine.apply;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.Slot;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import java.util.List;

/**
 * CountedSlots: the numbered instances of clones. There are as many as the clone says; one above that goes once it is free and
 * nothing runs under it as far as nodes said: never while a node owns it, nor with what was found.
 */
final class Slots {
    private Slots() {}

    /** Makes the slots of all clones fit: after each change of objects, of how many nodes there are, or of what was found. */
    static void fit(Draft draft) {
        makeAll(draft);
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            dropIfUnneeded(draft, instance.getId());
        }
    }

    /** Makes those that are missing. */
    static void makeAll(Draft draft) {
        for (String key : Units.all(draft.state())) {
            ObjectRow unit = draft.state().object(key);
            if (unit != null && unit.hasClone() && !unit.getDeleting()) {
                make(draft, unit);
            }
        }
    }

    /** A slot that is one too many goes unless somebody has it, or has yet to say whether something runs under it. */
    static void dropIfUnneeded(Draft draft, String id) {
        InstanceRow instance = draft.state().instance(id);
        if (instance != null
                && !instance.hasOwnership()
                && isSurplus(draft.state(), instance)
                && !isNeeded(draft.state(), id)) {
            draft.deleteInstance(id);
        }
    }

    /** A restored cluster takes over what it finds, under the number that it runs under. */
    private static boolean isNeeded(ClusterState state, String id) {
        return state.meta().getPause().getQuarantine()
                || state.nodes().values().stream()
                        .anyMatch(node -> node.getJoinPendingList().contains(id)
                                || node.getFoundList().stream()
                                        .anyMatch(found -> found.getInstance().equals(id)));
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
    private static boolean isSurplus(ClusterState state, InstanceRow instance) {
        ObjectRow clone = Units.of(state, instance);
        return instance.hasSlot()
                && clone != null
                && instance.getSlot().getNumber()
                        >= (Clones.isPromotion(instance) ? Clones.maxPromoted(clone) : Clones.maxCopies(state, clone));
    }
}
