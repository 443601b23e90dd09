package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Transition.Ordering;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From what was decided to what has to be done for it, and in which order. */
final class TransitionPlanner {
    private TransitionPlanner() {}

    static Transition plan(Outcome outcome) {
        Map<Single, Change> changes = new LinkedHashMap<>();
        for (Single single : outcome.layout().singles) {
            changes.put(single, new Change(single, outcome));
        }
        Consequences.spread(changes, outcome.layout().nodes);
        Parts parts = new Parts(outcome, changes);
        Sequence sequence = new Sequence(outcome, changes.values(), parts);
        sequence.arrange();
        OrderEdges.add(outcome, sequence);
        List<Ordering> order = sequence.graph.orderings();
        return new Transition(
                outcome.answer(), Actions.of(changes.values(), parts), sequence.graph.operations(), order);
    }
}
