package io.quorate.statemachine.placement;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Instances of a clone that do not differ may change places on paper: where one runs and one is wanted, it is the one that
 * runs there. Without this, two instances would move past each other for nothing.
 */
final class Instances {
    private Instances() {}

    static void keepInPlace(Copies copies) {
        if (copies.instances.isEmpty()) {
            return;
        }
        boolean replicas = copies.first().of.container().isPresent();
        if (copies.of.unique() && !replicas) {
            return;
        }
        Map<Node, Slot> running = new LinkedHashMap<>();
        for (Slot instance : copies.instances) {
            instance.singles()
                    .flatMap(single -> single.nodes.stream())
                    .findFirst()
                    .ifPresent(node -> running.putIfAbsent(node, instance));
        }
        for (Slot instance : copies.instances) {
            @Nullable Node node = CloneSpread.node(instance);
            @Nullable Slot there = node == null ? null : running.get(node);
            // Each exchange puts one instance where it is for good, and this one where another is wanted.
            while (there != null && there != instance && CloneSpread.node(there) != node && isFree(there, instance)) {
                exchange(instance, there);
                node = CloneSpread.node(instance);
                there = node == null ? null : running.get(node);
            }
        }
    }

    private static boolean isFree(Slot one, Slot other) {
        return one.singles().allMatch(single -> single.managed)
                && other.singles().allMatch(single -> single.managed);
    }

    private static void exchange(Slot one, Slot other) {
        List<Single> ones = one.singles().toList();
        List<Single> others = other.singles().toList();
        for (int i = 0; i < ones.size(); i++) {
            exchange(ones.get(i), others.get(i));
        }
    }

    private static void exchange(Single one, Single other) {
        @Nullable Node node = one.assignedTo;
        Role role = one.nextRole;
        one.assignedTo = other.assignedTo;
        one.nextRole = other.nextRole;
        other.assignedTo = node;
        other.nextRole = role;
    }
}
