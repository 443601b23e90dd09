package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.OperationGraph.Strength;
import io.quorate.statemachine.placement.Problem.Step;
import io.quorate.statemachine.placement.Transition.Operation;
import io.quorate.statemachine.placement.Transition.Verb;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which operations there are, and what their order is by what resources, groups, clones and nodes are. */
final class Sequence {
    private final Outcome outcome;
    private final Map<Single, Deeds> deeds = new LinkedHashMap<>();
    /** A node that is fenced, and its fencing. */
    private final Map<String, Integer> fencing = new LinkedHashMap<>();

    final OperationGraph graph = new OperationGraph();

    Sequence(Outcome outcome, Collection<Change> changes, Parts parts) {
        this.outcome = outcome;
        outcome.problem().machines().stream()
                .filter(machine -> outcome.answer().fenced().contains(machine.name()))
                .forEach(this::fence);
        for (Change change : changes) {
            List<Part> own = parts.of(change);
            if (change.single.of.container().isEmpty() && (change.isAny() || isStarting(change))) {
                operate(change);
            }
            if (own.stream().anyMatch(Part::isAny)) {
                operate(change, own);
            }
        }
        leftovers();
    }

    @Nullable
    Deeds of(Single single) {
        return deeds.get(single);
    }

    void arrange() {
        FenceOrder.arrange(outcome, graph, fencing, deeds.values());
        for (Slot slot : outcome.layout().slots) {
            if (slot instanceof Series series) {
                arrange(series);
            } else if (slot instanceof Copies copies) {
                arrange(copies);
            }
        }
        deeds.values().forEach(this::onCarriers);
        if (outcome.problem().options().strategy() != Options.Strategy.DEFAULT) {
            makeRoom();
        }
    }

    /** A guest is fenced by what is done with the resource that it is. */
    private void fence(Machine machine) {
        boolean bySelf = !machine.isGuest() && !machine.isReplica();
        fencing.put(
                machine.name(), bySelf ? graph.add(new Operation(Verb.FENCE, "", machine.name())) : graph.addPoint());
    }

    /** Parts stop from the inside out and start from the outside in; for a guest around what it is. */
    private void operate(Change change, List<Part> parts) {
        Deeds done = deeds.computeIfAbsent(change.single, single -> new Deeds(change));
        List<Integer> stops = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        if (done.start != Deeds.NONE) {
            starts.add(done.start);
        }
        for (Part part : parts) {
            if (part.demotes()) {
                done.demote = add(Verb.DEMOTE, part.id(), Objects.requireNonNull(part.from()), true);
            }
            if (part.stop()) {
                stops.add(0, add(Verb.STOP, part.id(), Objects.requireNonNull(part.from()), true));
            }
            if (part.start()) {
                starts.add(add(Verb.START, part.id(), Objects.requireNonNull(part.to()), true));
            }
            if (part.promotes()) {
                done.promote = add(Verb.PROMOTE, part.id(), Objects.requireNonNull(part.to()), true);
            }
        }
        List<Integer> own = List.copyOf(done.stops);
        if (!stops.isEmpty()) {
            done.firstStops = stops.subList(0, 1);
            order(stops.subList(stops.size() - 1, stops.size()), own, Strength.INHERENT);
            if (own.isEmpty()) {
                done.stops.add(stops.get(stops.size() - 1));
            }
        }
        if (!starts.isEmpty()) {
            done.firstStart = starts.get(0);
            done.start = starts.get(starts.size() - 1);
        }
        inTurn(stops, starts);
        order(done.ends(Step.DEMOTE), done.begins(Step.STOP), Strength.INHERENT);
        order(done.stops, done.begins(Step.START), Strength.INHERENT);
        order(done.ends(Step.START), done.ends(Step.PROMOTE), Strength.INHERENT);
    }

    private void inTurn(List<Integer> stops, List<Integer> starts) {
        for (List<Integer> chain : List.of(stops, starts)) {
            for (int i = 1; i < chain.size(); i++) {
                graph.order(chain.get(i - 1), chain.get(i), Strength.INHERENT);
            }
        }
    }

    private void operate(Change change) {
        Deeds done = new Deeds(change);
        @Nullable Node from = change.from();
        @Nullable Node to = change.to;
        if (change.demote && from != null) {
            done.demote = add(Verb.DEMOTE, change, from);
        }
        if (change.migrate) {
            if (!change.arrives()) {
                done.migrateTo = add(Verb.MIGRATE_TO, change, Objects.requireNonNull(from));
            }
            done.migrateFrom = add(Verb.MIGRATE_FROM, change, Objects.requireNonNull(to));
        }
        change.stops.forEach(node -> done.stops.add(add(Verb.STOP, change, node)));
        if (change.migrate) {
            done.start = graph.addPoint();
        } else if (change.start || isStarting(change)) {
            done.start = add(Verb.START, change, Objects.requireNonNull(to));
        }
        if (change.promote) {
            done.promote = add(Verb.PROMOTE, change, Objects.requireNonNull(to));
        }
        deeds.put(change.single, done);
        chain(done);
    }

    /** A start that nobody knows the result of is asked for again. */
    private static boolean isStarting(Change change) {
        return change.goesOn() && change.single.running.stream().anyMatch(Problem.Activity::starting);
    }

    /** What a node that is fenced would have to do, it has done when it is fenced. */
    private int add(Verb verb, Change change, Node node) {
        return add(verb, change.single.of.id(), node.name(), !change.single.of.fenceDevice());
    }

    /** @param waits for the fencing */
    private int add(Verb verb, String resource, String node, boolean waits) {
        Integer fence = verb == Verb.STOP || verb == Verb.DEMOTE ? fencing.get(node) : null;
        if (fence == null) {
            return graph.add(new Operation(verb, resource, node));
        }
        int point = graph.addPoint();
        // A fence device may be needed for the very fencing: it starts elsewhere without waiting.
        if (waits) {
            graph.order(fence, point, Strength.INHERENT);
        }
        return point;
    }

    private void chain(Deeds done) {
        List<Integer> last = List.of();
        List<List<Integer>> phases = List.of(
                done.ends(Step.DEMOTE),
                done.migrateTo == Deeds.NONE ? List.of() : List.of(done.migrateTo),
                done.migrateFrom == Deeds.NONE ? List.of() : List.of(done.migrateFrom),
                done.stops,
                done.ends(Step.START),
                done.ends(Step.PROMOTE));
        for (List<Integer> phase : phases) {
            if (!phase.isEmpty()) {
                order(last, phase, Strength.INHERENT);
                last = phase;
            }
        }
    }

    private void leftovers() {
        for (Problem.Activity activity : outcome.problem().activities()) {
            if (activity.leftover()) {
                graph.add(new Operation(Verb.STOP, activity.resource(), activity.machine()));
            }
        }
    }

    void order(List<Integer> befores, List<Integer> afters, Strength strength) {
        befores.forEach(before -> afters.forEach(after -> graph.order(before, after, strength)));
    }

    /**
     * One step of one before one of another. Of two that migrate, the first has arrived before the second leaves, and its
     * source is the last to stop.
     */
    void order(Deeds first, Step step, Deeds then, Step thenStep, Strength strength) {
        boolean leaves = then.migrates() || first.migrates();
        if (strength == Strength.OPTIONAL && leaves && step == Step.STOP) {
            return;
        }
        if (first.migrates() && then.migrates() && step == thenStep) {
            List<Integer> arrived = List.of(first.migrateFrom);
            order(
                    step == Step.START ? arrived : first.stops,
                    step == Step.START ? then.begins(step) : then.stops,
                    strength);
        } else if (then.migrates() && first.change.isStopped() && thenStep == Step.STOP) {
            order(first.ends(step), then.begins(Step.STOP), strength);
        } else {
            List<Integer> afters = first.migrates() ? then.stops : then.begins(thenStep);
            order(first.ends(step), thenStep == Step.STOP ? afters : then.begins(thenStep), strength);
        }
    }

    /** Members start one after the other, and stop in reverse. */
    private void arrange(Series series) {
        Map<Step, Deeds> last = new LinkedHashMap<>();
        for (Single member : series.members) {
            Deeds then = deeds.get(member);
            if (then == null) {
                continue;
            }
            for (Step step : Step.values()) {
                if (then.ends(step).isEmpty()) {
                    continue;
                }
                Deeds first = last.put(step, then);
                if (first != null && isUpward(step)) {
                    order(first, step, then, step, Strength.INHERENT);
                } else if (first != null) {
                    order(then, step, first, step, Strength.INHERENT);
                }
            }
        }
    }

    static boolean isUpward(Step step) {
        return step == Step.START || step == Step.PROMOTE;
    }

    /** A clone demotes, stops, starts and promotes, each when the step before is done with; in order if it says so. */
    private void arrange(Copies copies) {
        List<List<Deeds>> instances = new ArrayList<>();
        for (Slot instance : copies.instances) {
            if (instance instanceof Series series) {
                arrange(series);
            }
            List<Deeds> own =
                    instance.singles().map(deeds::get).filter(Objects::nonNull).toList();
            if (!own.isEmpty()) {
                instances.add(own);
            }
        }
        int demoted = graph.addPoint();
        int stopped = graph.addPoint();
        int started = graph.addPoint();
        graph.order(demoted, stopped, Strength.OPTIONAL);
        graph.order(stopped, started, Strength.OPTIONAL);
        for (List<Deeds> own : instances) {
            for (Deeds done : own) {
                order(done.ends(Step.DEMOTE), List.of(demoted), Strength.OPTIONAL);
                order(List.of(demoted), done.begins(Step.STOP), Strength.OPTIONAL);
                order(done.stops, List.of(stopped), Strength.OPTIONAL);
                order(List.of(stopped), done.ends(Step.START), Strength.OPTIONAL);
                order(done.ends(Step.START), List.of(started), Strength.OPTIONAL);
                order(List.of(started), done.ends(Step.PROMOTE), Strength.OPTIONAL);
            }
        }
        if (copies.of.ordered()) {
            inTurn(instances);
        }
    }

    private void inTurn(List<List<Deeds>> instances) {
        for (Step step : Step.values()) {
            @Nullable List<Deeds> last = null;
            for (List<Deeds> own : instances) {
                if (own.stream().allMatch(done -> done.ends(step).isEmpty())) {
                    continue;
                }
                if (last != null) {
                    List<Deeds> firsts = isUpward(step) ? last : own;
                    List<Deeds> thens = isUpward(step) ? own : last;
                    firsts.forEach(first -> thens.forEach(then -> order(first, step, then, step, Strength.OPTIONAL)));
                }
                last = own;
            }
        }
    }

    /** What runs on a node that another resource is, or connects to, comes after that and goes before it. */
    private void onCarriers(Deeds carrier) {
        for (Node node : outcome.layout().nodes.carriedBy(carrier.change.single)) {
            for (Deeds done : deeds.values()) {
                if (done.change.to == node && done.change.start) {
                    order(carrier.ends(Step.START), done.begins(Step.START), Strength.MANDATORY);
                }
                if (done.change.nodes.contains(node) && !done.stops.isEmpty()) {
                    order(done.stops, carrier.begins(Step.STOP), Strength.MANDATORY);
                }
            }
        }
    }

    /** Where capacity counts, what leaves a node has left before anything new comes. */
    private void makeRoom() {
        Map<Node, Integer> roomy = new LinkedHashMap<>();
        for (Deeds done : deeds.values()) {
            if (done.change.single.of.utilization().isEmpty()) {
                continue;
            }
            for (int i = 0; i < done.stops.size(); i++) {
                int room = roomy.computeIfAbsent(done.change.stops.get(i), node -> graph.addPoint());
                graph.order(done.stops.get(i), room, Strength.OPTIONAL);
            }
            @Nullable Node to = done.change.to;
            if (to != null && done.change.start) {
                int room = roomy.computeIfAbsent(to, node -> graph.addPoint());
                order(List.of(room), done.begins(Step.START), Strength.OPTIONAL);
            }
        }
    }
}
