package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Answer.Placed;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Solves a placement problem. A pure function. */
public final class Engine {
    private Engine() {}

    public static Answer solve(Problem problem) {
        return settled(withLostTickets(problem));
    }

    /** What runs without its ticket, and whose ticket says so, takes its node down with it. */
    private static Problem withLostTickets(Problem problem) {
        Set<String> lost = new TreeSet<>();
        for (Problem.Ticketed rule : problem.ticketed()) {
            if (rule.granted() || rule.lossPolicy() != Problem.LossPolicy.FENCE) {
                continue;
            }
            Set<String> about = primitives(problem, rule.resource());
            problem.activities().stream()
                    .filter(activity -> about.contains(activity.resource()))
                    .filter(activity -> rule.isForPromotion()
                            ? activity.role() == Role.PROMOTED
                            : activity.role().isActive())
                    .forEach(activity -> lost.add(activity.machine()));
        }
        return problem.withUnclean(lost);
    }

    private static Set<String> primitives(Problem problem, String id) {
        Set<String> found = new TreeSet<>(Set.of(id));
        for (Resource resource : problem.resources()) {
            Resource inner = resource instanceof Resource.Clone clone ? clone.of() : resource;
            if (resource.id().equals(id) || inner.id().equals(id)) {
                if (inner instanceof Resource.Group group) {
                    group.members().forEach(member -> found.add(member.id()));
                } else {
                    found.add(inner.id());
                }
            }
        }
        return found;
    }

    private static Answer settled(Problem problem) {
        Layout layout = new Layout(problem);
        new Assignment(problem).assignAll(layout.slots);
        Feasibility feasibility = new Feasibility(problem, layout);
        feasibility.settle();
        List<Placed> placed = new ArrayList<>();
        for (Slot slot : layout.slots) {
            slot.singles().forEach(single -> place(single, feasibility, placed));
        }
        List<String> fenced = problem.machines().stream()
                .filter(machine -> feasibility.isFenced(machine))
                .map(Machine::name)
                .toList();
        return new Answer(placed, fenced);
    }

    private static void place(Single single, Feasibility feasibility, List<Placed> placed) {
        boolean stays = !single.managed || feasibility.isStuck(single);
        if (stays) {
            single.running.stream()
                    .filter(activity -> activity.role().isActive())
                    .forEach(activity -> placed.add(new Placed(single.of.id(), activity.machine(), activity.role())));
        } else if (feasibility.isUp(single) && feasibility.roleAfter(single).isActive()) {
            placed.add(new Placed(
                    single.of.id(), Objects.requireNonNull(single.assignedTo).name(), feasibility.roleAfter(single)));
        }
    }
}
