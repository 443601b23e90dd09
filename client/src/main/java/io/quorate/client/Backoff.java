package io.quorate.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between attempts: doubling, capped, and jittered so that clients do not come back in step. */
final class Backoff {
    private static final long FIRST_MILLIS = 50;
    private static final long CAP_MILLIS = 1_000;

    private final RandomGenerator random;
    private long nextMillis = FIRST_MILLIS;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The next pause: between half of the current step and all of it. */
    Duration next() {
        long millis = nextMillis / 2 + random.nextLong(nextMillis / 2 + 1);
        nextMillis = Math.min(CAP_MILLIS, nextMillis * 2);
        return Duration.ofMillis(millis);
    }

    void reset() {
        nextMillis = FIRST_MILLIS;
    }

    /** Sleeps for the pause, at most until the deadline; an interrupt ends the call. */
    void pause(Deadline deadline) {
        long millis = Math.min(next().toMillis(), Math.max(0, deadline.left().toMillis()));
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw QuorateException.interrupted(e);
        }
    }
}
