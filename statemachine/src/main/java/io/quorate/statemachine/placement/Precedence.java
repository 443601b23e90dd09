package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Order;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mandatory order between slots.
 *
 * @param thens what waits; of a group its first member, for the others follow by themselves
 */
record Precedence(Order order, List<First> firsts, List<Single> thens) {
    Precedence {
        firsts = List.copyOf(firsts);
        thens = List.copyOf(thens);
    }

    /** Whether an instance stops only when all that waits for it has stopped. */
    boolean isUndoneAfter(Single single) {
        return order.symmetrical()
                && order.firstStep() == Problem.Step.START
                && firsts.stream().anyMatch(first -> first.means(single));
    }

    /**
     * What is waited for.
     *
     * @param id as the order names it: a clone, or what is inside it
     * @param slot null: there is no such resource
     */
    record First(String id, @Nullable Slot slot) {
        /** Whether this instance, somewhere in the slot, is meant. */
        boolean means(Single single) {
            return slot != null && (slot.id.equals(id) || single.of.id().equals(id));
        }
    }
}
