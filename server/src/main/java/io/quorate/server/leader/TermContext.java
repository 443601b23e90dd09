package io.quorate.server.leader;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.time.Clock;
import io.quorate.server.time.WallTime;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Settings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every part of the leader works with during one term: clock, log, queue, counters and the newest applied state.
 * Belongs to the loop's thread. Once the term has ended, nothing that was begun in it runs any more.
 */
final class TermContext {
    private final long term;
    private final long build;
    private final RaftPort raft;
    private final Clock clock;
    private final EventQueue queue;
    private final Executor worker;
    private final Counters counters;
    private ClusterState state;
    private long stateSeenNanos;
    private long wallMillis;
    private boolean active = true;
    private long proposals;

    /**
     * @param build distinguishes the contexts of this process: a term's is built anew after a defect, and its ids must not
     *     repeat
     */
    TermContext(
            long term,
            long build,
            RaftPort raft,
            Clock clock,
            EventQueue queue,
            Executor worker,
            Counters counters,
            ClusterState state) {
        this.term = term;
        this.build = build;
        this.raft = raft;
        this.clock = clock;
        this.queue = queue;
        this.worker = worker;
        this.counters = counters;
        this.state = state;
        this.stateSeenNanos = clock.monotonicNanos();
    }

    long term() {
        return term;
    }

    /** An id from a counter of this context that no other context of this member in this term makes. */
    String distinct(long number) {
        return term + "-" + build + "-" + number;
    }

    RaftPort raft() {
        return raft;
    }

    Counters counters() {
        return counters;
    }

    long nowNanos() {
        return clock.monotonicNanos();
    }

    /** The newest state that this replica has applied. */
    ClusterState state() {
        return state;
    }

    Settings settings() {
        return state.settings();
    }

    boolean isActive() {
        return active;
    }

    void end() {
        active = false;
    }

    void advance(ClusterState applied) {
        if (applied.stamp().getLogMillis() > state.stamp().getLogMillis()) {
            stateSeenNanos = clock.monotonicNanos();
        }
        state = applied;
    }

    /** Catches up with what is applied, whose own event may still be waiting. */
    void refresh() {
        ClusterState applied = raft.applied();
        if (applied.revision() > state.revision()) {
            advance(applied);
        }
    }

    /** An estimate of the log's time now, never ahead of what a new entry would be stamped with. */
    long logMillis() {
        return state.stamp().getLogMillis() + clock.millisSince(stateSeenNanos);
    }

    /**
     * Wall time, milliseconds since 1970, for rules with dates. It does not go back by a little, also from one leader to the
     * next ({@link WallTime}).
     */
    long wallMillis() {
        wallMillis = WallTime.steady(Math.max(wallMillis, state.stamp().getWallMillis()), clock.wallMillis());
        return wallMillis;
    }

    void post(String name, Runnable action) {
        queue.post(name, () -> {
            if (active) {
                action.run();
            }
        });
    }

    EventQueue.Timer after(long delayMillis, String name, EventQueue.TimerAction action) {
        return queue.after(millisToNanos(delayMillis), name, late -> {
            if (active) {
                action.fire(late);
            }
        });
    }

    /** Runs the work on the policy's worker; the result comes back as an event of this term. */
    <T> void onWorker(String name, Supplier<T> work, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        Futures.whenDone(
                CompletableFuture.supplyAsync(work, worker),
                (result, failure) -> post(name, () -> then.accept(result, failure)));
    }

    /** Proposes a decision of the leader; the outcome comes back as an event of this term. */
    void propose(String name, Command.Builder command, Consumer<Outcome> then) {
        proposals++;
        if (!command.hasKnownPosition()) {
            command.setKnownPosition(state.position());
        }
        Command complete = command.setRequestId(raft.memberId() + "-" + distinct(proposals))
                .setActor(Actor.newBuilder()
                        .setKind(Actor.Kind.KIND_LEADER)
                        .setName("leader")
                        .setVia(raft.memberId()))
                .build();
        Futures.whenDone(
                raft.propose(complete),
                (result, failure) -> post(name, () -> {
                    refresh();
                    then.accept(new Outcome(result, failure));
                }));
    }

    /** A command that rests on what this leader measured itself: void in any other term (TermBound). */
    Command.Builder termBound() {
        return Command.newBuilder().setFormedInTerm(term);
    }

    /** What a command relied on. */
    ObjectRevision read(String key) {
        return ObjectRevision.newBuilder()
                .setObject(key)
                .setRevision(state.revisionOf(key))
                .build();
    }

    static long millisToNanos(long millis) {
        return millis * 1_000_000;
    }

    static long nanosToMillis(long nanos) {
        return nanos / 1_000_000;
    }
}
