package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What of an assignment can be had in this pass: what is not up because something before it is not, what cannot be stopped
 * because something on top of it stays. Found by taking away from the assignment until nothing more has to go: what is taken
 * away sends those that depend on it back to be looked at once more.
 */
final class Feasibility {
    private final Problem problem;
    private final Layout layout;

    Feasibility(Problem problem, Layout layout) {
        this.problem = problem;
        this.layout = layout;
        problem.orders().stream()
                .filter(order -> order.kind() == Kind.MANDATORY)
                .forEach(this::precede);
    }

    private void precede(Order order) {
        List<Precedence.First> firsts = order.firsts().stream()
                .map(id -> new Precedence.First(id, layout.find(id).orElse(null)))
                .toList();
        Precedence precedence = new Precedence(order, firsts, thensOf(order.then()));
        firsts.stream()
                .map(Precedence.First::slot)
                .filter(Objects::nonNull)
                .distinct()
                .forEach(slot -> slot.precedes.add(precedence));
        precedence.thens().forEach(then -> then.waits.add(precedence));
    }

    /** A group, also one that is cloned, begins with its first member: the others follow by themselves. */
    private List<Single> thensOf(String id) {
        Optional<Slot> slot = layout.find(id);
        if (slot.isEmpty()) {
            return List.of();
        }
        if (!slot.get().id.equals(id)) {
            return layout.instances(id);
        }
        return slot.get().singles().filter(single -> single.position == 0).toList();
    }

    void settle() {
        work(this::look);
        for (Single single : layout.singles) {
            if (single.parent instanceof Series series && series.up == single.position && isUp(single)) {
                series.up++;
            }
        }
        work(this::reconsider);
    }

    /** Looks at everything once, and again at what is sent back. */
    private void work(Look look) {
        Deque<Single> open = new ArrayDeque<>(layout.singles);
        layout.singles.forEach(single -> single.waitsForLook = true);
        while (!open.isEmpty()) {
            Single next = open.removeFirst();
            next.waitsForLook = false;
            look.at(next, single -> {
                if (!single.waitsForLook) {
                    single.waitsForLook = true;
                    open.addLast(single);
                }
            });
        }
    }

    /** Looks at one, and says who else has to be looked at again. */
    private interface Look {
        void at(Single single, Consumer<Single> again);
    }

    /** Finds what cannot be stopped, though it should be. */
    private void look(Single single, Consumer<Single> again) {
        if (single.running.isEmpty() || single.stuck || mayStop(single)) {
            return;
        }
        single.stuck = true;
        if (single.parent instanceof Series series && series.lastStuck < single.position) {
            series.members
                    .subList(Math.max(0, series.lastStuck), single.position)
                    .forEach(again);
            series.lastStuck = single.position;
        }
        for (Precedence precedence : single.waits) {
            for (Precedence.First first : precedence.firsts()) {
                if (first.slot() != null) {
                    first.slot().singles().forEach(again);
                }
            }
        }
    }

    private boolean mayStop(Single single) {
        if (!single.managed
                || single.nodes.stream().anyMatch(this::isUnreachable)
                || (single.parent instanceof Series series && series.lastStuck > single.position)) {
            return false;
        }
        for (Slot slot = single; slot != null; slot = slot.parent) {
            for (Precedence precedence : slot.precedes) {
                if (precedence.isUndoneAfter(single)
                        && precedence.thens().stream().anyMatch(then -> then.stuck)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The slot and what it is inside. */
    private static Stream<Slot> eachWhole(Slot slot) {
        return Stream.iterate(slot, Objects::nonNull, each -> each.parent);
    }

    private boolean isUnreachable(Node node) {
        if (node.machine.container().isPresent()) {
            return !node.connects && node.machine.unclean() && !isFenced(node.machine);
        }
        return (!node.machine.online() || node.machine.unclean()) && !isFenced(node.machine);
    }

    /** Whether it is fenced in this pass: what it ran has then stopped. A guest is, when what it is can be stopped. */
    boolean isFenced(Machine machine) {
        if (machine.isGuest()) {
            return machine.unclean()
                    && hosts(machine).allMatch(host -> host.machine.online() || isFenced(host.machine));
        }
        @Nullable Node node = layout.nodes.find(machine.name());
        return machine.unclean()
                && (node == null || !node.connects)
                && problem.options().fencing()
                && machine.fencible()
                && problem.options().actsAsQuorate();
    }

    private Stream<Node> hosts(Machine guest) {
        String[] container = guest.container().orElse("").split(":", 2);
        return problem.activities().stream()
                .filter(activity -> activity.resource().equals(container[0])
                        && (container.length == 1
                                || activity.instance().isEmpty()
                                || activity.instance().getAsInt() == Integer.parseInt(container[1])))
                .map(activity -> layout.nodes.find(activity.machine()))
                .filter(Objects::nonNull);
    }

    private static boolean isWanted(Single single) {
        return single.managed && single.assignedTo != null;
    }

    /** Whether it is up when this pass is over. */
    boolean isUp(Single single) {
        if (!single.managed || single.stuck) {
            return !single.running.isEmpty();
        }
        return isWanted(single) && !single.down;
    }

    /** Whether it stays as and where it is, though something else was wanted. */
    boolean isStuck(Single single) {
        return single.stuck && (single.down || single.assignedTo == null || !single.nodes.contains(single.assignedTo));
    }

    /** What it is when this pass is over. */
    Role roleAfter(Single single) {
        return single.nextRole == Role.PROMOTED && single.notPromoted ? Role.UNPROMOTED : single.nextRole;
    }

    private void reconsider(Single single, Consumer<Single> again) {
        boolean goesDown = !single.down && isWanted(single) && !mayBeUp(single);
        boolean losesRole =
                !single.notPromoted && single.nextRole == Role.PROMOTED && single.managed && !mayBePromoted(single);
        single.down |= goesDown;
        single.notPromoted |= losesRole;
        if (!goesDown && !losesRole) {
            return;
        }
        if (single.parent instanceof Series series && !isUp(single) && single.position < series.up) {
            series.members
                    .subList(single.position + 1, Math.min(series.up + 1, series.members.size()))
                    .forEach(again);
            series.up = single.position;
        }
        List<Node> carried = layout.nodes.carriedBy(single);
        if (!carried.isEmpty()) {
            layout.singles.stream()
                    .filter(other -> carried.contains(other.assignedTo))
                    .forEach(again);
        }
        eachWhole(single).forEach(slot -> {
            slot.dependents.stream()
                    .filter(Bond::isMandatory)
                    .filter(bond -> bond.rule().isPresent())
                    .flatMap(bond -> bond.dependent().singles())
                    .forEach(again);
            slot.precedes.forEach(precedence -> precedence.thens().forEach(again));
        });
    }

    private boolean mayBeUp(Single single) {
        boolean here = single.nodes.contains(single.assignedTo);
        if (!here && single.stuck) {
            return false;
        }
        if (single.running.isEmpty() && isFrozen()) {
            return false;
        }
        String container =
                Objects.requireNonNull(single.assignedTo).machine.container().orElse("");
        if (!container.isEmpty() && layout.instances(container).stream().noneMatch(this::isUp)) {
            return false;
        }
        if (single.parent instanceof Series series) {
            boolean beforeIsDown = series.up < single.position;
            // Those after it would have to stop for it to start.
            boolean afterStays = !here && series.lastStuck > single.position;
            if (beforeIsDown || afterStays) {
                return false;
            }
        }
        for (Bond bond : Attraction.bondsOf(single)) {
            if (!isCarried(bond)) {
                return false;
            }
        }
        // What is up already needs nobody to start; only a symmetrical order also says that it goes down with the
        // other.
        return single.waits.stream()
                .filter(precedence -> precedence.order().thenStep() == Step.START)
                .filter(precedence -> !here || precedence.order().symmetrical())
                .allMatch(precedence -> isSatisfied(precedence, single));
    }

    /** Without a quorum nothing becomes more than it is. */
    private boolean isFrozen() {
        return !problem.options().quorum() && problem.options().noQuorum() == Options.NoQuorum.FREEZE;
    }

    /** What must be where another is cannot be up when that one is not. */
    private boolean isCarried(Bond bond) {
        if (!bond.isMandatory() || bond.isForPromotion() || bond.rule().isEmpty()) {
            return true;
        }
        Stream<Single> ends = bond.primary() instanceof Series series
                ? Stream.of(series.last())
                : bond.primary().singles();
        return ends.anyMatch(end -> isUp(end) && bond.isAbout(roleAfter(end)));
    }

    private boolean mayBePromoted(Single single) {
        if (single.role() != Role.PROMOTED && isFrozen()) {
            return false;
        }
        return eachWhole(single)
                        .flatMap(slot -> slot.bonds.stream())
                        .filter(bond -> bond.isForPromotion() && bond.isMandatory())
                        .allMatch(bond -> isBeside(single, bond))
                && single.waits.stream()
                        .filter(precedence -> precedence.order().thenStep() == Step.PROMOTE)
                        .allMatch(precedence -> isSatisfied(precedence, single));
    }

    private boolean isBeside(Single single, Bond bond) {
        Node here = Objects.requireNonNull(single.assignedTo);
        return bond.primary()
                .singles()
                .filter(end -> isUp(end) && bond.isAbout(roleAfter(end)))
                .anyMatch(end -> end.assignedTo == null || bond.sites().alike(here, end.assignedTo));
    }

    private boolean isSatisfied(Precedence precedence, Single then) {
        Stream<Precedence.First> firsts = precedence.firsts().stream();
        return precedence.order().any()
                ? firsts.anyMatch(first -> isSatisfied(precedence.order(), first, then))
                : firsts.allMatch(first -> isSatisfied(precedence.order(), first, then));
    }

    private boolean isSatisfied(Order order, Precedence.First first, Single then) {
        Step step = order.firstStep();
        if (first.slot() == null || step == Step.STOP || step == Step.DEMOTE) {
            return true;
        }
        if (first.slot() instanceof Copies copies) {
            return copiesSatisfy(copies, order, first, then);
        }
        return first.slot().singles().allMatch(single -> satisfies(single, step));
    }

    private boolean satisfies(Single single, Step step) {
        return isUp(single) && (step != Step.PROMOTE || roleAfter(single) == Role.PROMOTED);
    }

    /** One instance is enough, the one beside it when they interleave; where a number is said, that many, wherever they are. */
    private boolean copiesSatisfy(Copies copies, Order order, Precedence.First first, Single then) {
        int min = order.any() ? 1 : copies.of.min();
        boolean interleaved =
                min == 0 && then.copies().map(own -> own.of.interleave()).orElse(false);
        @Nullable Node beside = interleaved ? then.assignedTo : null;
        boolean aboutAll = copies.id.equals(first.id()) || copies.of.of().id().equals(first.id());
        int up = 0;
        for (Slot instance : copies.instances) {
            boolean satisfied = instance.singles()
                    .filter(single -> aboutAll || single.of.id().equals(first.id()))
                    .allMatch(single -> satisfies(single, order.firstStep()));
            @Nullable
            Node node = instance.singles()
                    .map(single -> single.assignedTo != null ? single.assignedTo : single.current())
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            if (satisfied && node != null && (beside == null || beside == node)) {
                up++;
            }
        }
        return beside != null ? up > 0 : up >= Math.max(1, min);
    }
}
