package io.quorate.statemachine.placement;

import java.util.List;
import java.util.Optional;

/**
 * What was decided and everything that has to be done for it.
 *
 * @param actions what a person would say is done: at most one for an instance, or one per node that it has to leave
 * @param operations what agents and fence devices are told to do, without what fencing a node does by itself
 * @param order which operation has to be done before which; what follows from two of them is left out of no one's account
 */
public record Transition(Answer answer, List<Action> actions, List<Operation> operations, List<Ordering> order) {
    public Transition {
        actions = List.copyOf(actions);
        operations = List.copyOf(operations);
        order = List.copyOf(order);
    }

    /** What happens to an instance as a whole. */
    public enum ActionKind {
        START,
        STOP,
        /** Stopped there, started here. */
        MOVE,
        /** Moved while it runs. */
        MIGRATE,
        /** Stopped and started on its node, though it is healthy. */
        RESTART,
        /** Stopped, because it failed, and started, here or elsewhere. */
        RECOVER,
        PROMOTE,
        DEMOTE,
        /** Demoted and promoted on its node. */
        REPROMOTE
    }

    /**
     * What happens to an instance.
     *
     * @param from empty: it runs nowhere
     * @param to empty: it will run nowhere
     * @param fromRole only where it could be promoted
     * @param toRole only where it could be promoted
     * @param blocked it is wanted, and cannot be done in this pass
     */
    public record Action(
            ActionKind kind,
            String resource,
            Optional<String> from,
            Optional<String> to,
            Optional<Role> fromRole,
            Optional<Role> toRole,
            boolean blocked) {}

    /** What one node, or one fence device, is told to do. */
    public enum Verb {
        START,
        STOP,
        PROMOTE,
        DEMOTE,
        MIGRATE_TO,
        MIGRATE_FROM,
        FENCE
    }

    /**
     * One thing to do.
     *
     * @param resource the primitive; for fencing, empty
     * @param machine where; for fencing, the node that is fenced
     */
    public record Operation(Verb verb, String resource, String machine) {}

    /** Indexes of two operations: one is done before the other begins. */
    public record Ordering(int before, int after) {}
}
