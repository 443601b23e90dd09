package io.quorate.server.leader;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.FinishOperation;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Goals;
import io.quorate.v1.OperationState;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/** Finishes operations whose goal is reached or has become impossible. */
final class OperationTracker {

    /** A finish that was refused or lost is not tried again before this. */
    private static final long AGAIN_MILLIS = 1_000;

    private final TermContext context;
    private final DecisionPipeline decisions;
    private final Set<String> finishing = new TreeSet<>();

    OperationTracker(TermContext context, DecisionPipeline decisions) {
        this.context = context;
        this.decisions = decisions;
    }

    /** The state changed, or the policy has looked at it. */
    void evaluate() {
        ClusterState state = context.state();
        for (OperationRow operation : state.operations().values()) {
            if (operation.getState() == OperationState.OPERATION_STATE_RUNNING
                    && !finishing.contains(operation.getId())) {
                Goals.Verdict verdict = Goals.of(state, operation);
                if (verdict.isOver()
                        && (!Goals.isSettledByPolicy(operation) || isAtRest(operation))
                        && !Goals.isFollowed(state, operation, this::mayBePlaced)) {
                    finish(operation.getId(), verdict);
                }
            }
        }
    }

    /** What runs as it did before may be about to change: that shows only once the policy has looked at what was asked. */
    private boolean isAtRest(OperationRow operation) {
        if (!decisions.hasLookedAt(operation.getStartedRevision())) {
            return false;
        }
        NavigableSet<String> restless = decisions.restless();
        return Units.of(context.state(), operation).stream().noneMatch(unit -> restless.contains(unit.getKey()));
    }

    /** Nobody has looked since it was freed, or it is being given to a node. */
    private boolean mayBePlaced(InstanceRow instance) {
        return !decisions.hasLookedAt(instance.getRevision())
                || decisions.restless().contains(instance.getUnit());
    }

    private void finish(String id, Goals.Verdict verdict) {
        finishing.add(id);
        Command.Builder command = Command.newBuilder()
                .setFinishOperation(FinishOperation.newBuilder()
                        .setId(id)
                        .setFailed(verdict.progress() == Goals.Progress.IMPOSSIBLE)
                        .setDetail(verdict.detail()));
        context.propose("operation-finished", command, outcome -> {
            if (outcome.isAccepted()) {
                finishing.remove(id);
            } else {
                context.after(AGAIN_MILLIS, "operation-again", late -> {
                    finishing.remove(id);
                    evaluate();
                });
            }
        });
    }
}
