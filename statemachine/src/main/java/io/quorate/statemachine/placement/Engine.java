package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Answer.Placed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Solves a placement problem. A pure function. */
public final class Engine {
    private Engine() {}

    public static Answer solve(Problem problem) {
        return solve(problem, new Trace.None());
    }

    /** The same; the trace hears how the scores come about. */
    public static Answer solve(Problem problem, Trace trace) {
        return solve(problem, Burdens.NONE, trace);
    }

    /** The same for a part of the resources, where the others are no more than what the machines carry. */
    public static Answer solve(Problem problem, Burdens burdens, Trace trace) {
        return settled(withLostTickets(problem), burdens, trace).answer();
    }

    /** What is decided, and what has to be done for it. */
    public static Transition plan(Problem problem) {
        return TransitionPlanner.plan(settled(withLostTickets(problem), Burdens.NONE, new Trace.None()));
    }

    /** What runs without its ticket, and whose ticket says so, takes its node down with it. */
    private static Problem withLostTickets(Problem problem) {
        List<Problem.Ticketed> fencing = problem.ticketed().stream()
                .filter(rule -> !rule.granted() && rule.lossPolicy() == Problem.LossPolicy.FENCE)
                .toList();
        if (fencing.isEmpty()) {
            return problem;
        }
        Map<String, Set<String>> primitives = primitives(problem);
        Map<String, List<Problem.Ticketed>> rules = new TreeMap<>();
        for (Problem.Ticketed rule : fencing) {
            primitives
                    .getOrDefault(rule.resource(), new TreeSet<>())
                    .forEach(id ->
                            rules.computeIfAbsent(id, key -> new ArrayList<>()).add(rule));
        }
        Set<String> lost = new TreeSet<>();
        for (Problem.Activity activity : problem.activities()) {
            boolean takesDown = rules.getOrDefault(activity.resource(), List.of()).stream()
                    .anyMatch(rule -> rule.isForPromotion()
                            ? activity.role() == Role.PROMOTED
                            : activity.role().isActive());
            if (takesDown) {
                lost.add(activity.machine());
            }
        }
        return lost.isEmpty() ? problem : problem.withUnclean(lost);
    }

    /** The primitives that a rule is about, by the id that it may use for them: their own, their group's or their clone's. */
    private static Map<String, Set<String>> primitives(Problem problem) {
        Map<String, Set<String>> found = new TreeMap<>();
        for (Resource resource : problem.resources()) {
            Resource inner = resource instanceof Resource.Clone clone ? clone.of() : resource;
            List<String> ids = inner instanceof Resource.Group group
                    ? group.members().stream().map(Resource::id).toList()
                    : List.of(inner.id());
            for (String id : ids) {
                List.of(id, inner.id(), resource.id())
                        .forEach(name -> found.computeIfAbsent(name, key -> new TreeSet<>())
                                .add(id));
            }
        }
        return found;
    }

    private static Outcome settled(Problem problem, Burdens burdens, Trace trace) {
        Layout layout = new Layout(problem, trace);
        new Assignment(problem, layout.nodes, trace).assignAll(layout.slots, burdens);
        for (Slot slot : layout.slots) {
            if (slot instanceof Copies copies) {
                Instances.keepInPlace(copies);
            }
        }
        Feasibility feasibility = new Feasibility(problem, layout);
        feasibility.settle();
        List<Placed> placed = new ArrayList<>();
        layout.singles.forEach(single -> place(single, feasibility, placed, trace));
        List<String> fenced = problem.machines().stream()
                .filter(feasibility::isFenced)
                .map(Machine::name)
                .toList();
        return new Outcome(problem, layout, feasibility, new Answer(placed, fenced));
    }

    private static void place(Single single, Feasibility feasibility, List<Placed> placed, Trace trace) {
        int before = placed.size();
        boolean stays = !single.managed || feasibility.isStuck(single);
        if (stays) {
            single.running.stream()
                    .filter(activity -> activity.role().isActive())
                    .forEach(activity -> placed.add(new Placed(single.of.id(), activity.machine(), activity.role())));
        } else if (feasibility.isUp(single) && feasibility.roleAfter(single).isActive()) {
            placed.add(new Placed(
                    single.of.id(), Objects.requireNonNull(single.assignedTo).name(), feasibility.roleAfter(single)));
        }
        placed.subList(before, placed.size()).forEach(each -> trace.placed(single, each));
    }
}
