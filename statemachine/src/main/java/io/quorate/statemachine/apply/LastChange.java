package io.quorate.statemachine.apply;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.OperationState;
import io.quorate.v1.RunState;
import org.jspecify.annotations.Nullable;

/**
 * Keeps on record when anything that placement goes by was last changed by something else than placement: configuration,
 * settings, nodes, tickets, failures, what people ask for. Who came to a node since then came there for no reason that is gone.
 */
final class LastChange {
    private LastChange() {}

    /** @param before the state that the changes of the draft were made to */
    static void note(ClusterState before, Draft draft) {
        if (draft.changes().stream().anyMatch(change -> counts(before, change))) {
            draft.put(draft.state().meta().toBuilder().setChangedRevision(draft.revision()));
        }
    }

    private static boolean counts(ClusterState before, Change change) {
        return switch (change.getRowCase()) {
            case SETTINGS, OBJECT, NODE, SITE_TICKET -> true;
            // A new leader finds all as the former one left it.
            case META -> !butForTerm(change.getMeta()).equals(butForTerm(before.meta()));
            // Those that are there carry the revision of their last change, and change often.
            case ATTRIBUTE -> change.getDeleted();
            case OPERATION -> isAskedOrTakenBack(before, change.getOperation());
            case INSTANCE ->
                !change.getDeleted()
                        && counts(before.instance(change.getInstance().getId()), change.getInstance());
            case TICKET, EVENT, VOTER, JOIN_TOKEN, LEDGER, ROW_NOT_SET -> false;
        };
    }

    private static MetaRow butForTerm(MetaRow meta) {
        return meta.toBuilder().clearBegunTerm().build();
    }

    /** An operation that has come to its end has brought about what was asked. */
    private static boolean isAskedOrTakenBack(ClusterState before, OperationRow operation) {
        return !before.operations().containsKey(operation.getId())
                || operation.getState() == OperationState.OPERATION_STATE_FAILED
                || operation.getState() == OperationState.OPERATION_STATE_CANCELLED;
    }

    /** Failures, a restart whose end a promotion may wait for, and that it has failed or cannot be stopped, which holds its place. */
    private static boolean counts(@Nullable InstanceRow before, InstanceRow now) {
        InstanceRow then = before == null ? InstanceRow.getDefaultInstance() : before;
        return !now.getFailuresList().equals(then.getFailuresList())
                || now.hasRestart() != then.hasRestart()
                || now.getOwnership().getStopFailed() != then.getOwnership().getStopFailed()
                || isFailed(now) != isFailed(then);
    }

    private static boolean isFailed(InstanceRow instance) {
        return instance.getMembersList().stream().anyMatch(member -> member.getState() == RunState.RUN_STATE_FAILED);
    }
}
