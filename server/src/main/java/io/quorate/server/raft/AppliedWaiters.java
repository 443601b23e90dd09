package io.quorate.server.raft;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Those who wait until this replica has applied a position. Thread-safe; bounded. */
final class AppliedWaiters {

    /** Waiters at most; one more is told to come back. */
    static final int LIMIT = 65_536;

    private final TreeMap<Long, List<CompletableFuture<ClusterState>>> byRevision = new TreeMap<>();
    private int count;
    private boolean closed;

    /** Waits, unless {@code present} is new enough already. The caller passes the state it holds before this call. */
    CompletableFuture<ClusterState> await(Position atLeast, ClusterState present) {
        if (Positions.ORDER.compare(present.position(), atLeast) >= 0) {
            return CompletableFuture.completedFuture(present);
        }
        if (present.generation() != atLeast.getGeneration() && present.isInitialized()) {
            return CompletableFuture.failedFuture(new UnavailableException("this member is at "
                    + Positions.format(present.position()) + ", of an earlier generation than "
                    + Positions.format(atLeast)));
        }
        CompletableFuture<ClusterState> waiter = new CompletableFuture<>();
        synchronized (this) {
            if (closed || count >= LIMIT) {
                return CompletableFuture.failedFuture(new UnavailableException(
                        closed ? "this member is stopping" : "too many wait for this member to catch up"));
            }
            byRevision
                    .computeIfAbsent(atLeast.getRevision(), revision -> new ArrayList<>())
                    .add(waiter);
            count++;
        }
        return waiter;
    }

    /** Completes whoever waited for a position that {@code state} has reached. */
    void reached(ClusterState state) {
        List<CompletableFuture<ClusterState>> done = new ArrayList<>();
        synchronized (this) {
            if (count == 0) {
                return;
            }
            NavigableMap<Long, List<CompletableFuture<ClusterState>>> head = byRevision.headMap(state.revision(), true);
            head.values().forEach(done::addAll);
            head.clear();
            count -= done.size();
        }
        done.forEach(waiter -> waiter.complete(state));
    }

    void close() {
        List<CompletableFuture<ClusterState>> left = new ArrayList<>();
        synchronized (this) {
            closed = true;
            byRevision.values().forEach(left::addAll);
            byRevision.clear();
            count = 0;
        }
        left.forEach(waiter -> waiter.completeExceptionally(new UnavailableException("this member is stopping")));
    }
}
