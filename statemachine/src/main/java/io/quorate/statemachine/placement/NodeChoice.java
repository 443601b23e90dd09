package io.quorate.statemachine.placement;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which of the possible nodes it is, and what each of them carries so far. */
final class NodeChoice {
    private final Options.Strategy strategy;
    private final Map<Machine, Integer> counts = new LinkedHashMap<>();
    private final Map<Machine, SortedMap<String, Integer>> used = new LinkedHashMap<>();

    NodeChoice(Options.Strategy strategy) {
        this.strategy = strategy;
    }

    /** Instances that were given to a node so far. */
    int count(Machine machine) {
        return counts.getOrDefault(machine, 0);
    }

    void take(Machine machine, Map<String, Integer> utilization, int sign) {
        counts.merge(machine, sign, Integer::sum);
        SortedMap<String, Integer> sum = used.computeIfAbsent(machine, key -> new TreeMap<>());
        utilization.forEach((what, amount) -> sum.merge(what, sign * amount, Integer::sum));
    }

    /** What is left of one thing. */
    int left(Machine machine, String what) {
        SortedMap<String, Integer> taken = used.get(machine);
        return machine.capacity().getOrDefault(what, 0) - (taken == null ? 0 : taken.getOrDefault(what, 0));
    }

    boolean fits(Machine machine, Map<String, Integer> utilization) {
        return utilization.entrySet().stream().allMatch(need -> left(machine, need.getKey()) >= need.getValue());
    }

    /**
     * The node of the highest score; of several, the one with fewest instances so far, then the one where it is, then by
     * name. When the best score is positive, the present node wins every tie.
     */
    Optional<Machine> best(Single single) {
        @Nullable Machine current = single.current();
        List<Machine> sorted = sorted(single, current);
        if (sorted.isEmpty() || !usable(single, sorted.get(0))) {
            return Optional.empty();
        }
        Machine first = sorted.get(0);
        boolean stays = current != null
                && usable(single, current)
                && single.score(first) > 0
                && single.score(first) == single.score(current)
                && single.copies().isEmpty();
        return Optional.of(stays ? current : first);
    }

    static boolean usable(Single single, Machine machine) {
        return machine.isAvailable() && single.score(machine) >= 0;
    }

    List<Machine> sorted(Slot slot, @Nullable Machine current) {
        return slot.view().keySet().stream().sorted(order(slot, current)).toList();
    }

    private Comparator<Machine> order(Slot slot, @Nullable Machine current) {
        Comparator<Machine> byScore =
                Comparator.comparing(machine -> -(machine.isAvailable() ? slot.score(machine) : -Score.INFINITY));
        Comparator<Machine> byLoad = (one, other) -> strategy == Options.Strategy.MINIMAL ? 0 : compareLoad(one, other);
        return byScore.thenComparing(byLoad)
                .thenComparing(machine -> machine.equals(current) ? 0 : 1)
                .thenComparing(Machine::name);
    }

    private int compareLoad(Machine one, Machine other) {
        if (strategy == Options.Strategy.BALANCED) {
            int capacity = compareCapacity(one, other);
            if (capacity != 0) {
                return capacity;
            }
        }
        return Integer.compare(count(one), count(other));
    }

    /** The node with more left of more things comes first. */
    private int compareCapacity(Machine one, Machine other) {
        int better = 0;
        TreeMap<String, Integer> things = new TreeMap<>(one.capacity());
        things.putAll(other.capacity());
        for (String what : things.keySet()) {
            better += Integer.compare(left(other, what), left(one, what));
        }
        return Integer.signum(better);
    }
}
