package io.quorate.server.api;

import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The projections of the latest states that anybody asked for. To explain a state means to decide on all that it holds: what
 * one caller or watcher had explained is not explained again for the next.
 */
final class Projections {
    /** The newest state and the one before: readers and watchers are not always at the same one. */
    private static final int KEPT = 2;

    private final Deque<Projection> latest = new ArrayDeque<>();

    synchronized Projection of(ClusterState state) {
        for (Projection each : latest) {
            if (each.isOf(state)) {
                return each;
            }
        }
        if (latest.size() == KEPT) {
            latest.removeLast();
        }
        Projection projection = new Projection(state);
        latest.addFirst(projection);
        return projection;
    }
}
