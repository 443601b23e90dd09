package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives a clone's instances their nodes: first each where it is, then the rest where there is room. */
final class CloneSpread {
    private final Copies copies;
    private final Consumer<Slot> assign;
    private final int perNode;
    private final int optimal;

    CloneSpread(Copies copies, Consumer<Slot> assign) {
        this.copies = copies;
        this.assign = assign;
        this.perNode = copies.of.perNode();
        long available = copies.view().entrySet().stream()
                .filter(entry -> entry.getKey().isAvailable() && entry.getValue() >= 0)
                .count();
        this.optimal = available == 0 ? 1 : Math.max(1, (int) (copies.of.max() / available));
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
                instance.singles().forEach(Slot::banEverywhere);
            } else {
                banFull(instance);
            }
            assign.accept(instance);
            @Nullable Machine node = node(instance);
            if (node != null) {
                copies.counts.merge(node, 1, Integer::sum);
                given++;
            }
        }
    }

    /** Places an instance where it is, if that is what it would be given anyway. */
    private boolean stays(Slot instance) {
        Single first = first(instance);
        @Nullable Machine here = first.current();
        if (here == null
                || first.running.size() > 1
                || copies.counts.getOrDefault(here, 0) >= Math.min(optimal, perNode)) {
            return false;
        }
        if (!here.isAvailable() || first.score(here) < 0 || copies.score(here) < 0) {
            return false;
        }
        banFull(instance);
        List<Map<Machine, Integer>> before =
                instance.singles().map(Slot::copyOfScores).toList();
        instance.singles().forEach(single -> single.add(here, Score.INFINITY));
        assign.accept(instance);
        @Nullable Machine node = node(instance);
        List<Single> singles = instance.singles().toList();
        for (int i = 0; i < singles.size(); i++) {
            singles.get(i).scores = before.get(i);
        }
        if (node == null) {
            return false;
        }
        copies.counts.merge(node, 1, Integer::sum);
        return true;
    }

    private void banFull(Slot instance) {
        instance.singles()
                .forEach(single -> single.scores.replaceAll((machine, score) ->
                        copies.counts.getOrDefault(machine, 0) >= perNode ? Integer.valueOf(-Score.INFINITY) : score));
    }

    private static Single first(Slot instance) {
        return instance.singles().findFirst().orElseThrow();
    }

    static @Nullable Machine node(Slot instance) {
        return instance.singles()
                .map(single -> single.assignedTo)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Those that run and may stay go first, then by what their nodes are worth, then by number. */
    private Comparator<Slot> order() {
        return Comparator.comparing((Slot instance) -> first(instance).current() == null ? 1 : 0)
                .thenComparing(instance -> mayStay(instance) ? 0 : 1)
                .thenComparing(instance -> -instance.priority)
                .thenComparing(instance -> first(instance).failed() ? 1 : 0)
                .thenComparing(instance -> {
                    @Nullable Machine here = first(instance).current();
                    return here == null ? 0 : -first(instance).score(here);
                });
    }

    private boolean mayStay(Slot instance) {
        @Nullable Machine here = first(instance).current();
        return here != null && here.isAvailable() && first(instance).score(here) >= 0;
    }
}
