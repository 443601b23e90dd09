package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives a clone's instances their nodes: first each where it is, then the rest where there is room. */
final class CloneSpread {
    private final Copies copies;
    private final Nodes nodes;
    private final Trace trace;
    private final Consumer<Slot> assign;
    private final int perNode;
    private final int optimal;

    CloneSpread(Copies copies, Nodes nodes, Trace trace, Consumer<Slot> assign) {
        this.copies = copies;
        this.nodes = nodes;
        this.trace = trace;
        this.assign = assign;
        this.perNode = copies.of.perNode();
        long possible = nodes.all.stream()
                .filter(node -> NodeChoice.isPossible(copies, node))
                .count();
        this.optimal = possible == 0 ? 1 : Math.max(1, (int) (copies.of.max() / possible));
    }

    void spread() {
        List<Slot> order = new ArrayList<>(copies.instances);
        order.sort(order());
        int given = 0;
        for (Slot instance : order) {
            if (given < copies.of.max() && !instance.assigned && stays(instance)) {
                given++;
            }
        }
        for (Slot instance : order) {
            if (instance.assigned) {
                continue;
            }
            if (given >= copies.of.max()) {
                instance.singles().forEach(single -> {
                    single.banEverywhere();
                    trace.scored(single, Trace.Cause.FULL);
                });
            } else {
                banFull(instance);
            }
            assign.accept(instance);
            @Nullable Node node = node(instance);
            if (node != null) {
                copies.counts[node.index]++;
                given++;
            }
        }
    }

    /** Places an instance where it is, if that is what it would be given anyway. */
    private boolean stays(Slot instance) {
        Single first = instance.first();
        @Nullable Node here = first.current();
        if (here == null
                || first.running.size() > 1
                || copies.counts[here.index] >= Math.min(optimal, perNode)
                || !NodeChoice.isPossible(first, here)
                || !NodeChoice.isPossible(copies, here)) {
            return false;
        }
        banFull(instance);
        List<Single> singles = instance.singles().toList();
        List<int[]> before =
                singles.stream().map(single -> single.scores.clone()).toList();
        singles.forEach(single -> {
            single.add(here, Score.INFINITY);
            trace.scored(single, Trace.Cause.STICKINESS);
        });
        assign.accept(instance);
        for (int i = 0; i < singles.size(); i++) {
            singles.get(i).scores = before.get(i);
        }
        @Nullable Node node = node(instance);
        if (node == null) {
            return false;
        }
        copies.counts[node.index]++;
        return true;
    }

    private void banFull(Slot instance) {
        instance.singles()
                .forEach(single -> {
                    nodes.all.stream()
                            .filter(node -> copies.counts[node.index] >= perNode)
                            .forEach(single::ban);
                    trace.scored(single, Trace.Cause.FULL);
                });
    }

    static @Nullable Node node(Slot instance) {
        return instance.singles()
                .map(single -> single.assignedTo)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Those that run and may stay go first, then by what their nodes are worth, then by number. */
    private static Comparator<Slot> order() {
        return Comparator.comparing((Slot instance) -> instance.first().current() == null)
                .thenComparing(instance -> !mayStay(instance))
                .thenComparing(instance -> -instance.priority)
                .thenComparing(instance -> instance.first().failed())
                .thenComparing(instance -> {
                    @Nullable Node here = instance.first().current();
                    return here == null ? 0 : -instance.first().score(here);
                });
    }

    private static boolean mayStay(Slot instance) {
        @Nullable Node here = instance.first().current();
        return here != null && NodeChoice.isPossible(instance.first(), here);
    }
}
