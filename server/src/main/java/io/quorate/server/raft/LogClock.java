package io.quorate.server.raft;

import io.quorate.log.v1.Stamp;
import io.quorate.server.time.Clock;

/**
 * Stamps for the entries of one term of this leader: log time goes on from the last committed stamp by this machine's
 * monotonic clock. Confined to the proposer's thread.
 */
final class LogClock {

    private final Clock clock;
    private final long startLogMillis;
    private final long startNanos;

    /**
     * @param newest the newest stamp that this replica has applied
     * @param appliedNanos when it applied it, on {@code clock}'s monotonic time: the time since then was silence
     */
    LogClock(Clock clock, Stamp newest, long appliedNanos) {
        this.clock = clock;
        this.startLogMillis = newest.getLogMillis();
        this.startNanos = appliedNanos;
    }

    Stamp next() {
        return Stamp.newBuilder()
                .setLogMillis(startLogMillis + clock.millisSince(startNanos))
                .setWallMillis(clock.wallMillis())
                .build();
    }
}
