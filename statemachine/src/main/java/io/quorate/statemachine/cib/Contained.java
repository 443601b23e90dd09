package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Problem.Colocation;
import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Location;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import io.quorate.statemachine.placement.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the meta-attribute {@code container} says: the resource runs where that one does, and after it; when that one is a
 * guest, in the guest.
 */
record Contained(List<Location> locations, List<Colocation> colocations, List<Order> orders) {
    static Contained of(Cib cib) {
        Contained found = new Contained(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Item item : cib.primitives()) {
            if (item.has("container")) {
                String container = item.meta("container");
                cib.primitives().stream()
                        .filter(other -> other.id().equals(container))
                        .findFirst()
                        .ifPresent(other -> found.add(item, other));
            }
        }
        return found;
    }

    private void add(Item item, Item container) {
        if (container.has("remote-node")) {
            SortedMap<String, Integer> inside = new TreeMap<>();
            inside.put(container.meta("remote-node"), 0);
            locations.add(new Location("in-container", item.id(), Optional.empty(), inside, true));
            return;
        }
        colocations.add(new Colocation(
                "with-container",
                item.id(),
                Optional.empty(),
                container.id(),
                Optional.empty(),
                Score.INFINITY,
                "#uname",
                true));
        orders.add(new Order(
                "after-container",
                List.of(container.id()),
                false,
                Step.START,
                item.id(),
                Step.START,
                Kind.MANDATORY,
                true));
    }
}
