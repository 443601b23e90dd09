package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done with one instance. Mutable while the plan is made. */
final class Change {
    final Single single;
    /** Where it is active and has to be stopped, in the order of the problem. */
    final List<Node> stops = new ArrayList<>();

    /** Where it is when all is done; null: nowhere. */
    final @Nullable Node to;

    final Role before;
    final Role after;
    final boolean failed;
    /** It is wanted, and cannot start in this pass. */
    final boolean waits;
    /** It is left as it is, though something else is wanted. */
    final boolean stuck;

    boolean start;
    boolean promote;
    boolean demote;
    boolean migrate;
    /** Why it is stopped and started, or stopped, though nothing about itself asks for it. */
    @Nullable
    String reason;

    Change(Single single, Feasibility feasibility) {
        this.single = single;
        this.before = single.role();
        this.failed = single.failed();
        this.stuck = !single.managed || feasibility.isStuck(single);
        boolean up = feasibility.isUp(single) && feasibility.roleAfter(single).isActive();
        this.to = stuck ? single.current() : up ? single.assignedTo : null;
        this.after = stuck ? before : up ? feasibility.roleAfter(single) : Role.STOPPED;
        this.waits = !stuck && !up && single.assignedTo != null;
        if (!stuck) {
            derive();
        }
    }

    private void derive() {
        @Nullable Node target = to;
        boolean stays = target != null && single.nodes.equals(List.of(target)) && !failed;
        if (stays) {
            promote = after == Role.PROMOTED && before != Role.PROMOTED;
            demote = before == Role.PROMOTED && after != Role.PROMOTED;
            return;
        }
        stops.addAll(single.nodes);
        demote = before == Role.PROMOTED;
        start = target != null;
        promote = after == Role.PROMOTED;
    }

    boolean isActive() {
        return !single.nodes.isEmpty();
    }

    /** Whether it runs on now and will, without a stop in between. */
    boolean staysUp() {
        return isActive() && to != null && stops.isEmpty();
    }

    /** Has it stopped and started where it is. */
    void restart(String because) {
        stops.addAll(single.nodes);
        start = true;
        demote = before == Role.PROMOTED;
        promote = after == Role.PROMOTED;
        reason = because;
    }

    /** Has it demoted and promoted where it is. */
    void repromote(String because) {
        demote = true;
        promote = true;
        reason = because;
    }
}
