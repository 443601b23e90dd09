package io.quorate.statemachine.model;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.VoterRow;
import io.quorate.v1.NodePhase;
import java.util.Collection;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * Voters, and those of them that are left: without a majority nothing is decided.
 *
 * @param voters all that have a vote
 * @param left how many of them can give it
 */
public record Quorum(int voters, int left) {
    public boolean holds() {
        return left * 2 > voters;
    }

    /** With every voter. */
    public static Quorum full(ClusterState state) {
        int voters = count(state, Collections.emptyList());
        return new Quorum(voters, voters);
    }

    /** If these nodes were lost, and the voters on them: those on nodes that are silent or off already do not vote either. */
    public static Quorum without(ClusterState state, Collection<String> nodes) {
        return new Quorum(full(state).voters(), count(state, nodes));
    }

    private static int count(ClusterState state, Collection<String> lost) {
        int count = 0;
        for (VoterRow voter : state.voters().values()) {
            boolean gone = !lost.isEmpty() && (lost.contains(voter.getName()) || isDown(state.node(voter.getName())));
            count += voter.getRemoved() || gone ? 0 : 1;
        }
        return count;
    }

    /** A voter on a machine that is no node of the cluster is taken to be up. */
    private static boolean isDown(@Nullable NodeRow node) {
        return node != null
                && (node.getPhase() == NodePhase.NODE_PHASE_LOST || node.getPhase() == NodePhase.NODE_PHASE_OFF);
    }
}
