package io.quorate.statemachine.model;

import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import org.jspecify.annotations.Nullable;

/**
 * After a cold start of the control plane a silent node may only be late. Until the grace is over, only nodes are fenced
 * that were heard since it began (guard StartupGrace).
 */
public final class StartupGrace {
    private StartupGrace() {}

    /**
     * How long the node may still be late.
     *
     * @param nowLogMillis the log's time
     * @return milliseconds, 0 when there is no grace for it
     */
    public static long restMillis(ClusterState state, String node, long nowLogMillis) {
        return wasHeard(state, node) ? 0 : Math.max(0, state.meta().getGraceUntilLogMillis() - nowLogMillis);
    }

    /** Whether the node is known to have been in contact since the latest cold start. */
    public static boolean wasHeard(ClusterState state, String node) {
        MetaRow meta = state.meta();
        @Nullable NodeRow row = state.node(node);
        return row != null && row.getHeardLogMillis() >= meta.getGraceBeganLogMillis();
    }
}
