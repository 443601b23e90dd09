package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One primitive, or one instance of it. */
final class Single extends Slot {
    final Resource.Primitive of;
    /** Its place in its group; 0 when there is none. */
    final int position;
    /** What is known of its primitive, also where that does not run, and of its other instances. */
    final List<Problem.Activity> known = new ArrayList<>(1);
    /** Where it is active, or may be. */
    final List<Problem.Activity> running = new ArrayList<>(1);
    /** The nodes of those, in the same order. */
    final List<Node> nodes = new ArrayList<>(1);
    /** The mandatory orders in which it waits for others. */
    final List<Precedence> waits = new ArrayList<>(0);

    @Nullable
    Node assignedTo;

    Role nextRole = Role.STOPPED;
    boolean managed = true;
    boolean blocked;
    boolean removed;
    /** A failure, or that it is no longer configured, says that it may not run. */
    boolean stopped;
    /** It may run, and may not be promoted. */
    boolean noPromotion;
    /** It should run, and cannot in this pass. */
    boolean down;
    /** It should be promoted, and cannot in this pass. */
    boolean notPromoted;
    /** Where it runs it cannot be stopped in this pass. */
    boolean stuck;

    boolean waitsForLook;

    Single(String id, Resource.Primitive of, @Nullable Slot parent, int position, int nodes) {
        super(id, of.meta(), parent, nodes);
        this.of = of;
        this.position = position;
    }

    @Override
    Stream<Slot> children() {
        return Stream.empty();
    }

    @Override
    Stream<Single> singles() {
        return Stream.of(this);
    }

    @Override
    Single first() {
        return this;
    }

    /** The most that it is on any node. */
    Role role() {
        Role most = Role.STOPPED;
        for (Problem.Activity activity : running) {
            if (activity.role().compareTo(most) > 0) {
                most = activity.role();
            }
        }
        return most;
    }

    boolean failed() {
        return running.stream().anyMatch(Problem.Activity::failed);
    }

    /** Whether it stays unless it may not. */
    boolean isKept() {
        return running.stream().anyMatch(Problem.Activity::kept);
    }

    /** Whether it is wanted nowhere: by what is said of it, or because a failure stopped it. */
    boolean nextRoleIsStopped() {
        return stopped || (meta.targetRole().isPresent() && meta.targetRole().get() == Role.STOPPED);
    }

    @Nullable
    Node current() {
        return nodes.isEmpty() ? null : nodes.get(0);
    }

    /** What it is when it runs and nothing more is said. */
    Role active() {
        return isPromotable() ? Role.UNPROMOTED : Role.STARTED;
    }
}
