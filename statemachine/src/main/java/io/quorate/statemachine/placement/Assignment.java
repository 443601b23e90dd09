package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Problem problem;
    private final NodeChoice choice;
    private final Promotion promotion;

    Assignment(Problem problem) {
        this.problem = problem;
        this.choice = new NodeChoice(problem.options().strategy());
        this.promotion = new Promotion(problem);
    }

    void assignAll(List<Slot> slots) {
        List<Slot> order = new ArrayList<>(slots);
        order.sort(Comparator.comparing((Slot slot) -> -slot.priority)
                .thenComparing((one, other) -> limited() ? byPresent(one, other) : 0));
        order.forEach(this::assign);
    }

    private boolean limited() {
        return problem.options().strategy() != Options.Strategy.DEFAULT;
    }

    /** Where there may not be room for all, those that run go first, and of them those that are best where they are. */
    private int byPresent(Slot one, Slot other) {
        int present = Integer.compare(presentScore(other), presentScore(one));
        if (present != 0) {
            return present;
        }
        for (Machine machine : problem.machines()) {
            int byNode = Integer.compare(sum(other, machine), sum(one, machine));
            if (byNode != 0) {
                return byNode;
            }
        }
        return 0;
    }

    private static int presentScore(Slot slot) {
        return slot.singles()
                .map(Single::current)
                .filter(Objects::nonNull)
                .findFirst()
                .map(machine -> machine.isAvailable() ? sum(slot, machine) : -Score.INFINITY)
                .orElse(-Score.INFINITY);
    }

    private static int sum(Slot slot, Machine machine) {
        return slot.singles().map(single -> single.score(machine)).reduce(0, Score::add);
    }

    private void assign(Slot slot) {
        if (slot.assigned || slot.assigning) {
            return;
        }
        slot.assigning = true;
        try {
            if (slot instanceof Single single) {
                assignSingle(single);
            } else if (slot instanceof Series series) {
                assignSeries(series);
            } else if (slot instanceof Copies copies) {
                assignCopies(copies);
            }
            slot.assigned = true;
        } finally {
            slot.assigning = false;
        }
    }

    /** A member's group, an instance's clone, is placed as a whole. */
    private void assignWhole(Slot slot) {
        Slot whole = slot;
        while (whole.parent != null && !whole.parent.assigned && !whole.parent.assigning) {
            whole = whole.parent;
        }
        assign(whole);
    }

    private void assignSingle(Single single) {
        for (Bond bond : Attraction.bondsOf(single)) {
            if (bond.primary() == single || isInside(single, bond.primary())) {
                continue;
            }
            assignWhole(bond.primary());
            if (bond.dependentRole().map(role -> role == Role.PROMOTED).orElse(false)) {
                // It decides which instance is promoted, not where instances run.
                continue;
            }
            follow(single, bond);
        }
        Attraction.hearDependents(single);
        if (single.nextRoleIsStopped()) {
            single.banEverywhere();
        }
        if (!single.managed) {
            stay(single);
        } else if (problem.options().stopAll() && !single.of.fenceDevice()) {
            give(single, null);
        } else {
            choose(single);
        }
    }

    private static boolean isInside(Slot slot, Slot whole) {
        for (Slot each = slot.parent; each != null; each = each.parent) {
            if (each == whole) {
                return true;
            }
        }
        return false;
    }

    private void stay(Single single) {
        @Nullable Machine here = single.current();
        single.nextRole = single.role();
        single.assignedTo = here;
        single.assigned = true;
        if (here != null) {
            choice.take(here, single.of.utilization(), 1);
        }
    }

    private void choose(Single single) {
        if (!limited()) {
            give(single, choice.best(single).orElse(null));
            return;
        }
        Map<Machine, Integer> before = single.copyOfScores();
        Map<String, Integer> together = utilizationOfAll(single);
        boolean roomForAll = before.keySet().stream()
                .anyMatch(machine -> NodeChoice.usable(single, machine) && choice.fits(machine, together));
        Map<String, Integer> needed = roomForAll ? together : single.of.utilization();
        single.scores.replaceAll(
                (machine, score) -> choice.fits(machine, needed) ? score : Integer.valueOf(-Score.INFINITY));
        give(single, choice.best(single).orElse(null));
        single.scores = before;
    }

    /** What it takes together with everything that has to be where it is and has no node yet. */
    private static Map<String, Integer> utilizationOfAll(Single single) {
        Set<Single> together = new LinkedHashSet<>(List.of(single));
        List<Single> queue = new ArrayList<>(together);
        while (!queue.isEmpty()) {
            Single next = queue.remove(0);
            Stream<Slot> bound = Stream.concat(
                    Attraction.bondsOf(next).stream()
                            .filter(bond -> bond.score() >= Score.INFINITY)
                            .map(Bond::primary),
                    Attraction.dependentsOf(next).stream()
                            .filter(bond -> bond.score() >= Score.INFINITY)
                            .map(Bond::dependent));
            bound.filter(slot -> !(slot instanceof Copies))
                    .flatMap(Slot::singles)
                    .filter(other -> !other.assigned && together.add(other))
                    .forEach(queue::add);
        }
        SortedMap<String, Integer> sum = new TreeMap<>();
        together.forEach(
                each -> each.of.utilization().forEach((what, amount) -> sum.merge(what, amount, Integer::sum)));
        return sum;
    }

    private void give(Single single, @Nullable Machine machine) {
        single.assignedTo = machine;
        single.assigned = true;
        if (machine == null) {
            single.nextRole = Role.STOPPED;
        } else {
            single.nextRole = single.active();
            choice.take(machine, single.of.utilization(), 1);
        }
    }

    /** Moves the scores by where the primary is: the clone's nearest instances, the group's end, the primitive. */
    private static void follow(Slot dependent, Bond bond) {
        if (Attraction.effect(dependent, bond.primary(), bond, false) != Attraction.Effect.LOCATION) {
            return;
        }
        Slot primary = bond.primary();
        if (primary instanceof Series series) {
            primary = bond.score() >= Score.INFINITY ? series.last() : series.first();
        }
        if (primary instanceof Single single) {
            boolean wrongRole = bond.primaryRole()
                    .map(role -> role.compareTo(Role.UNPROMOTED) >= 0 && single.nextRole != role)
                    .orElse(false);
            if (!wrongRole) {
                Attraction.follow(dependent, single, bond);
            }
        } else if (primary instanceof Copies copies) {
            followCopies(dependent, copies, bond);
        }
    }

    /** A dependent may be where any instance is; with the same clone around it, where the instance beside it is. */
    private static void followCopies(Slot dependent, Copies primary, Bond bond) {
        List<Machine> nodes = new ArrayList<>();
        for (Slot instance : primary.instances) {
            Single end = instance instanceof Series series ? series.last() : (Single) instance;
            boolean fits = bond.primaryRole()
                    .map(role -> role.compareTo(Role.UNPROMOTED) < 0 || end.nextRole == role)
                    .orElse(true);
            if (end.assignedTo != null && fits && !end.blocked) {
                nodes.add(end.assignedTo);
            }
        }
        if (bond.score() >= Score.INFINITY) {
            dependent.scores.replaceAll((machine, score) -> {
                boolean near = nodes.stream()
                        .anyMatch(node -> node.attribute(bond.attribute()).isPresent()
                                && node.attribute(bond.attribute()).equals(machine.attribute(bond.attribute())));
                return near ? score : Integer.valueOf(-Score.INFINITY);
            });
        } else {
            Map<Machine, Integer> work = dependent.copyOfScores();
            work.replaceAll((machine, score) -> {
                boolean near = nodes.stream()
                        .anyMatch(node -> node.attribute(bond.attribute()).isPresent()
                                && node.attribute(bond.attribute()).equals(machine.attribute(bond.attribute())));
                return near ? Score.add(bond.score(), score) : score;
            });
            if (bond.score() <= -Score.INFINITY || Attraction.anyAvailable(work)) {
                dependent.scores = work;
            }
        }
    }

    /** Each member follows the one before it; when one has no node, those after it have none. */
    private void assignSeries(Series series) {
        for (Bond bond : Attraction.bondsOf(series)) {
            if (!isInside(series, bond.primary())) {
                assignWhole(bond.primary());
            }
        }
        for (Single member : series.members) {
            assign(member);
        }
    }

    private void assignCopies(Copies copies) {
        if (copies.of.promotable()) {
            promotion.addScores(copies);
        }
        for (Bond bond : Attraction.bondsOf(copies)) {
            assignWhole(bond.primary());
            boolean forPromotion =
                    bond.dependentRole().map(role -> role == Role.PROMOTED).orElse(false);
            if (!forPromotion) {
                follow(copies, bond);
                copies.instances.forEach(
                        instance -> instance.singles().findFirst().ifPresent(first -> follow(first, bond)));
            }
        }
        for (Bond bond : Attraction.dependentsOf(copies)) {
            Attraction.hear(copies, bond);
        }
        new CloneSpread(copies, this::assign).spread();
        if (copies.of.promotable()) {
            promotion.promote(copies);
        }
    }

    /** How many instances a node has been given. */
    int count(Machine machine) {
        return choice.count(Objects.requireNonNull(machine));
    }
}
