package io.quorate.statemachine.apply;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.statemachine.model.ClusterState;

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
            case META, SETTINGS, OBJECT, NODE, SITE_TICKET -> true;
            // Those that are there carry the revision of their last change, and change often.
            case ATTRIBUTE -> change.getDeleted();
            case OPERATION ->
                !before.operations().containsKey(change.getOperation().getId());
            case INSTANCE -> !change.getDeleted() && hasOtherFailures(before, change.getInstance());
            case TICKET, EVENT, VOTER, JOIN_TOKEN, LEDGER, ROW_NOT_SET -> false;
        };
    }

    private static boolean hasOtherFailures(ClusterState before, InstanceRow now) {
        InstanceRow then = before.instance(now.getId());
        return then == null
                ? now.getFailuresCount() > 0
                : !now.getFailuresList().equals(then.getFailuresList());
    }
}
