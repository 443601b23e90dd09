package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * How colocations move scores. A dependent follows the primary that has been placed; before that, a primary takes into
 * account what its dependents want (see {@link Hearing}).
 */
final class Attraction {
    private static final Comparator<Bond> BY_PRIMARY = Comparator.comparingInt((Bond bond) -> -bond.primary().priority)
            .thenComparingInt(bond -> bond.primary() instanceof Single ? 0 : 1);

    private static final Comparator<Bond> BY_DEPENDENT =
            Comparator.comparingInt((Bond bond) -> -bond.dependent().priority);

    private final Nodes nodes;
    private final Trace trace;

    Attraction(Nodes nodes, Trace trace) {
        this.nodes = nodes;
        this.trace = trace;
    }

    /** What a bond decides about a dependent now. */
    enum Effect {
        NOTHING,
        LOCATION,
        ROLE
    }

    /** The bonds in which a slot is the dependent, with those that it has by being inside something. */
    static List<Bond> bondsOf(Slot slot) {
        List<Bond> known = slot.allBonds;
        if (known == null) {
            List<Bond> found = new ArrayList<>(0);
            for (Slot each = slot; each != null && speaksFor(slot, each); each = each.parent) {
                found.addAll(each.bonds);
            }
            if (slot instanceof Single single && slot.parent instanceof Series series) {
                addThoseOfOthers(single, series, found);
            }
            found.sort(BY_PRIMARY);
            known = found.isEmpty() ? List.of() : found;
            slot.allBonds = known;
        }
        return known;
    }

    /**
     * The first member follows what later members do, for they follow it; behind a member that nobody may touch, where the
     * group has to be counts again.
     */
    private static void addThoseOfOthers(Single single, Series series, List<Bond> found) {
        if (single == series.first()) {
            series.members.stream()
                    .skip(1)
                    .flatMap(member -> member.bonds.stream())
                    .filter(bond -> bond.rule().isPresent() && !bond.primary().isInside(series))
                    .forEach(found::add);
        } else if (series.members.subList(0, single.position).stream().anyMatch(member -> !member.managed)) {
            series.bonds.stream().filter(Bond::isMandatory).forEach(found::add);
        }
    }

    /** A group's own bonds are those of its first member: the others follow that one. */
    private static boolean speaksFor(Slot slot, Slot whole) {
        return !(whole instanceof Series series) || slot == series || slot == series.first();
    }

    /** The bonds in which a slot is the primary, with those that it has by being inside something. */
    static List<Bond> dependentsOf(Slot slot) {
        List<Bond> known = slot.allDependents;
        if (known == null) {
            List<Bond> found = new ArrayList<>(0);
            for (Slot each = slot; each != null && isEndOf(slot, each); each = each.parent) {
                found.addAll(each.dependents);
            }
            if (slot.parent instanceof Series series && slot == series.last()) {
                series.members.stream()
                        .limit(series.members.size() - 1L)
                        .flatMap(member -> member.dependents.stream())
                        .filter(bond ->
                                bond.rule().isPresent() && !bond.dependent().isInside(series))
                        .forEach(found::add);
            }
            found.sort(BY_DEPENDENT);
            known = found.isEmpty() ? List.of() : found;
            slot.allDependents = known;
        }
        return known;
    }

    /** What depends on a group depends on its last member. */
    private static boolean isEndOf(Slot slot, Slot whole) {
        return !(whole instanceof Series series) || slot == series || slot == series.last();
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

    /** Moves the scores by where the primary is: the clone's nearest instances, the group's end, the primitive. */
    void follow(Slot dependent, Bond bond) {
        if (effect(dependent, bond.primary(), bond, false) != Effect.LOCATION) {
            return;
        }
        Slot primary = bond.primary();
        if (primary instanceof Series series) {
            primary = bond.isMandatory() ? series.last() : series.first();
        }
        if (primary instanceof Single single && bond.isAbout(single.nextRole)) {
            followSingle(dependent, single, bond);
        } else if (primary instanceof Copies copies) {
            followCopies(dependent, copies, bond);
        }
        trace.followed(dependent, bond);
    }

    private void followSingle(Slot dependent, Single primary, Bond bond) {
        Node there = primary.assignedTo;
        if (there == null && bond.score() < 0) {
            return;
        }
        int[] work = dependent.scores.clone();
        for (Node node : nodes.all) {
            boolean same = there != null && bond.sites().same(there, node);
            if (there == null || (!same && bond.isMandatory())) {
                work[node.index] = Score.add(-bond.score(), work[node.index]);
            } else if (same && !bond.isMandatory()) {
                work[node.index] = Score.add(bond.score(), work[node.index]);
            }
        }
        if (bond.isMandatory() || bond.score() <= -Score.INFINITY || nodes.anyPossible(work)) {
            dependent.scores = work;
        }
    }

    /** A dependent may be where any instance is. */
    private void followCopies(Slot dependent, Copies primary, Bond bond) {
        boolean[] near = new boolean[nodes.size()];
        for (Slot instance : primary.instances) {
            Single end = instance instanceof Series series ? series.last() : instance.first();
            if (end.assignedTo != null && bond.isAbout(end.nextRole) && !end.blocked) {
                markSite(near, end.assignedTo, bond);
            }
        }
        int[] work = dependent.scores.clone();
        for (Node node : nodes.all) {
            if (bond.isMandatory() && !near[node.index]) {
                work[node.index] = -Score.INFINITY;
            } else if (!bond.isMandatory() && near[node.index]) {
                work[node.index] = Score.add(bond.score(), work[node.index]);
            }
        }
        if (bond.isMandatory() || bond.score() <= -Score.INFINITY || nodes.anyPossible(work)) {
            dependent.scores = work;
        }
    }

    private void markSite(boolean[] near, Node there, Bond bond) {
        for (Node node : nodes.all) {
            near[node.index] |= bond.sites().same(there, node);
        }
    }

    /** Lets a primary that has no node yet hear its dependents; what a clone hears never takes a node from it. */
    void hearDependents(Slot primary, Predicate<Bond> which) {
        List<Bond> dependents = dependentsOf(primary);
        if (dependents.isEmpty()) {
            return;
        }
        dependents = dependents.stream().filter(which).toList();
        if (!dependents.isEmpty()) {
            Hearing hearing = new Hearing(nodes, primary.scores, primary instanceof Copies);
            for (Bond bond : dependents) {
                hearing.hear(bond);
                primary.scores = hearing.scores();
                trace.heard(primary, bond);
            }
        }
    }
}
