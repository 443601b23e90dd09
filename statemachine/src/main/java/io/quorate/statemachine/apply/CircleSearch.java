package io.quorate.statemachine.apply;

import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.apply.Circles.Edge;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.Manifest;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds in objects that nobody has applied yet what the guard Circles would refuse. */
public final class CircleSearch {
    private static final int MAX_STEPS_SHOWN = 10;

    private CircleSearch() {}

    /**
     * Constraints that lead back to where they began.
     *
     * @param sources keys of the objects that say so; a group is one for the order of its members
     * @param words its steps
     */
    public record Circle(List<String> sources, String words) {
        public Circle {
            sources = List.copyOf(sources);
        }
    }

    /** A circle among all of these, if there is one. */
    public static Optional<Circle> find(List<Manifest> manifests) {
        NavigableMap<String, ObjectRow> objects = new TreeMap<>();
        for (Manifest manifest : manifests) {
            if (!manifest.hasSettings()) {
                String key = Keys.of(manifest);
                ObjectRow.Builder row = ObjectRow.newBuilder().setKey(key).setMeta(manifest.getMeta());
                objects.put(key, ConfigurationPlan.withSpec(row, manifest).build());
            }
        }
        ConstraintPlan plan = new ConstraintPlan(objects);
        List<Edge> circle = plan.colocationCircle();
        if (circle == null) {
            circle = plan.orderCircle();
        }
        return Optional.ofNullable(circle).map(CircleSearch::circle);
    }

    private static Circle circle(List<Edge> edges) {
        String words = edges.stream()
                .map(Edge::words)
                .filter(step -> !step.isEmpty())
                .limit(MAX_STEPS_SHOWN)
                .collect(Collectors.joining("; "));
        return new Circle(edges.stream().map(Edge::source).distinct().toList(), words);
    }
}
