package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The nodes of a problem by number, by name, and by what they have in common. */
final class Nodes {
    final List<Node> all;
    /** Those where nothing may be started now. */
    final List<Node> unavailable;

    private final Map<String, Node> byName = new LinkedHashMap<>();
    private final Map<String, Sites> sites = new TreeMap<>();
    /** Resource: the nodes that are there while it runs. */
    private final Map<String, List<Node>> carried = new TreeMap<>();
    /** Instance of a bundle: what its inside is called as a node. */
    private final Map<String, String> replicas = new TreeMap<>();

    Nodes(List<Machine> machines) {
        SortedMap<String, Integer> ranks = new TreeMap<>();
        machines.forEach(machine -> ranks.put(machine.name(), 0));
        int rank = 0;
        for (Map.Entry<String, Integer> entry : ranks.entrySet()) {
            entry.setValue(rank++);
        }
        List<Node> found = new ArrayList<>();
        for (Machine machine : machines) {
            if (machine.isReplica()) {
                replicas.put(machine.container().orElse(""), machine.name());
                continue;
            }
            Node node = new Node(found.size(), ranks.getOrDefault(machine.name(), 0), machine);
            found.add(node);
            byName.put(machine.name(), node);
            machine.container()
                    .ifPresent(id -> carried.computeIfAbsent(id, key -> new ArrayList<>())
                            .add(node));
        }
        this.all = List.copyOf(found);
        this.unavailable = found.stream().filter(node -> !node.available).toList();
    }

    int size() {
        return all.size();
    }

    @Nullable
    Node find(String name) {
        return byName.get(name);
    }

    /** The nodes that a resource is, or connects to. */
    List<Node> carriedBy(Single single) {
        return carried.isEmpty() ? List.of() : carried.getOrDefault(single.of.id(), List.of());
    }

    /** What the inside of a bundle's replica is called as a node; empty for other instances. */
    Optional<String> insideOf(Slot instance) {
        return replicas.isEmpty() ? Optional.empty() : Optional.ofNullable(replicas.get(instance.id));
    }

    /** Nodes count as one site where they have the same value of this attribute. */
    Sites sites(String attribute) {
        return sites.computeIfAbsent(attribute, this::sitesOf);
    }

    private Sites sitesOf(String attribute) {
        int[] siteOf = new int[size()];
        Map<String, Integer> firstWith = new TreeMap<>();
        for (Node node : all) {
            Optional<String> value = node.machine.attribute(attribute);
            siteOf[node.index] =
                    value.isEmpty() ? Sites.NONE : firstWith.computeIfAbsent(value.get(), key -> node.index);
        }
        return new Sites(siteOf);
    }

    /** Whether there is a node that these scores leave possible. */
    boolean anyPossible(int[] scores) {
        for (Node node : all) {
            if (node.available && scores[node.index] >= 0) {
                return true;
            }
        }
        return false;
    }
}
