package io.quorate.statemachine.apply;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A directed graph that is searched for a way back to where it began. Work in proportion to its edges. */
final class Circles {
    /**
     * One step.
     *
     * @param source key of the object that says so
     * @param words what it says; empty: a step that nobody wrote down
     */
    record Edge(String from, String to, String source, String words) {}

    private final NavigableMap<String, List<Edge>> edges = new TreeMap<>();

    void add(Edge edge) {
        edges.computeIfAbsent(edge.from, from -> new ArrayList<>()).add(edge);
    }

    boolean isEmpty() {
        return edges.isEmpty();
    }

    /** The edges of one circle in their order; null when there is none. */
    @Nullable
    List<Edge> find() {
        TreeSet<String> done = new TreeSet<>();
        for (String start : edges.keySet()) {
            List<Edge> circle = done.contains(start) ? null : from(start, done);
            if (circle != null) {
                return circle;
            }
        }
        return null;
    }

    /** Goes as deep as it can first, without recursion: a chain may be as long as a cluster has objects. */
    private @Nullable List<Edge> from(String start, Set<String> done) {
        TreeSet<String> onPath = new TreeSet<>();
        List<Edge> path = new ArrayList<>();
        Deque<Iterator<Edge>> open = new ArrayDeque<>();
        onPath.add(start);
        open.push(next(start));
        while (!open.isEmpty()) {
            if (!open.getFirst().hasNext()) {
                open.pop();
                String left = path.isEmpty() ? start : path.get(path.size() - 1).to;
                onPath.remove(left);
                done.add(left);
                if (!path.isEmpty()) {
                    path.remove(path.size() - 1);
                }
                continue;
            }
            Edge edge = open.getFirst().next();
            if (onPath.contains(edge.to)) {
                path.add(edge);
                return since(edge.to, path);
            }
            if (!done.contains(edge.to)) {
                path.add(edge);
                onPath.add(edge.to);
                open.push(next(edge.to));
            }
        }
        return null;
    }

    private Iterator<Edge> next(String from) {
        return edges.getOrDefault(from, List.of()).iterator();
    }

    private static List<Edge> since(String begin, List<Edge> path) {
        int first = 0;
        while (!path.get(first).from.equals(begin)) {
            first++;
        }
        return List.copyOf(path.subList(first, path.size()));
    }
}
