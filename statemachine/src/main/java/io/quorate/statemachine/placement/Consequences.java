package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a change means for those on top of it. What comes after something in a mandatory order that goes both ways is stopped
 * before that is and started after it is: when the first restarts, so does the second, and it cannot move while it runs when
 * the first stops under it.
 */
final class Consequences {
    private final Map<Single, Change> changes;
    private final Deque<Change> open = new ArrayDeque<>();

    private final Nodes nodes;
    /** What runs on guests. */
    private final Map<Node, List<Change>> guests = new LinkedHashMap<>();

    private Consequences(Map<Single, Change> changes, Nodes nodes) {
        this.changes = changes;
        this.nodes = nodes;
        for (Change change : changes.values()) {
            for (Node node : change.nodes) {
                if (node.machine.isGuest()) {
                    guests.computeIfAbsent(node, key -> new ArrayList<>()).add(change);
                }
            }
        }
    }

    static void spread(Map<Single, Change> changes, Nodes nodes) {
        Consequences consequences = new Consequences(changes, nodes);
        consequences.spread(changes.values());
    }

    private void spread(Collection<Change> all) {
        all.stream().filter(Change::isAny).forEach(open::add);
        while (!open.isEmpty()) {
            Change first = open.removeFirst();
            inGroup(first);
            onGuest(first);
            for (Slot slot = first.single; slot != null; slot = slot.parent) {
                for (Precedence precedence : slot.precedes) {
                    inOrder(first, slot, precedence);
                }
            }
        }
    }

    /** The next member is on top of this one. */
    private void inGroup(Change first) {
        if (first.single.parent instanceof Series series && first.single.position + 1 < series.members.size()) {
            Change then = change(series.members.get(first.single.position + 1));
            if (first.isStopped() || first.isStarted()) {
                disturb(then, first.isStopped());
            }
        }
    }

    /** What runs on a guest goes down and comes up with it. */
    private void onGuest(Change guest) {
        if (guest.isStopped() || guest.isStarted()) {
            for (Node node : nodes.carriedBy(guest.single)) {
                guests.getOrDefault(node, List.of()).forEach(then -> disturb(then, true));
            }
        }
    }

    private void inOrder(Change first, Slot slot, Precedence precedence) {
        Problem.Order order = precedence.order();
        boolean enough = order.any() || (slot instanceof Copies copies && copies.of.min() > 0);
        boolean meant = precedence.firsts().stream().anyMatch(each -> each.slot() == slot && each.means(first.single));
        boolean happens = order.firstStep() == Step.PROMOTE
                ? first.promote || first.demote
                : order.firstStep() == Step.START && (first.isStopped() || first.isStarted());
        if (enough || !meant || !happens || !order.symmetrical()) {
            return;
        }
        for (Single single : precedence.thens()) {
            Change then = change(single);
            if (slot instanceof Copies && !concerns(first, then)) {
                continue;
            }
            if (order.thenStep() == Step.START) {
                disturb(then, first.isStopped() && !(slot instanceof Copies));
            } else if (order.thenStep() == Step.PROMOTE && then.before == Role.PROMOTED) {
                demote(then);
            }
        }
    }

    /**
     * Whether what happens to one instance of a clone matters to what comes after the clone: on the same node it does; where
     * one more starts, only to those that wait for the clone as a whole.
     */
    private static boolean concerns(Change first, Change then) {
        boolean together = then.nodes.stream().anyMatch(node -> first.nodes.contains(node) || node == first.to);
        return together || (first.isStarted() && !isInterleaved(then.single));
    }

    private Change change(Single single) {
        return Objects.requireNonNull(changes.get(single));
    }

    private static boolean isInterleaved(Single single) {
        return single.copies().map(copies -> copies.of.interleave()).orElse(false);
    }

    private void disturb(Change then, boolean stops) {
        if (then.goesOn()) {
            then.restart();
            open.add(then);
        } else if (then.migrate && stops) {
            then.migrate = false;
            open.add(then);
        }
    }

    private void demote(Change then) {
        if (then.goesOn() && then.after == Role.PROMOTED && !then.demote) {
            then.repromote();
            open.add(then);
        }
    }
}
