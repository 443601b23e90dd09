package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Transition.Operation;
import io.quorate.statemachine.placement.Transition.Verb;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** From what was decided to what has to be done for it, and in which order. */
final class TransitionPlanner {
    private final Outcome outcome;
    private final Map<Single, Change> changes = new LinkedHashMap<>();

    private TransitionPlanner(Outcome outcome) {
        this.outcome = outcome;
    }

    static Transition plan(Outcome outcome) {
        return new TransitionPlanner(outcome).plan();
    }

    private Transition plan() {
        for (Slot slot : outcome.layout().slots) {
            slot.singles().forEach(single -> changes.put(single, new Change(single, outcome.feasibility())));
        }
        List<Change> all = List.copyOf(changes.values());
        return new Transition(outcome.answer(), Actions.of(all), operations(all), List.of());
    }

    private List<Operation> operations(List<Change> all) {
        List<Operation> operations = new ArrayList<>();
        outcome.answer().fenced().forEach(node -> operations.add(new Operation(Verb.FENCE, "", node)));
        for (Change change : all) {
            String id = change.single.of.id();
            for (Node node : change.stops) {
                if (!outcome.feasibility().isFenced(node.machine)) {
                    if (change.demote) {
                        operations.add(new Operation(Verb.DEMOTE, id, node.name()));
                    }
                    operations.add(new Operation(Verb.STOP, id, node.name()));
                }
            }
            if (change.demote && change.stops.isEmpty()) {
                operations.add(new Operation(
                        Verb.DEMOTE,
                        id,
                        Objects.requireNonNull(change.single.current()).name()));
            }
            if (change.start) {
                operations.add(new Operation(
                        Verb.START, id, Objects.requireNonNull(change.to).name()));
            }
            if (change.promote) {
                operations.add(new Operation(
                        Verb.PROMOTE, id, Objects.requireNonNull(change.to).name()));
            }
        }
        return operations;
    }
}
