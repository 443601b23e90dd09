package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives every slot its node: those of higher priority first, a primary before what follows it, a group member by member, a
 * clone instance by instance.
 */
final class Assignment {
    /** How much a container in a container, or on a remote node, is disliked. */
    private static final int NESTING = 10_000;

    private final Problem problem;
    private final Nodes nodes;
    private final Trace trace;
    private final NodeChoice choice;
    private final Attraction attraction;
    private final Promotion promotion;

    Assignment(Problem problem, Nodes nodes, Trace trace) {
        this.problem = problem;
        this.nodes = nodes;
        this.trace = trace;
        this.choice = new NodeChoice(problem.options(), nodes);
        this.attraction = new Attraction(nodes, trace);
        this.promotion = new Promotion(problem, nodes, trace);
    }

    void assignAll(List<Slot> slots, Burdens burdens) {
        List<Slot> order = new ArrayList<>(slots);
        if (isLimited()) {
            order = Claim.inOrder(slots, nodes);
        }
        Comparator<Slot> byPriority = Comparator.comparingInt(slot -> -slot.priority);
        boolean carries = problem.machines().stream()
                .anyMatch(machine -> machine.container().isPresent());
        order.sort(carries ? Comparator.comparingInt(this::connectsFirst).thenComparing(byPriority) : byPriority);
        for (Slot slot : order) {
            burdens.before(slot.id).forEach(this::carry);
            trace.turn(slot);
            assign(slot);
        }
    }

    private void carry(String machine, int instances) {
        @Nullable Node node = nodes.find(machine);
        if (node != null) {
            choice.take(node, Collections.emptySortedMap(), instances);
        }
    }

    /** Where the other nodes are has to be known before anything can be placed there: remote nodes, then guests. */
    private int connectsFirst(Slot slot) {
        List<Node> carried = slot instanceof Copies
                ? List.of()
                : slot.singles()
                        .flatMap(single -> nodes.carriedBy(single).stream())
                        .toList();
        return carried.isEmpty() ? 2 : carried.get(0).machine.isGuest() ? 1 : 0;
    }

    private boolean isLimited() {
        return problem.options().strategy() != Options.Strategy.DEFAULT;
    }

    /** What is being placed, and how far that is. */
    private static final class Visit {
        final Slot slot;
        final List<Bond> bonds;
        int bondsDone;
        int membersDone;
        /** The dependents that must be where it is, or must not, were heard. */
        boolean heard;
        /** Before that, nothing kept it from the node where it is. */
        boolean mayStay;
        /** Its scores, where room counts, before those were heard that must not be where it is. */
        int @Nullable [] unheard;
        /** Where its room is kept for it until it is placed. */
        @Nullable
        Node held;

        Visit(Slot slot) {
            this.slot = slot;
            this.bonds = slot instanceof Single ? mandatoryFirst(Attraction.bondsOf(slot)) : Attraction.bondsOf(slot);
        }

        private static List<Bond> mandatoryFirst(List<Bond> bonds) {
            return bonds.size() < 2
                    ? bonds
                    : Stream.concat(
                                    bonds.stream().filter(Bond::isStrict),
                                    bonds.stream().filter(bond -> !bond.isStrict()))
                            .toList();
        }
    }

    /** Places a slot and, before it, what it depends on; not by recursion, for chains may be long. */
    private void assign(Slot slot) {
        Deque<Visit> visits = new ArrayDeque<>();
        @Nullable Slot next = isOpen(slot) ? slot : null;
        do {
            if (next != null) {
                visits.addLast(visit(next));
            }
            Visit visit = visits.peekLast();
            if (visit == null) {
                return;
            }
            next = before(visit);
            if (next == null) {
                hearStrict(visit);
                place(visit);
                visits.removeLast();
            }
        } while (!visits.isEmpty());
    }

    private Visit visit(Slot slot) {
        slot.assigning = true;
        if (slot instanceof Copies copies
                && copies.of.promotable()
                && copies.instances.stream()
                        .allMatch(instance -> nodes.insideOf(instance).isEmpty())) {
            // Containers go where they go, whatever is wanted inside.
            promotion.addScores(copies);
        }
        return new Visit(slot);
    }

    private static boolean isOpen(Slot slot) {
        return !slot.assigned && !slot.assigning;
    }

    /** What has to be placed before this; null: nothing more. */
    private @Nullable Slot before(Visit visit) {
        Slot slot = visit.slot;
        for (; visit.bondsDone < visit.bonds.size(); visit.bondsDone++) {
            Bond bond = visit.bonds.get(visit.bondsDone);
            if (bond.primary() == slot || slot.isInside(bond.primary())) {
                continue;
            }
            if (!bond.isStrict()) {
                hearStrict(visit);
            }
            Slot whole = openWhole(bond.primary());
            if (isOpen(whole)) {
                if (!bond.isStrict()) {
                    hold(visit);
                }
                return whole;
            }
            if (!bond.isForPromotion()) {
                follow(slot, bond);
            }
        }
        if (slot instanceof Series series) {
            while (visit.membersDone < series.members.size()) {
                Single member = series.members.get(visit.membersDone++);
                if (isOpen(member)) {
                    return member;
                }
            }
        }
        return null;
    }

    /** What runs keeps its room while something is placed that it would only like to be near, or apart from. */
    private void hold(Visit visit) {
        if (!isLimited() || visit.held != null || !visit.mayStay || !(visit.slot instanceof Single single)) {
            return;
        }
        @Nullable Node here = single.current();
        if (here != null && choice.fits(here, single.of.utilization())) {
            choice.take(here, single.of.utilization(), 0);
            visit.held = here;
        }
    }

    /** What must be counts before what should be: then more of it can be had. */
    private void hearStrict(Visit visit) {
        if (!visit.heard && visit.slot instanceof Single single) {
            visit.mayStay = mayStay(single);
            if (isLimited()) {
                attraction.hearDependents(single, Bond::isMandatory);
                visit.unheard = single.scores.clone();
                attraction.hearDependents(single, bond -> bond.isStrict() && !bond.isMandatory());
            } else {
                attraction.hearDependents(single, Bond::isStrict);
            }
        }
        visit.heard = true;
    }

    /** A member's group, an instance's clone, is placed as a whole. */
    private static Slot openWhole(Slot slot) {
        Slot whole = slot;
        while (whole.parent != null && isOpen(whole.parent)) {
            whole = whole.parent;
        }
        return whole;
    }

    /** The members of a group follow for themselves, the first of them what the group does. */
    private void follow(Slot slot, Bond bond) {
        if (slot instanceof Single) {
            attraction.follow(slot, bond);
        } else if (slot instanceof Copies copies) {
            attraction.follow(copies, bond);
            copies.instances.forEach(instance -> attraction.follow(instance.first(), bond));
        }
    }

    private void place(Visit visit) {
        Slot slot = visit.slot;
        if (slot instanceof Single single) {
            if (visit.held != null) {
                choice.giveBack(visit.held, single.of.utilization());
            }
            placeSingle(single, visit);
        } else if (slot instanceof Copies copies) {
            attraction.hearDependents(copies, bond -> true);
            new CloneSpread(copies, nodes, trace, this::assign).spread();
            if (copies.of.promotable()) {
                promotion.promote(copies);
            }
        }
        slot.assigned = true;
        slot.assigning = false;
    }

    private void placeSingle(Single single, Visit visit) {
        int @Nullable [] unheard = visit.unheard;
        List<int[]> lessHeard = unheard == null ? List.of() : List.of(single.scores.clone(), unheard);
        attraction.hearDependents(single, bond -> !bond.isStrict());
        if (nodes.insideOf(single).isPresent()) {
            avoidNesting(single);
        }
        if (single.nextRoleIsStopped()) {
            single.banEverywhere();
            trace.scored(single, Trace.Cause.NOT_WANTED);
        }
        if (!single.managed) {
            stay(single);
        } else if (problem.options().stopAll()) {
            give(single, null);
        } else {
            choose(single, visit.mayStay, lessHeard);
        }
    }

    /** The connection to a replica's inside is from a member: the container is on one, too, if it can be. */
    private void avoidNesting(Single replica) {
        int[] work = replica.scores.clone();
        nodes.all.stream()
                .filter(node -> node.machine.container().isPresent())
                .forEach(node -> work[node.index] = Score.add(work[node.index], -NESTING));
        if (nodes.anyPossible(work)) {
            replica.scores = work;
        }
    }

    private void stay(Single single) {
        @Nullable Node here = single.current();
        single.nextRole = single.role();
        single.assignedTo = here;
        if (here != null) {
            take(single, here);
        }
        nodes.carriedBy(single).forEach(node -> node.connect(here != null));
    }

    /** With the connections to what it carries. */
    private void take(Single single, Node node) {
        int guests = (int) nodes.carriedBy(single).stream()
                .filter(carried -> carried.machine.isGuest())
                .count();
        int inside = nodes.insideOf(single).isPresent() ? 1 : 0;
        choice.take(node, single.of.utilization(), single.of.size() + guests + inside);
    }

    /**
     * @param allowed nothing but room, and what others would like, keeps it from where it is
     * @param lessHeard its scores before those that would rather have it elsewhere were heard: all of them, or some
     */
    private void choose(Single single, boolean allowed, List<int[]> lessHeard) {
        @Nullable Node here = single.current();
        boolean mayStay = allowed && here != null && choice.fits(here, single.of.utilization());
        boolean kept = mayStay && single.isKept();
        int[] heard = single.scores;
        if (isLimited()) {
            // What is kept stays also where there is no room for what should be beside it.
            limit(single, lessHeard, kept ? single.of.utilization() : utilizationOfAll(single));
        }
        if (here != null && kept) {
            single.scores = single.scores.clone();
            single.add(here, Score.INFINITY);
            trace.scored(single, Trace.Cause.KEPT);
        }
        give(single, kept ? here : choice.best(single));
        single.scores = heard;
        if (mayStay && single.assignedTo != here) {
            trace.left(single);
        }
    }

    /** A score below zero is a wish, too: only what nothing makes good again is out of the question. */
    private static boolean mayStay(Single single) {
        @Nullable Node here = single.current();
        return here != null && here.available && single.score(here) > -Score.INFINITY && !single.nextRoleIsStopped();
    }

    /**
     * Leaves out nodes without room. Room for all that must be together goes before what others would like.
     *
     * @param together what everything takes that has to be where it is
     */
    private void limit(Single single, List<int[]> lessHeard, Map<String, Integer> together) {
        int[] heard = single.scores;
        boolean roomForAll = hasRoom(single, together);
        for (int i = 0; i < lessHeard.size() && !roomForAll && !single.nextRoleIsStopped(); i++) {
            single.scores = lessHeard.get(i);
            roomForAll = hasRoom(single, together);
        }
        Map<String, Integer> needed = roomForAll ? together : single.of.utilization();
        single.scores = (roomForAll ? single.scores : heard).clone();
        nodes.all.stream().filter(node -> !choice.fits(node, needed)).forEach(single::ban);
        trace.limited(single, needed, choice);
    }

    private boolean hasRoom(Single single, Map<String, Integer> needed) {
        return nodes.all.stream().anyMatch(node -> NodeChoice.isPossible(single, node) && choice.fits(node, needed));
    }

    /** What it takes together with everything that has to be where it is and has no node yet. */
    private static Map<String, Integer> utilizationOfAll(Single single) {
        Set<Single> together = new LinkedHashSet<>(List.of(single));
        Deque<Single> queue = new ArrayDeque<>(together);
        while (!queue.isEmpty()) {
            Single next = queue.removeFirst();
            List<Slot> bound = new ArrayList<>();
            Attraction.bondsOf(next).stream().filter(Bond::isMandatory).forEach(bond -> bound.add(bond.primary()));
            Attraction.dependentsOf(next).stream()
                    .filter(Bond::isMandatory)
                    .forEach(bond -> bound.add(bond.dependent()));
            bound.stream()
                    .filter(slot -> !(slot instanceof Copies))
                    .flatMap(Slot::singles)
                    .filter(other -> !other.assigned && !other.nextRoleIsStopped() && together.add(other))
                    .forEach(queue::addLast);
        }
        SortedMap<String, Integer> sum = new TreeMap<>();
        together.forEach(
                each -> each.of.utilization().forEach((what, amount) -> sum.merge(what, amount, Integer::sum)));
        return sum;
    }

    private void give(Single single, @Nullable Node node) {
        single.assignedTo = node;
        trace.chosen(single, node);
        if (node == null) {
            single.nextRole = Role.STOPPED;
        } else {
            single.nextRole = single.active();
            take(single, node);
        }
        nodes.carriedBy(single).forEach(carried -> carried.connect(node != null));
    }
}
