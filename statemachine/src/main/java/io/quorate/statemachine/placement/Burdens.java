package io.quorate.statemachine.placement;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the machines carry of resources that are not asked about and have their places: of machines that are worth the same,
 * the one with fewest instances is chosen, so who is placed after them has to know.
 *
 * @param before by the id of a top-level resource: how many instances more each machine carries from its turn on
 */
public record Burdens(SortedMap<String, SortedMap<String, Integer>> before) {
    /** All resources are asked about. */
    public static final Burdens NONE = new Burdens(Collections.emptySortedMap());

    public Burdens {
        before = Collections.unmodifiableSortedMap(new TreeMap<>(before));
    }

    SortedMap<String, Integer> before(String resource) {
        return before.getOrDefault(resource, Collections.emptySortedMap());
    }
}
