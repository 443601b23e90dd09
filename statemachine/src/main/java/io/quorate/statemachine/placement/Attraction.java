package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How colocations move scores. A dependent follows the primary that has been placed; before that, a primary takes into
 * account what its dependents want, and what theirs want, ever weaker: the rule's score over infinity at each step.
 */
final class Attraction {
    /** A node that would be out if one more dependent's wish were heard: the wishes before it count. */
    private static final Comparator<Bond> BY_PRIMARY = Comparator.comparing((Bond bond) -> -bond.primary().priority)
            .thenComparing(bond -> bond.primary() instanceof Single ? 0 : 1);

    private static final Comparator<Bond> BY_DEPENDENT =
            Comparator.comparing((Bond bond) -> -bond.dependent().priority);

    private Attraction() {}

    /** What a bond decides about a dependent now. */
    enum Effect {
        NOTHING,
        LOCATION,
        ROLE
    }

    /** The bonds in which a slot is the dependent, with those that it has by being inside something. */
    static List<Bond> bondsOf(Slot slot) {
        List<Bond> found = new ArrayList<>();
        gatherBonds(slot, slot, found);
        found.sort(BY_PRIMARY);
        return found;
    }

    /** A group's own bonds are those of its first member: the others follow that one. */
    private static void gatherBonds(Slot slot, Slot original, List<Bond> found) {
        if (slot instanceof Series series && slot != original && series.first() != original) {
            return;
        }
        found.addAll(slot.bonds);
        if (slot.parent != null) {
            gatherBonds(slot.parent, original, found);
        }
    }

    /** The bonds in which a slot is the primary. */
    static List<Bond> dependentsOf(Slot slot) {
        List<Bond> found = new ArrayList<>();
        gatherDependents(slot, slot, found);
        found.sort(BY_DEPENDENT);
        return found;
    }

    /** What depends on a group depends on its last member. */
    private static void gatherDependents(Slot slot, Slot original, List<Bond> found) {
        if (slot instanceof Series series && slot != original && series.last() != original) {
            return;
        }
        found.addAll(slot.dependents);
        if (slot.parent != null) {
            gatherDependents(slot.parent, original, found);
        }
    }

    /** @param preview before the primary has been placed */
    static Effect effect(Slot dependent, Slot primary, Bond bond, boolean preview) {
        if (preview && !primary.assigned) {
            return Effect.LOCATION;
        }
        Role wanted = bond.dependentRole().orElse(Role.STARTED);
        if (wanted.compareTo(Role.UNPROMOTED) >= 0 && dependent.isPromotable() && dependent.assigned) {
            return Effect.ROLE;
        }
        if (dependent.assigned) {
            return Effect.NOTHING;
        }
        if (bond.primaryRole().isPresent()
                && bond.primaryRole().get().compareTo(Role.UNPROMOTED) >= 0
                && primary instanceof Single single
                && single.nextRole != bond.primaryRole().get()) {
            return Effect.NOTHING;
        }
        return Effect.LOCATION;
    }

    /** Moves the scores of a dependent by where its primary, a single instance, was placed. */
    static void follow(Slot dependent, Single primary, Bond bond) {
        if (primary.assignedTo == null && bond.score() < 0) {
            return;
        }
        Optional<String> value =
                Optional.ofNullable(primary.assignedTo).flatMap(node -> node.attribute(bond.attribute()));
        Map<Machine, Integer> work = dependent.copyOfScores();
        for (Map.Entry<Machine, Integer> entry : work.entrySet()) {
            boolean same = value.isPresent() && value.equals(entry.getKey().attribute(bond.attribute()));
            if (primary.assignedTo == null) {
                entry.setValue(Score.add(-bond.score(), entry.getValue()));
            } else if (same && bond.score() < Score.INFINITY) {
                entry.setValue(Score.add(bond.score(), entry.getValue()));
            } else if (!same && bond.score() >= Score.INFINITY) {
                entry.setValue(Score.add(-bond.score(), entry.getValue()));
            }
        }
        boolean mandatory = bond.score() <= -Score.INFINITY || bond.score() >= Score.INFINITY;
        if (mandatory || anyAvailable(work)) {
            dependent.scores = work;
        }
    }

    static boolean anyAvailable(Map<Machine, Integer> scores) {
        return scores.entrySet().stream().anyMatch(entry -> entry.getKey().isAvailable() && entry.getValue() >= 0);
    }

    /** Lets a primary hear its dependents. */
    static void hearDependents(Slot primary) {
        for (Bond bond : dependentsOf(primary)) {
            hear(primary, bond);
        }
    }

    static void hear(Slot primary, Bond bond) {
        if (bond.hasInfluence()) {
            Map<Machine, Integer> heard = merged(
                    bond.dependent(),
                    primary,
                    primary.scores,
                    bond,
                    bond.score() / (double) Score.INFINITY,
                    primary instanceof Copies);
            primary.scores = heard;
        }
    }

    /** These scores with what a dependent wants added. */
    static Map<Machine, Integer> heard(Map<Machine, Integer> scores, Slot primary, Bond bond) {
        return merged(bond.dependent(), primary, scores, bond, bond.score() / (double) Score.INFINITY, false);
    }

    /**
     * The scores with what a source wants added, and what those want that depend on it.
     *
     * @param bond how the source is bound to what the scores are of
     * @param factor how much the source's wishes count, from minus one to one
     * @param onlyPreference what a clone hears never takes a node from it
     */
    private static Map<Machine, Integer> merged(
            Slot source,
            Slot target,
            Map<Machine, Integer> scores,
            @Nullable Bond bond,
            double factor,
            boolean onlyPreference) {
        Slot speaker = source instanceof Series series ? series.first() : source;
        if (speaker.merging || source.merging) {
            return scores;
        }
        speaker.merging = true;
        source.merging = true;
        try {
            Map<Machine, Integer> work = new LinkedHashMap<>(scores);
            addMatching(work, speaker, target, bond, factor, onlyPreference);
            if (!anyAvailable(work)) {
                return scores;
            }
            for (Bond next : dependentsOf(speaker)) {
                if (next.hasInfluence()) {
                    work = merged(
                            next.dependent(),
                            target,
                            work,
                            next,
                            factor * next.score() / Score.INFINITY,
                            onlyPreference);
                }
            }
            return work;
        } finally {
            speaker.merging = false;
            source.merging = false;
        }
    }

    private static void addMatching(
            Map<Machine, Integer> work,
            Slot source,
            Slot target,
            @Nullable Bond bond,
            double factor,
            boolean onlyPreference) {
        String attribute = bond == null ? "#uname" : bond.attribute();
        for (Map.Entry<Machine, Integer> entry : work.entrySet()) {
            int best = bestMatching(source, attribute, entry.getKey());
            if (factor < 0 && best < 0) {
                // A node that the source may not have is no better for what it keeps away from.
                continue;
            }
            double exact = factor * best;
            int delta = (int) (exact < 0 ? exact - 0.5 : exact + 0.5);
            if (delta == 0 && best != 0) {
                delta = factor > 0 ? 1 : factor < 0 ? -1 : 0;
            }
            int sum = Score.add(delta, entry.getValue());
            if (onlyPreference && sum < 0) {
                if (entry.getValue() > 0) {
                    entry.setValue(1);
                }
                continue;
            }
            entry.setValue(sum);
        }
    }

    private static int bestMatching(Slot source, String attribute, Machine like) {
        Optional<String> value = like.attribute(attribute);
        int best = -Score.INFINITY;
        for (Map.Entry<Machine, Integer> entry : source.view().entrySet()) {
            if (entry.getValue() > best
                    && entry.getKey().isAvailable()
                    && value.isPresent()
                    && value.equals(entry.getKey().attribute(attribute))) {
                best = entry.getValue();
            }
        }
        return best;
    }
}
