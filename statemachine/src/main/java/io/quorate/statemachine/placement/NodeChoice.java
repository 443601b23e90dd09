package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which of the possible nodes it is, and what each of them carries so far. */
final class NodeChoice {
    private final Options.Strategy strategy;
    private final boolean staysOnTies;
    private final Nodes nodes;
    /** Instances given to each node so far, at its number. */
    private final int[] counts;
    /** What those take, of each thing. */
    private final List<SortedMap<String, Integer>> used = new ArrayList<>();

    NodeChoice(Options options, Nodes nodes) {
        this.strategy = options.strategy();
        this.staysOnTies = options.staysOnTies();
        this.nodes = nodes;
        this.counts = new int[nodes.size()];
        nodes.all.forEach(node -> used.add(new TreeMap<>()));
    }

    void take(Node node, Map<String, Integer> utilization, int instances) {
        counts[node.index] += instances;
        for (Map.Entry<String, Integer> need : utilization.entrySet()) {
            used.get(node.index).merge(need.getKey(), need.getValue(), Integer::sum);
        }
    }

    /** What was taken without an instance is free again. */
    void giveBack(Node node, Map<String, Integer> utilization) {
        utilization.forEach((what, amount) -> used.get(node.index).merge(what, -amount, Integer::sum));
    }

    List<Node> nodes() {
        return nodes.all;
    }

    boolean fits(Node node, Map<String, Integer> utilization) {
        return utilization.entrySet().stream().allMatch(need -> left(node, need.getKey()) >= need.getValue());
    }

    /** What is left of one thing. */
    int left(Node node, String what) {
        return node.machine.capacity().getOrDefault(what, 0)
                - used.get(node.index).getOrDefault(what, 0);
    }

    /**
     * The node of the highest score; of several, the one with fewest instances so far, then the one where it is, then by
     * name. When the best score is positive, or the options say so, the present node wins every tie. Null: there is none.
     */
    @Nullable
    Node best(Single single) {
        int highest = -1;
        @Nullable Node best = null;
        boolean tied = false;
        for (Node node : nodes.all) {
            if (isPossible(single, node) && single.score(node) >= highest) {
                tied = single.score(node) == highest;
                highest = single.score(node);
                best = node;
            }
        }
        if (!tied) {
            return best;
        }
        @Nullable Node current = single.current();
        boolean stays = current != null
                && current.available
                && (staysOnTies || highest > 0)
                && single.score(current) == highest
                && single.copies().isEmpty();
        return stays ? current : ofTied(single, highest);
    }

    private @Nullable Node ofTied(Single single, int score) {
        @Nullable Node best = null;
        for (Node node : nodes.all) {
            boolean tied = isPossible(single, node) && single.score(node) == score;
            if (tied && (best == null || isBetter(single, node, best))) {
                best = node;
            }
        }
        return best;
    }

    static boolean isPossible(Slot slot, Node node) {
        return node.available && slot.score(node) >= 0;
    }

    /** Of two that are worth the same. */
    private boolean isBetter(Single single, Node one, Node other) {
        int order = lessLoaded(one, other);
        if (order == 0) {
            @Nullable Node current = single.current();
            order = Boolean.compare(one == current, other == current);
        }
        return order == 0 ? one.rank < other.rank : order > 0;
    }

    /** Positive: one rather than the other. */
    private int lessLoaded(Node one, Node other) {
        if (strategy == Options.Strategy.MINIMAL) {
            return 0;
        }
        int more = strategy == Options.Strategy.BALANCED ? moreLeft(one, other) : 0;
        return more != 0 ? more : Integer.compare(counts[other.index], counts[one.index]);
    }

    /** Positive: one has more left, of more things. */
    private int moreLeft(Node one, Node other) {
        TreeSet<String> things = new TreeSet<>(one.machine.capacity().keySet());
        things.addAll(other.machine.capacity().keySet());
        int more = 0;
        for (String what : things) {
            more += Integer.compare(left(one, what), left(other, what));
        }
        return Integer.signum(more);
    }
}
