package io.quorate.server.leader;

import io.quorate.server.raft.Leadership;
import io.quorate.statemachine.model.ClusterState;

/**
 * What this process knows of the time before its term. First, whether the control plane was at work since the process
 * began: it has followed a leader that had begun its term in the log, or has begun one itself. A leader that does not know
 * leads after a cold start, and says so in its BeginTerm (StartupGrace). Second, for how long nobody led: agents that
 * looked for a leader in vain for long look less often, and need longer to find the new one. Outlives terms; belongs to the
 * loop's thread, but for {@link #isCold}.
 */
final class ColdStart {
    /** An ordinary election is over sooner, and agents try again sooner than that too. */
    static final long ORDINARY_ELECTION_NANOS = TermContext.millisToNanos(3_000);

    private long followedTerm = -1;
    private volatile boolean over;
    private boolean leaderless;
    private long leaderlessSinceNanos;

    /** Takes note of who leads, also while this process does not. */
    void leadership(Leadership leadership, String memberId, long nowNanos) {
        boolean another = leadership.leaderOtherThan(memberId).isPresent();
        followedTerm = another ? leadership.term() : -1;
        if (another) {
            leaderless = false;
        } else if (!leaderless && !leadership.isReadyLeader()) {
            leaderless = true;
            leaderlessSinceNanos = nowNanos;
        }
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

    /**
     * This process leads from now on: how much longer than usual nodes may be silent before they are lost. As long again as
     * nobody led, since the pauses between attempts to connect grow with the time that they fail; nothing after an ordinary
     * election.
     */
    long takeExtraNanos(long nowNanos, long atMostNanos) {
        long lasted = leaderless ? nowNanos - leaderlessSinceNanos : 0;
        leaderless = false;
        return lasted <= ORDINARY_ELECTION_NANOS ? 0 : Math.min(lasted, atMostNanos);
    }
}
