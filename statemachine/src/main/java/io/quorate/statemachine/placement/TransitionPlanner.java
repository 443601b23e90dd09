package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Transition.Operation;
import io.quorate.statemachine.placement.Transition.Verb;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** From what was decided to what has to be done for it, and in which order. */
final class TransitionPlanner {
    private final Outcome outcome;
    private final Map<Single, Change> changes = new LinkedHashMap<>();
    private final List<Operation> operations = new ArrayList<>();

    private TransitionPlanner(Outcome outcome) {
        this.outcome = outcome;
    }

    static Transition plan(Outcome outcome) {
        return new TransitionPlanner(outcome).plan();
    }

    private Transition plan() {
        for (Single single : outcome.layout().singles) {
            changes.put(single, new Change(single, outcome.feasibility()));
        }
        Consequences.spread(changes);
        outcome.answer().fenced().forEach(node -> operations.add(new Operation(Verb.FENCE, "", node)));
        changes.values().forEach(this::operate);
        leftovers();
        return new Transition(outcome.answer(), Actions.of(List.copyOf(changes.values())), operations, List.of());
    }

    private void operate(Change change) {
        @Nullable Node from = change.from();
        if (change.demote && from != null) {
            add(Verb.DEMOTE, change, from);
        }
        if (change.migrate) {
            if (!change.arrives()) {
                add(Verb.MIGRATE_TO, change, Objects.requireNonNull(from));
            }
            add(Verb.MIGRATE_FROM, change, Objects.requireNonNull(change.to));
        }
        change.stops.forEach(node -> add(Verb.STOP, change, node));
        if (change.isStarted() || isStarting(change)) {
            add(Verb.START, change, Objects.requireNonNull(change.to));
        }
        if (change.promote) {
            add(Verb.PROMOTE, change, Objects.requireNonNull(change.to));
        }
    }

    /** A start that nobody knows the result of is asked for again. */
    private static boolean isStarting(Change change) {
        return change.goesOn() && change.single.running.stream().anyMatch(Problem.Activity::starting);
    }

    /** What a node that is fenced would do, it does by being fenced. */
    private void add(Verb verb, Change change, Node node) {
        if (!outcome.feasibility().isFenced(node.machine)) {
            operations.add(new Operation(verb, change.single.of.id(), node.name()));
        }
    }

    private void leftovers() {
        for (Problem.Activity activity : outcome.problem().activities()) {
            if (activity.leftover()) {
                operations.add(new Operation(Verb.STOP, activity.resource(), activity.machine()));
            }
        }
    }
}
