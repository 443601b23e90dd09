package io.quorate.jepsen.real.load;

import java.util.SortedMap;
import java.util.TreeMap;

/** How often things happened. For any thread. */
final class Counts {
    private final TreeMap<String, Integer> counts = new TreeMap<>();

    synchronized void add(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    synchronized SortedMap<String, Integer> copy() {
        return new TreeMap<>(counts);
    }
}
