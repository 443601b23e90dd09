package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.OnFail;
import io.quorate.statemachine.placement.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the status section: which nodes are there, and what runs on them, by what each node did with each resource. */
final class StatusReader {
    private final Cib cib;
    private final NodeReader nodeReader;
    private final FailCounts failCounts;
    private final PartReader parts;
    private final Map<String, NodeStatus> nodes;
    private final Map<String, Item> items = new LinkedHashMap<>();
    private final Map<String, Item> orphans = new LinkedHashMap<>();
    /** History id, then node: what was done there. */
    private final SortedMap<String, SortedMap<String, List<Operation>>> histories = new TreeMap<>();

    /** Nodes with a history, in the order of the status section: of several where something runs, the first is its own. */
    private final Set<NodeStatus> reporting = new LinkedHashSet<>();

    private final Map<String, Live> lives = new LinkedHashMap<>();

    private StatusReader(Cib cib) {
        this.cib = cib;
        this.nodeReader = new NodeReader(cib);
        this.failCounts = new FailCounts(cib);
        this.nodes = nodeReader.read();
        this.parts = new PartReader(cib, nodes.values());
        cib.primitives().forEach(item -> items.put(item.id(), item));
    }

    /**
     * What the status section says.
     *
     * @param nodes by name, in the order of the file
     * @param lives what is active, or has to be dealt with
     * @param orphans resources that are not configured any more
     * @param parts what is active of parts of bundles and of connections to guests
     */
    record Status(
            Map<String, NodeStatus> nodes,
            List<Live> lives,
            List<Item> orphans,
            FailCounts failCounts,
            List<Live> parts) {
        Status {
            parts = List.copyOf(parts);
            nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
            lives = List.copyOf(lives);
            orphans = List.copyOf(orphans);
        }
    }

    static Status read(Cib cib) {
        StatusReader reader = new StatusReader(cib);
        reader.read();
        List<Live> lives = new ArrayList<>(reader.lives.values());
        lives.removeIf(reader.parts::isPart);
        lives.addAll(reader.parts.replicas(reader.lives.values()));
        List<Live> parts = reader.lives.values().stream()
                .filter(live -> live.isActive() && reader.parts.isPart(live))
                .toList();
        return new Status(reader.nodes, lives, List.copyOf(reader.orphans.values()), reader.failCounts, parts);
    }

    private void read() {
        nodeReader.states(nodes);
        collect();
        replay(NodeStatus.Kind.MEMBER);
        reach(NodeStatus.Kind.REMOTE);
        replay(NodeStatus.Kind.REMOTE);
        reach(NodeStatus.Kind.GUEST);
        replay(NodeStatus.Kind.GUEST);
        lives.values().forEach(this::restartContainer);
    }

    /** What failed in a container, and is not to be recovered alone, has the container restart. */
    private void restartContainer(Live inside) {
        if (inside.onFail == OnFail.RESTART_CONTAINER) {
            String id = inside.item.meta("container");
            Live container = lives.get(key(id, inside.node));
            if (container != null && container != inside && container.isActive()) {
                container.outdated = true;
            }
        }
    }

    private void collect() {
        for (Element state : cib.status().children("node_state")) {
            Optional<NodeStatus> node = NodeReader.byIdOrName(nodes.values(), state);
            if (node.isEmpty()) {
                continue;
            }
            reporting.add(node.get());
            for (Element lrm : state.children("lrm")) {
                for (Element resource : lrm.all("lrm_resources", "lrm_resource")) {
                    List<Operation> operations = Operation.history(resource);
                    if (!operations.isEmpty()) {
                        item(resource);
                        histories
                                .computeIfAbsent(resource.id(), id -> new TreeMap<>())
                                .put(node.get().name, operations);
                    }
                }
            }
        }
    }

    /** The configured resource of a history; a clone's instances have numbers. */
    private Item item(Element resource) {
        Optional<Item> configured = configured(resource.id());
        if (configured.isPresent()) {
            return configured.get();
        }
        String agent = resource.get("class")
                + ":"
                + (resource.has("provider") ? resource.get("provider") + ":" : "")
                + resource.get("type");
        return orphans.computeIfAbsent(
                resource.id(), id -> new Item(Item.Kind.PRIMITIVE, id, agent, null, new TreeMap<>(), List.of()));
    }

    private Optional<Item> configured(String historyId) {
        Item exact = items.get(historyId);
        int colon = historyId.lastIndexOf(':');
        if (exact != null) {
            // Where instances differ, something without a number is none of them.
            return Optional.of(exact).filter(item -> !item.isUnique());
        }
        Optional<Item> part = parts.find(historyId);
        if (part.isPresent() || colon < 0) {
            return part;
        }
        return Optional.ofNullable(items.get(historyId.substring(0, colon)))
                .filter(item -> item.enclosingClone().isPresent());
    }

    private Item itemOf(String historyId) {
        return configured(historyId).orElseGet(() -> orphans.get(historyId));
    }

    private void reach(NodeStatus.Kind kind) {
        for (NodeStatus node : nodes.values()) {
            if (node.kind == kind && kind == NodeStatus.Kind.REMOTE) {
                remote(node);
            } else if (node.kind == kind) {
                guest(node);
            }
        }
    }

    /** A remote node is there when the connection to it is; when that failed, nobody knows. */
    private void remote(NodeStatus node) {
        List<Live> connections = active(node.name);
        if (connections.isEmpty()) {
            return;
        }
        node.online = connections.stream().noneMatch(live -> live.failed);
        if (!node.online
                && cib.fencing()
                && connections.stream().anyMatch(live -> live.onFail == OnFail.RESET_REMOTE)) {
            node.unclean = true;
        }
    }

    /** A guest is there when its container and the connection to it are; a container that is in doubt has to be recovered. */
    private void guest(NodeStatus node) {
        List<Live> containers = active(node.container.orElse(""));
        List<Live> connections = active(node.name);
        if (containers.stream().anyMatch(live -> live.failed)) {
            node.unclean = true;
        } else if (connections.isEmpty()
                || containers.isEmpty()
                || connections.stream().anyMatch(live -> live.failed)) {
            node.online = false;
        } else if (connections.size() == 1
                && connections.stream().anyMatch(live -> !live.node.online && live.node.unclean)) {
            node.unclean = true;
        } else {
            node.online = true;
        }
    }

    private List<Live> active(String id) {
        return lives.values().stream()
                .filter(live -> live.item.id().equals(id) && live.isActive())
                .toList();
    }

    private void replay(NodeStatus.Kind kind) {
        for (NodeStatus node : reporting) {
            if (node.kind != kind || (!node.online && !cib.fencing() && kind != NodeStatus.Kind.GUEST)) {
                continue;
            }
            histories.forEach((historyId, byNode) -> {
                List<Operation> operations = byNode.get(node.name);
                if (operations != null) {
                    replay(historyId, node, operations);
                }
            });
        }
    }

    private void replay(String historyId, NodeStatus node, List<Operation> operations) {
        Live live = live(historyId, node);
        live.orphan = configured(historyId).isEmpty();
        Role before = live.role;
        live.role = Role.STOPPED;
        new HistoryReader(cib, live, failCounts).replay(operations, new Moves(live, operations));
        boolean unclean = node.unclean && node.kind != NodeStatus.Kind.GUEST;
        if (live.isActive()
                && !node.online
                && !node.maintenance
                && live.item.isManaged()
                && (cib.fencing() || node.kind == NodeStatus.Kind.GUEST)) {
            node.revocable |= node.kind == NodeStatus.Kind.REMOTE && !node.unclean;
            node.unclean = true;
        }
        if (!unclean) {
            consequences(live);
        }
        live.outdated = live.isActive() && !live.orphan && new Definitions(cib).isOutdated(live, operations);
        if (before.compareTo(live.role) > 0) {
            live.role = before;
        }
        if (!before.isActive()) {
            // Where a migration may have brought it comes before where it was last heard of.
            lives.remove(key(historyId, node));
            lives.put(key(historyId, node), live);
        }
        boolean matters = live.isActive() || live.onFail != OnFail.IGNORE || live.banned || live.stopped;
        if (!matters && !live.leftover) {
            lives.remove(key(historyId, node));
        }
    }

    private static void consequences(Live live) {
        switch (live.onFail) {
            case IGNORE -> {
                // Nothing failed, or it does not matter.
            }
            case FENCE -> live.node.unclean = true;
            case STANDBY -> live.node.standby = true;
            case BLOCK -> live.blocked = true;
            case STOP -> live.stopped = true;
            case RESET_REMOTE -> live.stopped = live.item.has(Item.RECONNECT);
            case DEMOTE, RESTART, RESTART_CONTAINER, BAN -> {
                // What is failed is stopped first.
            }
        }
        live.failed |= live.onFail != OnFail.IGNORE;
    }

    private static String key(String historyId, NodeStatus node) {
        return historyId + " " + node.name;
    }

    private Live live(String historyId, NodeStatus node) {
        return lives.computeIfAbsent(key(historyId, node), key -> new Live(itemOf(historyId), historyId, node));
    }

    /** What a live migration, done or failed, says of the other node. */
    private final class Moves implements HistoryReader.Migrations {
        private final Live live;
        private final List<Operation> here;

        Moves(Live live, List<Operation> here) {
            this.live = live;
            this.here = here;
        }

        /**
         * Done here, and perhaps not there: whatever was decided since then, the target may run it until it is known to have
         * stopped there.
         */
        @Override
        public void movedAway(Operation operation) {
            Optional<NodeStatus> target = node(operation.line().get("migrate_target"));
            if (target.isPresent() && hasNewerState(target.get(), operation)) {
                live.role = Role.STOPPED;
                return;
            }
            Optional<Operation> arrived = target.flatMap(node -> arrival(node, operation));
            if (arrived.isPresent()
                    && !arrived.get().isPending()
                    && arrived.get().isExpected()) {
                // It runs there now; only the stop here is missing.
                live.role = Role.STOPPED;
                live.leftover = live.node.online;
                return;
            }
            live.role = Role.STARTED;
            if (!isFollowed(here, operation, "start")) {
                target.filter(node -> node.online).ifPresent(node -> alsoOn(node).arriving = true);
            }
        }

        @Override
        public void failedToMoveAway(Operation operation) {
            live.role = Role.STARTED;
            Optional<NodeStatus> target = node(operation.line().get("migrate_target"));
            if (!isFollowed(here, operation, "start")) {
                target.filter(node -> node.online && !hasNewerState(node, operation))
                        .ifPresent(this::alsoOn);
            }
        }

        @Override
        public void failedToArrive(Operation operation) {
            live.role = Role.STARTED;
            Optional<NodeStatus> source = node(operation.line().get("migrate_source"));
            source.filter(node -> node.online && !hasNewerState(node, operation))
                    .ifPresent(node -> alsoOn(node).failed = true);
        }

        private Optional<NodeStatus> node(String name) {
            return Optional.ofNullable(nodes.get(name));
        }

        private Live alsoOn(NodeStatus node) {
            Live other = live(live.historyId, node);
            if (!other.isActive()) {
                other.role = Role.STARTED;
            }
            return other;
        }

        private Optional<Operation> arrival(NodeStatus target, Operation departure) {
            return operationsOn(target).stream()
                    .filter(operation -> operation.is("migrate_from")
                            && operation.line().get("migrate_source").equals(live.node.name)
                            && departure.line().get("migrate_target").equals(target.name))
                    .findFirst();
        }

        private List<Operation> operationsOn(NodeStatus node) {
            SortedMap<String, List<Operation>> byNode = histories.get(live.historyId);
            return byNode == null ? List.of() : byNode.getOrDefault(node.name, List.of());
        }

        private static boolean isFollowed(List<Operation> operations, Operation operation, String by) {
            return operations.stream()
                    .skip(operations.indexOf(operation) + 1L)
                    .anyMatch(later -> later.is(by) && !later.isPending());
        }

        /** Whether something else happened on the other node since its part of the migration, or without one, since this. */
        private boolean hasNewerState(NodeStatus node, Operation migration) {
            List<Operation> there = operationsOn(node);
            String part = migration.is("migrate_to") ? "migrate_from" : "migrate_to";
            Optional<Operation> counterpart = there.stream()
                    .filter(operation -> operation.is(part)
                            && operation
                                    .line()
                                    .get("migrate_source")
                                    .equals(migration.line().get("migrate_source"))
                            && operation
                                    .line()
                                    .get("migrate_target")
                                    .equals(migration.line().get("migrate_target")))
                    .findFirst();
            if (counterpart.isPresent()) {
                return there.stream()
                        .skip(there.indexOf(counterpart.get()) + 1L)
                        .anyMatch(Moves::saysMore);
            }
            return there.stream().filter(Moves::saysMore).anyMatch(operation -> isAfter(operation, migration));
        }

        private static boolean saysMore(Operation operation) {
            return operation.is("monitor")
                    ? operation.effectiveExitCode() == Operation.NOT_RUNNING
                    : !operation.name().startsWith("migrate");
        }

        private static boolean isAfter(Operation operation, Operation migration) {
            return operation.changed().isPresent()
                    && migration.changed().isPresent()
                    && operation.changed().get().isAfter(migration.changed().get());
        }
    }
}
