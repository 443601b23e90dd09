package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Problem.Activity;
import io.quorate.statemachine.placement.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A node that joins may run something that nobody has looked for there yet, and nobody can look before it has joined: what
 * runs nowhere else is not started until then. What runs somewhere stays as it is.
 */
final class UnknownPlaces {
    private final Cib cib;
    private final StatusReader.Status status;

    UnknownPlaces(Cib cib, StatusReader.Status status) {
        this.cib = cib;
        this.status = status;
    }

    List<Activity> activities() {
        List<Activity> found = new ArrayList<>();
        for (NodeStatus node : status.nodes().values()) {
            if (node.isMember() && node.online && node.pending && !node.unclean) {
                Set<String> known = known(node);
                cib.resources().stream()
                        .filter(top -> top.primitives().noneMatch(this::isActive))
                        .flatMap(Item::primitives)
                        .filter(item -> !known.contains(item.id()))
                        .map(item -> unknown(item, node))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private boolean isActive(Item item) {
        return status.lives().stream().anyMatch(live -> live.item == item && live.isActive());
    }

    /** Ids of resources that the node has a history of, without the numbers of instances. */
    private Set<String> known(NodeStatus node) {
        Set<String> known = new TreeSet<>();
        for (Element state : cib.status().children("node_state")) {
            if (NodeReader.byIdOrName(List.of(node), state).isPresent()) {
                for (Element lrm : state.children("lrm")) {
                    lrm.all("lrm_resources", "lrm_resource")
                            .forEach(resource -> known.add(resource.id().split(":", 2)[0]));
                }
            }
        }
        return known;
    }

    private static Activity unknown(Item item, NodeStatus node) {
        return new Activity(item.id(), OptionalInt.empty(), node.name, Role.STOPPED, false, false, false, true);
    }
}
