package io.quorate.client.manifest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what is wrong, one problem for each place, up to a bound. Not for several threads. */
final class Problems {
    static final int MAX = 20;

    private final List<Problem> found = new ArrayList<>();
    private final Set<SourceMark> places = new HashSet<>();
    private final Map<String, Integer> files = new HashMap<>();
    private boolean more;

    /** Problems are listed in the order in which their files began. */
    void begin(String file) {
        files.putIfAbsent(file, files.size());
    }

    void add(SourceMark at, String what, String fix) {
        if (!places.add(at)) {
            return;
        }
        if (found.size() < MAX) {
            found.add(new Problem(at, what, fix));
        } else {
            more = true;
        }
    }

    boolean isFull() {
        return found.size() >= MAX;
    }

    /** Ends loading when anything was found. */
    void throwIfAny() throws ManifestException {
        if (found.isEmpty()) {
            return;
        }
        List<Problem> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt((Problem p) -> files.getOrDefault(p.at().file(), 0))
                .thenComparingInt(p -> p.at().line())
                .thenComparingInt(p -> p.at().column()));
        throw new ManifestException(sorted, more);
    }
}
