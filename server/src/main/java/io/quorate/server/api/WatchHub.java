package io.quorate.server.api;

import io.quorate.log.v1.Change;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.Subscription;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The bounded window of commits that watches are fed from. Watchers pull: nothing is queued for them, so a watcher that
 * does not read costs nothing, falls out of the window and is told to start again.
 *
 * <p>Threading: {@link #applied} is called on the apply thread and only files the commits and rings the watchers; the
 * states between the commits of one entry are made on the watchers' threads, when somebody asks.
 */
public final class WatchHub implements AutoCloseable {
    /**
     * Bounds of the window.
     *
     * @param revisions kept at most
     * @param bytes of encoded commits kept at most, but never less than the newest revision
     */
    public record Limits(int revisions, long bytes) {
        /** 10,000 revisions, 64 MiB. */
        public static final Limits DEFAULT = new Limits(10_000, 64L << 20);
    }

    private final Limits limits;
    /** By the first revision of each. */
    private final TreeMap<Long, Batch> window = new TreeMap<>();

    private final Set<Runnable> bells = ConcurrentHashMap.newKeySet();
    private final @Nullable Subscription subscription;
    private ClusterState newest;

    /** The oldest revision that still counts as kept: its batch goes with the last one of it. */
    private long oldest;

    private long bytes;

    /** Follows a replica from what it has applied now on. */
    public WatchHub(RaftPort raft, Limits limits) {
        this.limits = limits;
        synchronized (this) {
            // the listener waits for this lock, so no commit falls between the registration and the first state
            subscription = raft.onApplied(this::applied);
            newest = raft.applied().withoutLedger();
        }
    }

    /** For tests: fed through {@link #applied}. */
    WatchHub(ClusterState first, Limits limits) {
        this.limits = limits;
        newest = first.withoutLedger();
        subscription = null;
    }

    /** One accepted command with the states around it. */
    public static final class Revision {
        private final Batch batch;
        private final int index;

        private Revision(Batch batch, int index) {
            this.batch = batch;
            this.index = index;
        }

        public Commit commit() {
            return batch.commits.commits().get(index);
        }

        /** The state that the command was applied to; without a request ledger. */
        public ClusterState before() {
            return batch.state(index);
        }

        /** The state after it; without a request ledger. */
        public ClusterState after() {
            return batch.state(index + 1);
        }
    }

    /** The commits of one entry, and lazily the states between them. */
    private static final class Batch {
        private final PackedCommits commits;
        private final @Nullable ClusterState[] states;

        Batch(ClusterState before, List<Commit> commits, ClusterState after) {
            this.commits = new PackedCommits(commits);
            states = new ClusterState[commits.size() + 1];
            states[0] = before;
            states[commits.size()] = after;
        }

        synchronized ClusterState state(int index) {
            int known = index;
            while (states[known] == null) {
                known--;
            }
            ClusterState state = java.util.Objects.requireNonNull(states[known]);
            List<Commit> unpacked = known == index ? List.of() : commits.commits();
            for (int next = known; next < index; next++) {
                Commit commit = unpacked.get(next);
                for (Change change : commit.changes()) {
                    if (!change.hasLedger()) {
                        state = Reducer.reduce(state, change);
                    }
                }
                state = state.advanced(commit.position().getRevision(), commit.stamp());
                states[next + 1] = state;
            }
            return state;
        }
    }

    /** Files what was applied; commits that are already here are skipped, a gap or a restored snapshot clears the window. */
    void applied(ClusterState state, List<Commit> commits) {
        synchronized (this) {
            if (Positions.ORDER.compare(state.position(), newest.position()) <= 0) {
                return;
            }
            ClusterState kept = state.withoutLedger();
            Position expected = Positions.of(newest.generation(), newest.revision() + 1);
            if (commits.isEmpty() || !commits.get(0).position().equals(expected)) {
                window.clear();
                bytes = 0;
            } else {
                file(new Batch(newest, commits, kept));
            }
            newest = kept;
        }
        bells.forEach(Runnable::run);
    }

    private void file(Batch batch) {
        PackedCommits added = batch.commits;
        if (window.isEmpty()) {
            oldest = added.first();
        }
        window.put(added.first(), batch);
        bytes += added.size();
        long last = added.first() + added.count() - 1;
        while (last - oldest + 1 > limits.revisions() || (bytes > limits.bytes() && oldest < last)) {
            forgetOldest();
        }
    }

    private void forgetOldest() {
        PackedCommits commits = window.firstEntry().getValue().commits;
        int index = (int) (oldest - commits.first());
        bytes -= commits.size(index);
        oldest++;
        if (index == commits.count() - 1) {
            window.pollFirstEntry();
        }
    }

    /** The newest state; without a request ledger. */
    public synchronized ClusterState newest() {
        return newest;
    }

    /** The accepted command that led to {@code position}; empty when it has left the window or has not come yet. */
    public synchronized Optional<Revision> revision(Position position) {
        long revision = position.getRevision();
        if (window.isEmpty()
                || position.getGeneration() != newest.generation()
                || revision < oldest
                || revision > newest.revision()) {
            return Optional.empty();
        }
        Batch batch = window.floorEntry(revision).getValue();
        return Optional.of(new Revision(batch, (int) (revision - batch.commits.first())));
    }

    /**
     * The state of exactly this position, also in the middle of an entry; without a request ledger. Empty when it has left the
     * window or has not come yet.
     */
    public synchronized Optional<ClusterState> at(Position position) {
        return position.equals(newest.position())
                ? Optional.of(newest)
                : revision(Positions.of(position.getGeneration(), position.getRevision() + 1))
                        .map(Revision::before);
    }

    /** The oldest position after which nothing is missing here. */
    public synchronized Position floor() {
        return window.isEmpty() ? newest.position() : Positions.of(newest.generation(), oldest - 1);
    }

    /** Rings at every change, on the apply thread, until the subscription is closed. */
    public Subscription onChange(Runnable bell) {
        bells.add(bell);
        return () -> bells.remove(bell);
    }

    /** Watchers now listening. */
    public int watchers() {
        return bells.size();
    }

    @Override
    public void close() {
        if (subscription != null) {
            subscription.close();
        }
    }
}
