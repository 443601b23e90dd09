package io.quorate.server.raft;

import io.quorate.log.v1.LogEntry;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.model.ClusterState;

/** The state that this replica has applied, and the function that applies: what the proposer needs of it. */
interface Replica {

    /** The newest applied state and when its stamp was applied, read together. */
    Snapshot newest();

    /** Pure: what {@code entry} would do to {@code state}. Throws on a defect. */
    Applied apply(ClusterState state, LogEntry entry, long term);

    /**
     * A state and its age here.
     *
     * @param appliedNanos monotonic time at which this replica applied it
     */
    record Snapshot(ClusterState state, long appliedNanos) {}
}
