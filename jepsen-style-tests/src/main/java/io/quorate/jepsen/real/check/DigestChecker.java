package io.quorate.jepsen.real.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * SAME-LOG-SAME-STATE (I6) from outside: servers that are at the same place of the log have states with the same digest. A
 * place is a revision with the log's clock, which goes on between revisions.
 */
public final class DigestChecker {
    private final Map<String, List<Sight>> byPlace = new HashMap<>();
    private final Set<String> compared = new TreeSet<>();

    /** A server's state at one moment. */
    public record Sight(String server, long revision, long logMillis, String digest) {}

    /** One more look at a server. */
    public void add(Sight sight) {
        List<Sight> there =
                byPlace.computeIfAbsent(sight.revision() + " " + sight.logMillis(), place -> new ArrayList<>());
        there.add(sight);
        if (there.stream().anyMatch(other -> !other.server().equals(sight.server()))) {
            there.forEach(other -> compared.add(other.server()));
        }
    }

    /** Servers whose state was compared with another one's. */
    public Set<String> compared() {
        return Set.copyOf(compared);
    }

    /** Two sights of one place that differ; empty when there are none. */
    public Optional<String> difference() {
        return byPlace.values().stream()
                .filter(there -> there.stream().map(Sight::digest).distinct().count() > 1)
                .findFirst()
                .map(there -> "replicas differ: " + there);
    }
}
