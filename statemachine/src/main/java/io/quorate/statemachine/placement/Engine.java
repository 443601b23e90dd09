package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Answer.Placed;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Solves a placement problem. A pure function. */
public final class Engine {
    private Engine() {}

    public static Answer solve(Problem problem) {
        Layout layout = new Layout(problem);
        new Assignment(problem).assignAll(layout.slots);
        Feasibility feasibility = new Feasibility(problem, layout);
        feasibility.settle();
        List<Placed> placed = new ArrayList<>();
        for (Slot slot : layout.slots) {
            slot.singles().forEach(single -> place(single, feasibility, placed));
        }
        List<String> fenced = problem.machines().stream()
                .filter(machine -> layout.fenced.contains(machine) || feasibility.isFenced(machine))
                .map(Machine::name)
                .toList();
        return new Answer(placed, fenced);
    }

    private static void place(Single single, Feasibility feasibility, List<Placed> placed) {
        boolean stays = !single.managed
                || feasibility.isStuck(single)
                        && (single.assignedTo == null || !single.nodes.contains(single.assignedTo));
        if (stays) {
            single.running.stream()
                    .filter(activity -> activity.role().isActive())
                    .forEach(activity -> placed.add(new Placed(single.of.id(), activity.machine(), activity.role())));
        } else if (feasibility.isUp(single) && feasibility.roleAfter(single).isActive()) {
            placed.add(new Placed(
                    single.of.id(),
                    Objects.requireNonNull(single.assignedTo).name(),
                    feasibility.roleAfter(single)));
        }
    }
}
