package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.OperationGraph.Strength;
import io.quorate.statemachine.placement.Problem.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** In which order nodes are fenced, and what waits for it. */
final class FenceOrder {
    private FenceOrder() {}

    /** @param fencing by name of the node, the operation */
    static void arrange(Outcome outcome, OperationGraph graph, Map<String, Integer> fencing, Collection<Deeds> deeds) {
        if (fencing.isEmpty()) {
            return;
        }
        amongThemselves(outcome.problem(), graph, fencing);
        int all = graph.addPoint();
        fencing.values().forEach(fence -> graph.order(fence, all, Strength.INHERENT));
        for (Deeds done : deeds) {
            // Where a fence device that ran on a lost node starts now, it may be needed to fence that node.
            boolean fenceDevice = done.change.single.of.fenceDevice();
            boolean needed =
                    fenceDevice && done.change.nodes.stream().anyMatch(node -> fencing.containsKey(node.name()));
            if (!needed && !done.migrates()) {
                done.begins(Step.START).forEach(start -> graph.order(all, start, Strength.MANDATORY));
                done.begins(Step.PROMOTE).forEach(promote -> graph.order(all, promote, Strength.MANDATORY));
            }
        }
    }

    /** The node that decides is the last; the others one after the other, unless they may be fenced at once. */
    private static void amongThemselves(Problem problem, OperationGraph graph, Map<String, Integer> fencing) {
        List<Machine> machines = new ArrayList<>(problem.machines().stream()
                .filter(machine -> fencing.containsKey(machine.name()))
                .toList());
        machines.sort(Comparator.comparing(FenceOrder::decides).thenComparing(Machine::name, FenceOrder::byNumber));
        for (int i = 0; i + 1 < machines.size(); i++) {
            Machine last = machines.get(machines.size() - 1);
            Machine next = problem.options().concurrentFencing() ? last : machines.get(i + 1);
            if (!problem.options().concurrentFencing() || decides(last)) {
                graph.order(
                        fencing.getOrDefault(machines.get(i).name(), 0),
                        fencing.getOrDefault(next.name(), 0),
                        Strength.INHERENT);
            }
        }
    }

    private static boolean decides(Machine machine) {
        return machine.attribute("#is_dc").map(Boolean::parseBoolean).orElse(false);
    }

    /** {@code node9} before {@code node10}. */
    private static int byNumber(String one, String other) {
        int length = Integer.compare(one.length(), other.length());
        boolean samePrefix = prefix(one).equals(prefix(other));
        return samePrefix && length != 0 ? length : one.compareTo(other);
    }

    private static String prefix(String name) {
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(0, end);
    }
}
