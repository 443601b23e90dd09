package io.quorate.statemachine.cib;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads which nodes there are, and by {@code node_state} which of them are members, joining, leaving, lost. */
final class NodeReader {
    private final Cib cib;

    NodeReader(Cib cib) {
        this.cib = cib;
    }

    /** By name, in the order of the file. */
    Map<String, NodeStatus> read() {
        Map<String, NodeStatus> nodes = new java.util.LinkedHashMap<>();
        for (Element element : cib.configuration().all("nodes", "node")) {
            boolean remote = element.get("type").equals("remote");
            NodeStatus node = new NodeStatus(
                    element.id(), element.get("uname"), remote ? NodeStatus.Kind.REMOTE : NodeStatus.Kind.MEMBER);
            cib.sets().addTo(node.attributes, element, "instance_attributes", cib.context());
            cib.sets().addTo(node.capacity, element, "utilization", cib.context());
            nodes.put(node.name, node);
        }
        for (Item connection : cib.primitives()) {
            if (connection.isRemoteConnection()) {
                nodes.putIfAbsent(
                        connection.id(), new NodeStatus(connection.id(), connection.id(), NodeStatus.Kind.REMOTE));
                nodes.get(connection.id()).connected = true;
            } else if (connection.has("remote-node")) {
                String name = connection.meta("remote-node");
                nodes.put(name, guest(nodes.get(name), NodeStatus.guest(name, connection.id())));
            }
        }
        for (Element state : cib.status().children("node_state")) {
            if (Values.isTrue(state.get("remote_node"))
                    && byIdOrName(nodes.values(), state).isEmpty()) {
                // Nothing connects to it by configuration: whatever still does goes away, and the node with it.
                NodeStatus node = new NodeStatus(state.id(), state.id(), NodeStatus.Kind.REMOTE);
                node.connected = true;
                node.removed = true;
                nodes.put(node.name, node);
            }
        }
        for (Item item : cib.resources()) {
            if (item.kind() == Item.Kind.BUNDLE) {
                for (Bundle.Replica replica : Bundle.of(item).withNodes()) {
                    nodes.put(replica.node(), guest(nodes.get(replica.node()), NodeStatus.replica(replica)));
                }
            }
        }
        return nodes;
    }

    /** A guest may be listed among the nodes, with attributes of its own. */
    private static NodeStatus guest(@Nullable NodeStatus listed, NodeStatus guest) {
        if (listed != null) {
            guest.attributes.putAll(listed.attributes);
            guest.capacity.putAll(listed.capacity);
        }
        return guest;
    }

    /** Fills in what the status section says of each node itself. */
    void states(Map<String, NodeStatus> nodes) {
        SortedMap<String, Element> states = new TreeMap<>();
        for (Element state : cib.status().children("node_state")) {
            byIdOrName(nodes.values(), state).ifPresent(node -> states.putIfAbsent(node.name, state));
        }
        for (NodeStatus node : nodes.values()) {
            Element state = states.get(node.name);
            if (state == null) {
                node.unclean =
                        (node.isMember() || node.connected) && cib.fencing() && cib.option("startup-fencing", true);
                node.revocable = node.unclean && node.connected;
            } else {
                transientAttributes(node, state);
                node.unseen = false;
            }
            node.attributes.put("#uname", node.name);
            node.attributes.put("#id", node.id);
            node.attributes.put(
                    "#kind",
                    switch (node.kind) {
                        case MEMBER -> "cluster";
                        case REMOTE -> "remote";
                        case GUEST -> "container";
                    });
            node.attributes.put("#is_dc", String.valueOf(node.id.equals(cib.coordinator())));
            cib.clusterName().ifPresent(name -> node.attributes.put("#cluster-name", name));
            node.standby = Values.isTrue(node.attributes.getOrDefault("standby", ""));
            node.maintenance = Values.isTrue(node.attributes.getOrDefault("maintenance", ""));
            node.shuttingDown = isSet(node.attributes.getOrDefault("shutdown", ""));
            if (state != null && node.isMember()) {
                membership(node, state);
            }
        }
    }

    static Optional<NodeStatus> byIdOrName(Collection<NodeStatus> nodes, Element state) {
        Optional<NodeStatus> named = nodes.stream()
                .filter(node -> node.name.equals(state.get("uname")))
                .findFirst();
        return named.isPresent()
                ? named
                : nodes.stream().filter(node -> node.id.equals(state.id())).findFirst();
    }

    private void transientAttributes(NodeStatus node, Element state) {
        for (Element block : state.children("transient_attributes")) {
            node.attributes.putAll(cib.sets().of(block, "instance_attributes", cib.context()));
            node.capacity.putAll(cib.sets().of(block, "utilization", cib.context()));
        }
    }

    /** True for a set time or boolean: {@code shutdown="1718744075"}. */
    private static boolean isSet(String value) {
        return Values.isTrue(value) || Values.leadingNumber(value) > 0;
    }

    /** Both {@code true} and the time since when. */
    private static boolean member(Element state) {
        return isSet(state.get("in_ccm"));
    }

    private static boolean controller(Element state) {
        return state.get("crmd").equalsIgnoreCase("online") || isSet(state.get("crmd"));
    }

    private void membership(NodeStatus node, Element state) {
        boolean inMembership = member(state);
        boolean answers = controller(state);
        String join = state.get("join").toLowerCase(Locale.ROOT);
        boolean expected = state.get("expected").equalsIgnoreCase("member");
        boolean asked = Values.isTrue(node.attributes.getOrDefault("terminate", ""))
                || Values.leadingNumber(node.attributes.getOrDefault("terminate", "")) > 0;
        if (!cib.fencing()) {
            node.online = inMembership && answers && join.equals("member");
            node.pending = inMembership && answers && !join.equals("member");
            return;
        }
        if (node.shuttingDown) {
            node.online = answers;
            return;
        }
        if (!state.has("in_ccm")) {
            // Never seen by the membership.
            node.unclean = true;
            return;
        }
        node.online = inMembership;
        if (join.equals("banned") || join.equals("nack")) {
            node.unclean = true;
        } else if (asked) {
            boolean done = !inMembership && !answers && join.equals("down");
            node.unclean = !done;
        } else if (!expected) {
            boolean joining = inMembership || answers;
            node.pending = joining;
            node.online |= joining;
            node.unclean = joining && tooLongPending(state);
        } else if (!inMembership || !answers) {
            node.unclean = true;
        } else if (List.of("pending", "down").contains(join)) {
            node.pending = true;
            node.unclean = tooLongPending(state);
        } else if (!join.equals("member")) {
            node.unclean = true;
        }
    }

    private boolean tooLongPending(Element state) {
        long limit = Values.millis(cib.option("node-pending-timeout")).orElse(0);
        long since = Values.leadingNumber(state.get("in_ccm"));
        return limit > 0 && since > 1 && !controller(state) && cib.now().toEpochMilli() - since * 1_000 >= limit;
    }
}
