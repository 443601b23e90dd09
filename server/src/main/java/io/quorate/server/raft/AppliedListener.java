package io.quorate.server.raft;

import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import java.util.List;

/** Hears what this replica has applied. */
@FunctionalInterface
public interface AppliedListener {

    /**
     * Called on the apply thread, once per entry that changed something, in order and without gaps, except after a
     * snapshot of the leader was installed: then once with that state and no commits. Must return quickly, must not
     * block and must not throw (a throw halts the replica).
     *
     * @param state after the entry
     * @param commits one for each accepted command of the entry, in order
     */
    void applied(ClusterState state, List<Commit> commits);
}
