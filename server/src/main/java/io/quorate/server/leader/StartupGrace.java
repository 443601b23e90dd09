package io.quorate.server.leader;

import io.quorate.log.v1.Actor;
import io.quorate.server.raft.Leadership;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who was seen since the cluster's cold start (StartupGrace). A start is cold for a leader that has followed no other
 * leader since its process began; it has the log note the grace, so that whoever leads next respects it too. A node
 * counts as seen when it spoke to this process, or when this process saw the node's own commands committed after the
 * grace began. Outlives terms; belongs to the loop's thread.
 */
final class StartupGrace {
    private final Set<String> heard = new TreeSet<>();
    private final Map<String, Long> lastCommitLogMillis = new TreeMap<>();
    private boolean followedAnother;
    private boolean noted;

    /** Takes note of a change of leadership, also while this process does not lead. */
    void leadership(Leadership leadership, String memberId) {
        if (leadership.leaderId().filter(leader -> !leader.equals(memberId)).isPresent()) {
            followedAnother = true;
        }
    }

    /** Takes note of what was committed, also while this process does not lead. */
    void committed(Commit commit) {
        if (commit.actor().getKind() == Actor.Kind.KIND_NODE) {
            lastCommitLogMillis.merge(commit.actor().getName(), commit.stamp().getLogMillis(), Math::max);
        }
    }

    /** A node has spoken to this process. */
    void heard(String node) {
        heard.add(node);
    }

    /** Whether the grace must be noted in the log by the leader that has just begun. */
    boolean mustBeNoted() {
        return !followedAnother && !noted;
    }

    /** The log knows of the grace. */
    void wasNoted() {
        noted = true;
    }

    /** Whether the node was in contact since the cold start, as far as this process knows. */
    boolean seen(ClusterState state, String node) {
        if (heard.contains(node)) {
            return true;
        }
        long graceBegan =
                state.meta().getGraceUntilLogMillis() - state.settings().startupGraceMillis();
        Long lastCommit = lastCommitLogMillis.get(node);
        return lastCommit != null && lastCommit >= graceBegan;
    }

    /** Whether apply would let the node be fenced as far as the grace is concerned. */
    boolean allows(ClusterState state, String node, long logMillis) {
        return logMillis >= state.meta().getGraceUntilLogMillis() || seen(state, node);
    }
}
