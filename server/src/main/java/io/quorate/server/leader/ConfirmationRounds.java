package io.quorate.server.leader;

import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Proofs that this process leads (Confirmed, ConfirmedToken): one read barrier per round, shared by everything that
 * arrived before the barrier began. What arrives while it is on its way waits for the next one.
 */
final class ConfirmationRounds {

    /**
     * Renewals that arrive within this time, and within three eighths of the interval between those of one node, share a
     * round: an entry of the log on every disk, what a cluster at rest does most. The lease counts from their sending, so
     * what they wait is gone from the time that the answer leaves.
     */
    private static final long MOST_GATHER_MILLIS = 150;

    /**
     * One who waits for a proof.
     *
     * @param confirmed gets a state at least as new as everything committed before it asked
     * @param failed there was no proof: this process may not lead any more
     */
    private record Waiter(Consumer<ClusterState> confirmed, Consumer<Throwable> failed) {}

    private final TermContext context;
    private List<Waiter> waiting = new ArrayList<>();
    private List<Waiter> inTheRound = List.of();
    private boolean inFlight;
    private long begunNanos;
    private boolean gathering;

    ConfirmationRounds(TermContext context) {
        this.context = context;
    }

    /** Asks for a proof at once, or as soon as the barrier that is on its way is back. */
    void ask(Consumer<ClusterState> confirmed, Consumer<Throwable> failed) {
        waiting.add(new Waiter(confirmed, failed));
        startIfIdle();
    }

    /** Asks for a proof together with whatever else arrives within a moment. */
    void askSoon(Consumer<ClusterState> confirmed, Consumer<Throwable> failed) {
        waiting.add(new Waiter(confirmed, failed));
        if (!inFlight && !gathering) {
            gathering = true;
            context.after(gatherMillis(), "confirmation-round", late -> {
                gathering = false;
                startIfIdle();
            });
        }
    }

    private long gatherMillis() {
        return Math.min(MOST_GATHER_MILLIS, context.settings().renewEveryMillis() * 3 / 8);
    }

    /** How long the barrier that is on its way has taken so far; 0 when there is none. */
    long takenNanos() {
        return inFlight ? context.nowNanos() - begunNanos : 0;
    }

    /** The term is over: nobody gets a proof any more. */
    void end(Throwable why) {
        List<Waiter> left = waiting;
        waiting = new ArrayList<>();
        left.forEach(waiter -> waiter.failed.accept(why));
        inTheRound.forEach(waiter -> waiter.failed.accept(why));
        inTheRound = List.of();
    }

    private void startIfIdle() {
        if (inFlight || waiting.isEmpty()) {
            return;
        }
        inFlight = true;
        begunNanos = context.nowNanos();
        inTheRound = waiting;
        waiting = new ArrayList<>();
        context.counters().confirmations.increment();
        Futures.whenDone(
                context.raft().readLinearizable(),
                (state, failure) -> context.post("confirmation", () -> {
                    List<Waiter> round = inTheRound;
                    inTheRound = List.of();
                    inFlight = false;
                    if (state == null) {
                        Throwable why = failure == null ? new IllegalStateException("no state") : failure;
                        round.forEach(waiter -> waiter.failed.accept(why));
                    } else {
                        round.forEach(waiter -> waiter.confirmed.accept(state));
                    }
                    startIfIdle();
                }));
    }
}
