package io.quorate.server.leader;

import io.quorate.server.raft.Leadership;
import io.quorate.statemachine.model.ClusterState;

/**
 * Whether this process knows that the control plane was at work since the process began: it has followed a leader that had
 * begun its term in the log, or has begun one itself. A leader that does not know leads after a cold start, and says so in
 * its BeginTerm (StartupGrace). Outlives terms; belongs to the loop's thread.
 */
final class ColdStart {
    private long followedTerm = -1;
    private boolean over;

    /** Takes note of who leads, also while this process does not. */
    void leadership(Leadership leadership, String memberId) {
        boolean another =
                leadership.leaderId().filter(leader -> !leader.equals(memberId)).isPresent();
        followedTerm = another ? leadership.term() : -1;
    }

    /** Takes note of the newest state, also while this process does not lead. */
    void applied(ClusterState state) {
        if (followedTerm > 0 && state.meta().getBegunTerm() == followedTerm) {
            over = true;
        }
    }

    /** This process has begun a term in the log. */
    void begun() {
        over = true;
    }

    /** Whether a term that begins now begins after a cold start. */
    boolean isCold() {
        return !over;
    }
}
