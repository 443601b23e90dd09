package io.quorate.server.raft;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Position;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The newest past states, without their request ledgers. Thread-safe. They share nearly all of their memory. */
final class StateHistory {

    /** States kept at most. */
    static final int LIMIT = 1_000;

    /** Revisions between the oldest and the newest at most: under load a state is many commands after the one before. */
    static final int REVISIONS = 10_000;

    private final TreeMap<Long, ClusterState> byRevision = new TreeMap<>();

    synchronized void add(ClusterState state) {
        byRevision.put(state.revision(), state.withoutLedger());
        while (byRevision.size() > LIMIT || state.revision() - byRevision.firstKey() > REVISIONS) {
            byRevision.pollFirstEntry();
        }
    }

    /** Forgets everything and begins again with {@code state}. */
    synchronized void restart(ClusterState state) {
        byRevision.clear();
        add(state);
    }

    /** The newest kept state not after {@code position}, if the window covers it. */
    synchronized Optional<ClusterState> at(Position position) {
        Map.Entry<Long, ClusterState> newest = byRevision.lastEntry();
        if (newest == null
                || position.getRevision() > newest.getKey()
                || position.getGeneration() != newest.getValue().generation()) {
            return Optional.empty();
        }
        return Optional.ofNullable(byRevision.floorEntry(position.getRevision()))
                .map(Map.Entry::getValue);
    }
}
