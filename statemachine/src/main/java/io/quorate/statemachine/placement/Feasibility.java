package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of an assignment can be had in this pass: what is not up because something before it is not, what cannot be stopped
 * because something on top of it stays. Found by taking away from the assignment until nothing more has to go.
 */
final class Feasibility {
    private final Problem problem;
    private final Layout layout;
    private final Set<Single> down = new LinkedHashSet<>();
    private final Set<Single> notPromoted = new LinkedHashSet<>();
    private final Set<Single> stuck = new LinkedHashSet<>();
    private final Map<Single, List<Order>> before = new LinkedHashMap<>();

    Feasibility(Problem problem, Layout layout) {
        this.problem = problem;
        this.layout = layout;
        for (Slot slot : layout.slots) {
            slot.singles().forEach(single -> before.put(single, new ArrayList<>()));
        }
        for (Order order : problem.orders()) {
            if (order.kind() == Kind.MANDATORY) {
                for (Single single : singlesOf(order.then())) {
                    Objects.requireNonNull(before.get(single)).add(order);
                }
            }
        }
    }

    private List<Single> singlesOf(String id) {
        Optional<Slot> slot = layout.find(id);
        if (slot.isEmpty()) {
            return List.of();
        }
        if (!slot.get().id.equals(id)) {
            return layout.instances(id);
        }
        // A group, also one that is cloned, begins with its first member: the others follow by themselves.
        return slot.get()
                .singles()
                .filter(single -> !(single.parent instanceof Series series) || series.first() == single)
                .toList();
    }

    void settle() {
        findStuck();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Single single : before.keySet()) {
                if (!down.contains(single) && wanted(single) && !mayBeUp(single)) {
                    changed |= down.add(single);
                }
                if (!notPromoted.contains(single)
                        && single.nextRole == Role.PROMOTED
                        && single.managed
                        && !mayBePromoted(single)) {
                    changed |= notPromoted.add(single);
                }
            }
        }
    }

    /** What cannot be stopped, though it should be. */
    private void findStuck() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Single single : before.keySet()) {
                if (!single.running.isEmpty() && !stuck.contains(single) && !mayStop(single)) {
                    changed |= stuck.add(single);
                }
            }
        }
    }

    private boolean mayStop(Single single) {
        if (!single.managed) {
            return false;
        }
        boolean unreachable = single.nodes.stream().anyMatch(node -> !node.online() && !isFenced(node))
                || single.nodes.stream().anyMatch(node -> node.unclean() && !isFenced(node));
        if (unreachable) {
            return false;
        }
        if (single.parent instanceof Series series) {
            int index = series.members.indexOf(single);
            for (Single later : series.members.subList(index + 1, series.members.size())) {
                if (!later.running.isEmpty() && stuck.contains(later)) {
                    return false;
                }
            }
        }
        for (Order order : problem.orders()) {
            boolean first = order.kind() == Kind.MANDATORY
                    && order.symmetrical()
                    && order.firstStep() == Step.START
                    && order.firsts().stream().anyMatch(id -> endsOf(id).contains(single));
            if (first
                    && singlesOf(order.then()).stream()
                            .anyMatch(then -> !then.running.isEmpty() && stuck.contains(then))) {
                return false;
            }
        }
        return true;
    }

    private List<Single> endsOf(String id) {
        Optional<Slot> slot = layout.find(id);
        if (slot.isEmpty()) {
            return List.of();
        }
        return slot.get().id.equals(id) ? slot.get().singles().toList() : layout.instances(id);
    }

    /** Whether it is fenced in this pass: what it ran has then stopped. */
    boolean isFenced(Machine node) {
        return node.unclean()
                && problem.options().fencing()
                && node.fencible()
                && problem.options().actsAsQuorate();
    }

    private static boolean wanted(Single single) {
        return single.managed && single.assignedTo != null;
    }

    /** Whether it is up when this pass is over. */
    boolean isUp(Single single) {
        if (!single.managed || stuck.contains(single)) {
            return !single.running.isEmpty();
        }
        return wanted(single) && !down.contains(single);
    }

    /** Whether it stays as and where it is, though something else was wanted. */
    boolean isStuck(Single single) {
        return stuck.contains(single)
                && (down.contains(single) || single.assignedTo == null || !single.nodes.contains(single.assignedTo));
    }

    /** What it is when this pass is over. */
    Role roleAfter(Single single) {
        return single.nextRole == Role.PROMOTED && notPromoted.contains(single) ? Role.UNPROMOTED : single.nextRole;
    }

    private boolean mayBeUp(Single single) {
        Machine target = Objects.requireNonNull(single.assignedTo);
        boolean here = single.nodes.contains(target);
        if (!here && stuck.contains(single)) {
            return false;
        }
        if (single.running.isEmpty()
                && !problem.options().quorum()
                && problem.options().noQuorum() == Options.NoQuorum.FREEZE) {
            return false;
        }
        if (single.parent instanceof Series series) {
            int index = series.members.indexOf(single);
            for (Single earlier : series.members.subList(0, index)) {
                if (!isUp(earlier)) {
                    return false;
                }
            }
            // Those after it would have to stop for it to start.
            List<Single> later = series.members.subList(index + 1, series.members.size());
            if (!here && later.stream().anyMatch(member -> !member.running.isEmpty() && stuck.contains(member))) {
                return false;
            }
        }
        if (!Attraction.bondsOf(single).stream().allMatch(bond -> isCarried(single, bond))) {
            return false;
        }
        return Objects.requireNonNull(before.get(single)).stream()
                .filter(order -> order.thenStep() == Step.START)
                .allMatch(order -> isSatisfied(order, single));
    }

    /** What must be where another is cannot be up when that one is not. */
    private boolean isCarried(Single dependent, Slot.Bond bond) {
        boolean forPromotion =
                bond.dependentRole().map(role -> role == Role.PROMOTED).orElse(false);
        if (bond.score() < Score.INFINITY || forPromotion || bond.rule().isEmpty()) {
            return true;
        }
        List<Single> ends = bond.primary() instanceof Copies
                ? bond.primary().singles().toList()
                : List.of(bond.primary() instanceof Series series ? series.last() : (Single) bond.primary());
        return ends.stream()
                .filter(this::isUp)
                .anyMatch(end -> bond.primaryRole()
                        .map(role -> role.compareTo(Role.UNPROMOTED) < 0 || roleAfter(end) == role)
                        .orElse(true));
    }

    private boolean isBeside(Single single, Slot.Bond bond) {
        return bond.primary()
                .singles()
                .filter(this::isUp)
                .filter(end -> bond.primaryRole()
                        .map(role -> role.compareTo(Role.UNPROMOTED) < 0 || roleAfter(end) == role)
                        .orElse(true))
                .anyMatch(end -> end.assignedTo == null
                        || Objects.requireNonNull(single.assignedTo)
                                .attribute(bond.attribute())
                                .equals(end.assignedTo.attribute(bond.attribute())));
    }

    private boolean mayBePromoted(Single single) {
        for (Slot slot = single; slot != null; slot = slot.parent) {
            for (Slot.Bond bond : slot.bonds) {
                boolean forPromotion =
                        bond.dependentRole().map(role -> role == Role.PROMOTED).orElse(false);
                if (forPromotion && bond.score() >= Score.INFINITY && !isBeside(single, bond)) {
                    return false;
                }
            }
        }
        return Objects.requireNonNull(before.get(single)).stream()
                .filter(order -> order.thenStep() == Step.PROMOTE)
                .allMatch(order -> isSatisfied(order, single));
    }

    private boolean isSatisfied(Order order, Single then) {
        return order.any()
                ? order.firsts().stream().anyMatch(first -> isSatisfied(order, first, then))
                : order.firsts().stream().allMatch(first -> isSatisfied(order, first, then));
    }

    private boolean isSatisfied(Order order, String first, Single then) {
        Step step = order.firstStep();
        Optional<Slot> found = layout.find(first);
        if (found.isEmpty() || step == Step.STOP || step == Step.DEMOTE) {
            return true;
        }
        Slot slot = found.get();
        if (slot instanceof Copies copies) {
            return copiesSatisfy(copies, order, first, then);
        }
        return slot.singles().allMatch(single -> satisfies(single, step));
    }

    private boolean satisfies(Single single, Step step) {
        return isUp(single) && (step != Step.PROMOTE || roleAfter(single) == Role.PROMOTED);
    }

    /** One instance is enough, the one beside it when they interleave; where a number is said, that many, wherever they are. */
    private boolean copiesSatisfy(Copies copies, Order order, String first, Single then) {
        Step step = order.firstStep();
        List<Slot> instances = copies.instances;
        int min = order.any() ? 1 : copies.of.min();
        boolean interleaved =
                min == 0 && then.copies().map(own -> own.of.interleave()).orElse(false);
        @Nullable Machine beside = interleaved ? then.assignedTo : null;
        int up = 0;
        for (Slot instance : instances) {
            boolean satisfied = instance.singles()
                    .filter(single -> copies.id.equals(first)
                            || copies.of.of().id().equals(first)
                            || single.of.id().equals(first))
                    .allMatch(single -> satisfies(single, step));
            @Nullable
            Machine node = instance.singles()
                    .map(single -> single.assignedTo != null ? single.assignedTo : single.current())
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            if (satisfied && node != null && (beside == null || beside.equals(node))) {
                up++;
            }
        }
        return beside != null ? up > 0 : up >= Math.max(1, min);
    }
}
