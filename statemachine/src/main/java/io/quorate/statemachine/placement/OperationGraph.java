package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Transition.Operation;
import io.quorate.statemachine.placement.Transition.Ordering;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations, points between them at which nothing is done, and what comes before what. Points keep the number of edges small:
 * what waits for all of a clone waits for one point. Without circles in the end: where rules go round, the weaker ones give way.
 */
final class OperationGraph {
    /** How much an edge counts when there is a circle, from least to most. */
    enum Strength {
        /** It would be better so. */
        OPTIONAL,
        /** A rule says so. */
        MANDATORY,
        /** It cannot be otherwise. */
        INHERENT
    }

    private record Edge(int before, int after, Strength strength) {}

    /** Null: a point. */
    private final List<@Nullable Operation> nodes = new ArrayList<>();

    private List<Edge> edges = new ArrayList<>();

    int add(Operation operation) {
        nodes.add(operation);
        return nodes.size() - 1;
    }

    int addPoint() {
        nodes.add(null);
        return nodes.size() - 1;
    }

    void order(int before, int after, Strength strength) {
        if (before != after) {
            edges.add(new Edge(before, after, strength));
        }
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        for (@Nullable Operation operation : nodes) {
            if (operation != null) {
                operations.add(operation);
            }
        }
        return operations;
    }

    /** Pairs of operations, by their places in {@link #operations}: through points, and only through them. */
    List<Ordering> orderings() {
        breakCircles(Strength.OPTIONAL);
        breakCircles(Strength.MANDATORY);
        int[] places = places();
        int[][] next = successors();
        List<Ordering> orderings = new ArrayList<>();
        int[] seenFor = new int[nodes.size()];
        Arrays.fill(seenFor, -1);
        int[] open = new int[nodes.size()];
        for (int start = 0; start < nodes.size(); start++) {
            if (nodes.get(start) == null) {
                continue;
            }
            int size = 0;
            open[size++] = start;
            while (size > 0) {
                for (int after : next[open[--size]]) {
                    if (seenFor[after] == start) {
                        continue;
                    }
                    seenFor[after] = start;
                    if (nodes.get(after) == null) {
                        open[size++] = after;
                    } else {
                        orderings.add(new Ordering(places[start], places[after]));
                    }
                }
            }
        }
        return orderings;
    }

    private int[] places() {
        int[] places = new int[nodes.size()];
        int place = 0;
        for (int i = 0; i < places.length; i++) {
            places[i] = nodes.get(i) == null ? -1 : place++;
        }
        return places;
    }

    private int[][] successors() {
        int[] counts = new int[nodes.size()];
        edges.forEach(edge -> counts[edge.before()]++);
        int[][] next = new int[nodes.size()][];
        for (int i = 0; i < next.length; i++) {
            next[i] = new int[counts[i]];
        }
        for (Edge edge : edges) {
            next[edge.before()][--counts[edge.before()]] = edge.after();
        }
        return next;
    }

    /** Takes away the edges of this strength that lie on a circle. */
    private void breakCircles(Strength strength) {
        int[] circle = new Circles(successors()).find();
        edges = edges.stream()
                .filter(edge -> edge.strength() != strength || circle[edge.before()] != circle[edge.after()])
                .toList();
    }

    /** Which nodes can reach each other, by Tarjan's algorithm without recursion. */
    private static final class Circles {
        private final int[][] next;
        private final int[] index;
        private final int[] low;
        private final int[] circle;
        private final int[] position;
        private final int[] path;
        private final int[] stack;
        private int depth;
        private int height;
        private int visited;

        Circles(int[][] next) {
            this.next = next;
            this.index = new int[next.length];
            this.low = new int[next.length];
            this.circle = new int[next.length];
            this.position = new int[next.length];
            this.path = new int[next.length];
            this.stack = new int[next.length];
        }

        /** Equal for those on one circle, different for all others. */
        int[] find() {
            Arrays.fill(circle, -1);
            for (int node = 0; node < next.length; node++) {
                if (index[node] == 0) {
                    walk(node);
                }
            }
            return circle;
        }

        private void walk(int from) {
            enter(from);
            while (depth > 0) {
                int node = path[depth - 1];
                if (position[node] < next[node].length) {
                    int after = next[node][position[node]++];
                    if (index[after] == 0) {
                        enter(after);
                    } else if (circle[after] < 0) {
                        low[node] = Math.min(low[node], index[after]);
                    }
                } else {
                    leave(node);
                }
            }
        }

        private void enter(int node) {
            index[node] = ++visited;
            low[node] = visited;
            path[depth++] = node;
            stack[height++] = node;
        }

        private void leave(int node) {
            depth--;
            if (depth > 0) {
                int before = path[depth - 1];
                low[before] = Math.min(low[before], low[node]);
            }
            if (low[node] == index[node]) {
                int top;
                do {
                    top = stack[--height];
                    circle[top] = node;
                } while (top != node);
            }
        }
    }
}
