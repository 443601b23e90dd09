package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * What those that depend on a primary want is added to its scores, and what those want that depend on them, and so on, ever
 * weaker: by the rule's score over infinity at each step. Nobody is heard whose wish would leave no node.
 */
final class Hearing {
    /**
     * Who depends on the primary in several ways is heard as often, up to so many times in all: in a thicket of rules the
     * number of ways is exponential.
     */
    private static final int REPEATS = 1_000;
    /** Through so many others a wish is still heard: each of a long chain hears all of it, which is the square of its length. */
    private static final int DISTANCE = 1_000;

    private final Nodes nodes;
    private final boolean onlyPreference;
    private final Deque<Voice> speaking = new ArrayDeque<>();
    private int[] scores;
    private int repeats;

    /** @param onlyPreference what is heard never takes a node away */
    Hearing(Nodes nodes, int[] scores, boolean onlyPreference) {
        this.nodes = nodes;
        this.scores = scores;
        this.onlyPreference = onlyPreference;
    }

    /**
     * Somebody who speaks, for whom, and whom there still is to be heard after.
     *
     * @param source the dependent
     * @param speaker of a group the first member
     * @param factor how much the wishes count, from minus one to one
     */
    private record Voice(Slot source, Slot speaker, double factor, Iterator<Bond> dependents) {}

    int[] scores() {
        return scores;
    }

    void hear(Bond bond) {
        listen(bond, 1);
        while (!speaking.isEmpty()) {
            Voice voice = speaking.getLast();
            if (voice.dependents.hasNext()) {
                listen(voice.dependents.next(), voice.factor);
            } else {
                voice.speaker.speaking = false;
                voice.source.speaking = false;
                speaking.removeLast();
            }
        }
    }

    private void listen(Bond bond, double factorBefore) {
        Slot source = bond.dependent();
        Slot speaker = source instanceof Series series ? series.first() : source;
        if (!bond.hasInfluence() || speaker.speaking || source.speaking || isTooMuch(speaker)) {
            return;
        }
        double factor = factorBefore * bond.score() / Score.INFINITY;
        int[] sum = sum(speaker, bond, factor);
        if (nodes.anyPossible(sum)) {
            scores = sum;
            speaker.speaking = true;
            source.speaking = true;
            speaking.addLast(new Voice(
                    source, speaker, factor, Attraction.dependentsOf(speaker).iterator()));
        }
    }

    private boolean isTooMuch(Slot speaker) {
        if (speaking.size() >= DISTANCE) {
            return true;
        }
        boolean again = speaker.heardBy == this;
        speaker.heardBy = this;
        return again && ++repeats > REPEATS;
    }

    private int[] sum(Slot speaker, Bond bond, double factor) {
        int[] best = bond.sites().best(speaker.scores, nodes);
        int[] sum = scores.clone();
        for (int i = 0; i < sum.length; i++) {
            if (factor < 0 && best[i] < 0) {
                // A node that the speaker may not have is no better for what it keeps away from.
                continue;
            }
            int wished = Score.add(delta(factor, best[i]), sum[i]);
            if (!onlyPreference || wished >= 0) {
                sum[i] = wished;
            } else if (sum[i] > 0) {
                sum[i] = 1;
            }
        }
        return sum;
    }

    /** Rounded; a wish that is not nothing counts at least one. */
    private static int delta(double factor, int score) {
        double exact = factor * score;
        int rounded = (int) (exact < 0 ? exact - 0.5 : exact + 0.5);
        return rounded != 0 || score == 0 ? rounded : (int) Math.signum(factor);
    }
}
