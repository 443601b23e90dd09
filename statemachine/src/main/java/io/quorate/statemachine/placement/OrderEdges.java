package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.OperationGraph.Strength;
import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the rules of the configuration say about the order of operations. */
final class OrderEdges {
    private final Outcome outcome;
    private final Sequence sequence;

    private OrderEdges(Outcome outcome, Sequence sequence) {
        this.outcome = outcome;
        this.sequence = sequence;
    }

    static void add(Outcome outcome, Sequence sequence) {
        OrderEdges edges = new OrderEdges(outcome, sequence);
        outcome.problem().orders().forEach(edges::add);
        edges.keepApart();
    }

    private void add(Order order) {
        List<Deeds> thens = deeds(order.then());
        for (String id : order.firsts()) {
            List<Deeds> firsts = deeds(id);
            Strength strength = order.kind() == Kind.MANDATORY ? Strength.MANDATORY : Strength.OPTIONAL;
            add(firsts, order.firstStep(), thens, order.thenStep(), strength);
            if (order.symmetrical()) {
                add(thens, inverse(order.thenStep()), firsts, inverse(order.firstStep()), strength);
                // What restarts on top of something that stops waits for that before it is up again.
                List<Deeds> restarted =
                        thens.stream().filter(then -> then.change.restarts()).toList();
                add(firsts, inverse(order.firstStep()), restarted, order.thenStep(), Strength.OPTIONAL);
            }
        }
    }

    private static Step inverse(Step step) {
        return switch (step) {
            case START -> Step.STOP;
            case STOP -> Step.START;
            case PROMOTE -> Step.DEMOTE;
            case DEMOTE -> Step.PROMOTE;
        };
    }

    /** What is done with everything that an id stands for. */
    private List<Deeds> deeds(String id) {
        Optional<Slot> slot = outcome.layout().find(id);
        List<Single> singles = new ArrayList<>();
        if (slot.isPresent()
                && (slot.get().id.equals(id)
                        || (slot.get() instanceof Copies copies
                                && copies.of.of().id().equals(id)))) {
            singles.addAll(slot.get().singles().toList());
        } else {
            singles.addAll(outcome.layout().instances(id));
        }
        return singles.stream().map(sequence::of).filter(Objects::nonNull).toList();
    }

    /** Also between clones whose instances wait for each other one by one: all of a step comes before the next. */
    private void add(List<Deeds> firsts, Step step, List<Deeds> thens, Step thenStep, Strength strength) {
        List<Deeds> before =
                firsts.stream().filter(done -> !done.ends(step).isEmpty()).toList();
        List<Deeds> after =
                thens.stream().filter(done -> !done.begins(thenStep).isEmpty()).toList();
        if (before.size() > 1 && after.size() > 1) {
            int point = sequence.graph.addPoint();
            before.forEach(first -> sequence.order(first.ends(step), List.of(point), strength));
            after.forEach(then -> sequence.order(List.of(point), then.begins(thenStep), strength));
        } else {
            before.forEach(first -> after.forEach(then -> sequence.order(first, step, then, thenStep, strength)));
        }
    }

    private void besideEachOther(List<Deeds> before, Step step, List<Deeds> after, Step thenStep, Strength strength) {
        Map<Node, List<Deeds>> byNode = new LinkedHashMap<>();
        for (Deeds first : before) {
            for (Node node : places(first, step)) {
                byNode.computeIfAbsent(node, key -> new ArrayList<>()).add(first);
            }
        }
        for (Deeds then : after) {
            for (Node node : places(then, thenStep)) {
                byNode.getOrDefault(node, List.of())
                        .forEach(first -> sequence.order(first, step, then, thenStep, strength));
            }
        }
    }

    private static List<Node> places(Deeds done, Step step) {
        @Nullable Node to = done.change.to;
        return switch (step) {
            case START, PROMOTE -> to == null ? List.of() : List.of(to);
            case STOP -> done.change.stops;
            case DEMOTE -> done.change.nodes;
        };
    }

    /** What must not be where another is does not come before that one has left. */
    private void keepApart() {
        for (Slot slot : outcome.layout().slots) {
            for (Slot each : Layout.walk(slot)) {
                for (Slot.Bond bond : each.bonds) {
                    boolean always =
                            bond.dependentRole().isEmpty() && bond.primaryRole().isEmpty();
                    if (bond.score() <= -Score.INFINITY && always) {
                        List<Deeds> ones = deeds(bond.dependent());
                        List<Deeds> others = deeds(bond.primary());
                        besideEachOther(ones, Step.STOP, others, Step.START, Strength.OPTIONAL);
                        besideEachOther(others, Step.STOP, ones, Step.START, Strength.OPTIONAL);
                    }
                }
            }
        }
    }

    private List<Deeds> deeds(Slot slot) {
        return slot.singles().map(sequence::of).filter(Objects::nonNull).toList();
    }
}
