package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One primitive, or one instance of it. */
final class Single extends Slot {
    final Resource.Primitive of;
    /** Where it is active, or may be. */
    final List<Problem.Activity> running = new ArrayList<>();
    /** The nodes of those, in the same order. */
    final List<Machine> nodes = new ArrayList<>();

    @Nullable
    Machine assignedTo;

    Role nextRole = Role.STOPPED;
    boolean managed = true;
    boolean blocked;
    boolean removed;
    /** A failure, or that it is no longer configured, says that it may not run. */
    boolean stopped;
    /** It may run, and may not be promoted. */
    boolean noPromotion;

    Single(String id, Resource.Primitive of, @Nullable Slot parent) {
        super(id, of.meta(), parent);
        this.of = of;
    }

    @Override
    Stream<Slot> children() {
        return Stream.empty();
    }

    /** The most that it is on any node. */
    Role role() {
        return running.stream()
                .map(Problem.Activity::role)
                .reduce(Role.STOPPED, (one, other) -> one.compareTo(other) >= 0 ? one : other);
    }

    boolean failed() {
        return running.stream().anyMatch(Problem.Activity::failed);
    }

    /** Whether it is wanted nowhere: by what is said of it, or because a failure stopped it. */
    boolean nextRoleIsStopped() {
        return stopped || meta.targetRole().map(role -> role == Role.STOPPED).orElse(false);
    }

    @Nullable
    Machine current() {
        return nodes.isEmpty() ? null : nodes.get(0);
    }

    /** What it is when it runs and nothing more is said. */
    Role active() {
        return isPromotable() ? Role.UNPROMOTED : Role.STARTED;
    }
}
