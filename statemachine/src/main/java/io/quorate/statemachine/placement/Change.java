package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done with one instance. Mutable while the plan is made. */
final class Change {
    final Single single;
    /** Where it is active, as far as that matters: the first is the one that it is said to come from. */
    final List<Node> nodes;
    /** Where it has to be stopped. */
    final List<Node> stops = new ArrayList<>(1);

    /** Where it is when all is done; null: nowhere. */
    final @Nullable Node to;

    final Role before;
    final Role after;
    final boolean failed;
    /** It is, or is on, a guest that is fenced: by being recovered. */
    final boolean lost;
    /** It is wanted, and cannot start in this pass. */
    final boolean waits;
    /** It is left as it is. */
    final boolean stuck;

    boolean start;
    boolean promote;
    boolean demote;
    /** It restarts because of something else. */
    boolean forced;
    /** It moves while it runs: what is stopped is only what the move leaves behind. */
    boolean migrate;

    Change(Single single, Outcome outcome) {
        Feasibility feasibility = outcome.feasibility();
        this.single = single;
        this.nodes = present(single);
        this.before = single.role();
        this.lost = outcome.loses(single);
        this.failed = lost || single.failed();
        this.stuck = !single.managed || feasibility.isStuck(single);
        boolean up = feasibility.isUp(single) && feasibility.roleAfter(single).isActive();
        this.to = stuck ? single.current() : up ? single.assignedTo : null;
        this.after = stuck ? before : up ? feasibility.roleAfter(single) : Role.STOPPED;
        this.waits = !stuck && !up && single.assignedTo != null;
        if (!stuck) {
            derive();
        }
    }

    /** A fence device may be registered on a node that is about to be fenced: where it still works is what counts. */
    private static List<Node> present(Single single) {
        if (!single.of.fenceDevice() || single.nodes.size() < 2) {
            return single.nodes;
        }
        List<Node> clean = single.nodes.stream()
                .filter(node -> node.machine.online() && !node.machine.unclean())
                .toList();
        return clean.isEmpty() ? single.nodes : clean;
    }

    private void derive() {
        @Nullable Node target = to;
        boolean outdated = single.running.stream().anyMatch(Problem.Activity::outdated);
        boolean here = target != null && nodes.contains(target) && !failed && !outdated;
        boolean others = nodes.size() > 1;
        if (here && (!others || single.meta.multipleActive() == Meta.MultipleActive.STOP_UNEXPECTED)) {
            nodes.stream().filter(node -> node != target).forEach(stops::add);
            promote = after == Role.PROMOTED && before != Role.PROMOTED;
            demote = before == Role.PROMOTED && after != Role.PROMOTED;
            return;
        }
        stops.addAll(nodes);
        demote = before == Role.PROMOTED;
        start = target != null;
        promote = after == Role.PROMOTED;
        migrate = target != null && mayMigrate(target);
        if (arrives()) {
            stops.remove(target);
        }
    }

    private boolean mayMigrate(Node target) {
        if (single.running.stream().anyMatch(Problem.Activity::arriving)) {
            return nodes.size() == 2 && arrivesAt(target) && !failed;
        }
        if (!single.meta.allowMigrate() || nodes.size() != 1 || failed || before != after) {
            return false;
        }
        Node source = nodes.get(0);
        return source != target
                && source.machine.online()
                && !source.machine.unclean()
                && single.running.stream().noneMatch(activity -> activity.starting() || activity.outdated());
    }

    /** Whether it was on its way there already. */
    private boolean arrivesAt(Node target) {
        return single.running.stream()
                .anyMatch(activity -> activity.arriving() && activity.machine().equals(target.name()));
    }

    /** Whether only the second half of a live migration is left to be done. */
    boolean arrives() {
        return migrate && nodes.contains(to);
    }

    @Nullable
    Node from() {
        if (arrives()) {
            return stops.get(0);
        }
        return nodes.isEmpty() ? null : nodes.get(0);
    }

    boolean isActive() {
        return !nodes.isEmpty();
    }

    /** Whether it runs now and goes on, where it is. */
    boolean goesOn() {
        return !stuck && isActive() && to != null && !start;
    }

    /** Whether an agent stops it for good, there. */
    boolean isStopped() {
        return !migrate && !stops.isEmpty();
    }

    boolean isStarted() {
        return !migrate && start;
    }

    /** Whether it stops and starts where it is. */
    boolean restarts() {
        return start && to != null && stops.contains(to);
    }

    /** Whether anything is done with it. */
    boolean isAny() {
        return start || promote || demote || !stops.isEmpty();
    }

    /** Has it stopped and started where it is. */
    void restart() {
        forced = true;
        stops.clear();
        stops.addAll(nodes);
        start = true;
        demote = before == Role.PROMOTED;
        promote = after == Role.PROMOTED;
    }

    /** Has it demoted and promoted where it is. */
    void repromote() {
        demote = true;
        promote = true;
    }
}
