package io.quorate.jepsen.check;

import java.util.ArrayList;
import java.util.List;

/** Linearizability by its definition: tries all orders of all operations that keep real time. For a dozen operations. */
final class EveryOrder<S, C> {
    private final Model<S, C> model;

    EveryOrder(Model<S, C> model) {
        this.model = model;
    }

    boolean linearizable(List<Operation<C>> operations) {
        return from(model.initial(), operations);
    }

    private boolean from(S state, List<Operation<C>> left) {
        if (left.stream().allMatch(Operation::isOpen)) {
            return true;
        }
        for (Operation<C> next : left) {
            boolean another = left.stream().anyMatch(other -> other.returned() < next.called());
            if (!another) {
                S after = next.isOpen() ? model.stepOfOpen(state, next.call()) : model.step(state, next.call());
                List<Operation<C>> rest = new ArrayList<>(left);
                rest.remove(next);
                if (after != null && from(after, rest)) {
                    return true;
                }
            }
        }
        return false;
    }
}
