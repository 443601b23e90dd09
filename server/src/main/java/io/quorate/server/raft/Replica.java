package io.quorate.server.raft;

import io.quorate.log.v1.LogEntry;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.model.ClusterState;
import java.util.concurrent.TimeUnit;

/** The state that this replica has applied, and the function that applies: what the proposer needs of it. */
interface Replica {

    /** The newest applied state, its index and when its stamp was applied, read together. */
    Snapshot newest();

    /** Pure: what {@code entry} would do to {@code state}. Throws on a defect. */
    Applied apply(ClusterState state, LogEntry entry, long term);

    /**
     * A state, its place in the log, and its age here.
     *
     * @param logIndex index of the last log entry that made it; -1 before the first
     * @param appliedNanos monotonic time at which this replica applied it
     * @param proposedNanos when its leader proposed it, as nearly as this replica can tell; never later than it was applied
     */
    record Snapshot(ClusterState state, long logIndex, long appliedNanos, long proposedNanos) {

        /** A state of which nothing older is known. */
        static Snapshot first(ClusterState state, long logIndex, long nowNanos) {
            return new Snapshot(state, logIndex, nowNanos, nowNanos);
        }

        /**
         * The state after the next entry, which is applied now. A follower may hear long after an entry that it was
         * committed: of the last entry of a leader that died it hears from the next leader. But that entry was proposed
         * as long after the one before as their stamps say, and that one was applied here before it was.
         */
        Snapshot next(ClusterState after, long index, long nowNanos) {
            long betweenMillis = after.stamp().getLogMillis() - state.stamp().getLogMillis();
            return new Snapshot(
                    after,
                    index,
                    nowNanos,
                    Math.min(nowNanos, appliedNanos + TimeUnit.MILLISECONDS.toNanos(betweenMillis)));
        }
    }
}
