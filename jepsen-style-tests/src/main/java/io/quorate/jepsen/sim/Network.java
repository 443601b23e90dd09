package io.quorate.jepsen.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Which machine hears which, and how late. What is sent into a cut is lost, or arrives after it, as with TCP. */
final class Network {
    private final SplittableRandom random;
    private final Set<String> cuts = new HashSet<>();
    private final Map<String, Long> slow = new HashMap<>();
    private long lossPermille;

    Network(SplittableRandom random) {
        this.random = random;
    }

    boolean passes(String from, String to) {
        return from.equals(to) || !cuts.contains(edge(from, to));
    }

    boolean passesBothWays(String one, String other) {
        return passes(one, other) && passes(other, one);
    }

    void cut(String from, String to) {
        cuts.add(edge(from, to));
    }

    void mend(String from, String to) {
        cuts.remove(edge(from, to));
        slow.remove(edge(from, to));
    }

    /** Everything from one machine to another is that much later. */
    void slow(String from, String to, long nanos) {
        slow.put(edge(from, to), nanos);
    }

    /** Of a thousand messages so many are sent again after their loss. */
    void lose(long permille) {
        lossPermille = permille;
    }

    void heal() {
        cuts.clear();
        slow.clear();
        lossPermille = 0;
    }

    /** How long a message takes. */
    long delayNanos(String from, String to) {
        long usual = from.equals(to) ? 50_000 : 200_000 + random.nextLong(1_500_000);
        long resent = 0;
        // As TCP does: the first time after 200 ms, then after twice as long each time.
        for (long wait = 200 * Timeline.MILLI;
                random.nextLong(1000) < lossPermille && wait < 4_000 * Timeline.MILLI; ) {
            resent += wait;
            wait *= 2;
        }
        return usual + resent + slow.getOrDefault(edge(from, to), 0L);
    }

    private static String edge(String from, String to) {
        return from + ">" + to;
    }
}
