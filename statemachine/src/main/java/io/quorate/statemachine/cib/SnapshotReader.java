package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Snapshot.NodeState;
import io.quorate.statemachine.cib.Snapshot.Running;
import io.quorate.statemachine.placement.Answer;
import io.quorate.statemachine.placement.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Says what is by the status section, and what will be once an answer of the engine is carried out. */
final class SnapshotReader {
    private final Cib cib;
    private final StatusReader.Status status;

    SnapshotReader(Cib cib, StatusReader.Status status) {
        this.cib = cib;
        this.status = status;
    }

    Snapshot before() {
        Map<String, NodeState> nodes = new LinkedHashMap<>();
        status.nodes().forEach((name, node) -> nodes.put(name, state(node)));
        List<Running> running = new ArrayList<>();
        for (Live live : status.lives()) {
            if (live.isActive()) {
                boolean starting = live.pending.equals("start");
                running.add(new Running(live.item.id(), live.node.name, role(live), starting, flags(live)));
            }
        }
        return new Snapshot(nodes, running);
    }

    /** What failed as anything but promoted is shown as started, whatever it could be. */
    private static Role role(Live live) {
        return live.failed && live.role == Role.UNPROMOTED ? Role.STARTED : live.role;
    }

    private static NodeState state(NodeStatus node) {
        return new NodeState(
                node.online, node.unclean, node.pending && !node.unclean, node.standby, node.maintenance, health(node));
    }

    private static Optional<String> health(NodeStatus node) {
        Set<String> colours = new TreeSet<>();
        node.attributes().forEach((name, value) -> {
            if (name.startsWith("#health")) {
                colours.add(value);
            }
        });
        return List.of("red", "yellow").stream().filter(colours::contains).findFirst();
    }

    private List<String> flags(Live live) {
        List<String> flags = new ArrayList<>();
        add(flags, live.orphan, "orphan");
        add(flags, live.failed, "failed");
        add(flags, live.failureIgnored, "failure ignored");
        add(flags, live.node.unclean && !live.node.online, "UNCLEAN");
        add(flags, !live.pending.isEmpty(), "pending:" + underWay(live.pending));
        boolean single = live.item.enclosingClone().isEmpty();
        add(flags, single && live.item.targetRole().equals("stopped"), "disabled");
        boolean maintenance = cib.option("maintenance-mode", false) || live.item.meta("maintenance", false);
        add(flags, live.blocked, "blocked");
        add(flags, maintenance || live.node.maintenance, "maintenance");
        add(flags, !maintenance && !live.node.maintenance && !live.item.isManaged(), "unmanaged");
        return flags;
    }

    /** What Pacemaker calls an operation that has not ended. */
    private static String underWay(String operation) {
        return switch (operation) {
            case "start" -> "Starting";
            case "stop" -> "Stopping";
            case "promote" -> "Promoting";
            case "demote" -> "Demoting";
            case "monitor" -> "Monitoring";
            case "migrate_to", "migrate_from" -> "Migrating";
            default -> operation;
        };
    }

    private static void add(List<String> flags, boolean holds, String flag) {
        if (holds) {
            flags.add(flag);
        }
    }

    /** What is once everything that was decided has been done. */
    Snapshot after(Answer answer) {
        List<Running> running = answer.placed().stream()
                .map(placed -> new Running(placed.resource(), placed.machine(), placed.role(), false, List.of()))
                .toList();
        Map<String, NodeState> nodes = new LinkedHashMap<>();
        status.nodes().forEach((name, node) -> nodes.put(name, after(node, answer)));
        return new Snapshot(nodes, running);
    }

    private NodeState after(NodeStatus node, Answer answer) {
        NodeState now = state(node);
        if (node.isMember()) {
            return answer.fenced().contains(node.name) || node.shuttingDown ? now.gone() : now;
        }
        String carrier = node.container.orElse(node.name);
        boolean carried = node.replica.isPresent()
                ? isCarried(node.replica.get(), answer)
                : answer.placed().stream().anyMatch(placed -> placed.resource().equals(carrier));
        return carried ? now.joined() : now.gone();
    }

    /** An answer does not say which replica is where: the first ones are those that are there. */
    private static boolean isCarried(Bundle.Replica replica, Answer answer) {
        long placed = answer.placed().stream()
                .filter(each -> each.resource().equals(replica.bundle().id()))
                .count();
        return replica.number() < placed;
    }

    /** Configured resources of which nothing is active then. A bundle counts as one, what is inside it does not. */
    List<String> stopped(Snapshot after) {
        Set<String> active = new TreeSet<>();
        after.running().forEach(running -> active.add(running.resource()));
        List<String> stopped = new ArrayList<>();
        for (Item item : cib.resources()) {
            if (item.kind() == Item.Kind.BUNDLE) {
                stopped.add(item.id());
            } else {
                item.primitives().map(Item::id).forEach(stopped::add);
            }
        }
        stopped.removeIf(active::contains);
        return stopped;
    }
}
