package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Problem.Location;
import io.quorate.statemachine.placement.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * With the option {@code shutdown-lock}, what runs on a node that shuts down waits for that node to come back: it may run
 * nowhere else. Instances of clones, fence devices and connections to remote nodes are not locked.
 */
final class ShutdownLocks {
    private final Cib cib;
    private final StatusReader.Status status;

    ShutdownLocks(Cib cib, StatusReader.Status status) {
        this.cib = cib;
        this.status = status;
    }

    List<Location> locations() {
        List<Location> found = new ArrayList<>();
        if (cib.option("shutdown-lock", false)) {
            for (Item item : cib.primitives()) {
                boolean lockable =
                        item.enclosingClone().isEmpty() && !item.isFenceDevice() && !item.isRemoteConnection();
                if (lockable) {
                    lock(item).ifPresent(node -> found.add(bound(item, node)));
                }
            }
        }
        return found;
    }

    /** The node that it is locked to: the one that takes it down with it, or the one that has done so. */
    private Optional<NodeStatus> lock(Item item) {
        List<NodeStatus> active = status.lives().stream()
                .filter(live -> live.item == item && live.isActive())
                .map(live -> live.node)
                .toList();
        if (!active.isEmpty()) {
            return Optional.of(active.get(0))
                    .filter(node -> active.size() == 1 && node.shuttingDown && !node.unclean)
                    .filter(node -> isInForce(node.attributes().getOrDefault("shutdown", "")));
        }
        for (Element state : cib.status().children("node_state")) {
            for (Element lrm : state.children("lrm")) {
                for (Element resource : lrm.all("lrm_resources", "lrm_resource")) {
                    if (resource.id().equals(item.id()) && isInForce(resource.get("shutdown-lock"))) {
                        return NodeReader.byIdOrName(status.nodes().values(), state);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** @param since when it was locked, in seconds; anything else: it is not */
    private boolean isInForce(String since) {
        long limitMillis = Values.millis(cib.option("shutdown-lock-limit")).orElse(0);
        long sinceMillis = Values.leadingNumber(since) * 1_000;
        return sinceMillis > 0 && (limitMillis <= 0 || cib.now().toEpochMilli() < sinceMillis + limitMillis);
    }

    private Location bound(Item item, NodeStatus node) {
        SortedMap<String, Integer> elsewhere = new TreeMap<>();
        status.nodes().keySet().stream()
                .filter(name -> !name.equals(node.name))
                .forEach(name -> elsewhere.put(name, -Score.INFINITY));
        return new Location("shutdown-lock", item.id(), Optional.empty(), elsewhere, false);
    }
}
