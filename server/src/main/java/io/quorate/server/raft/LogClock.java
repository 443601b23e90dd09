package io.quorate.server.raft;

import io.quorate.log.v1.Stamp;
import io.quorate.server.time.Clock;
import io.quorate.server.time.WallTime;

/**
 * Stamps for the entries of one term of this leader: log time goes on from the last committed stamp by this machine's
 * monotonic clock. Confined to the proposer's thread.
 */
public final class LogClock {

    private final Clock clock;
    private final long startLogMillis;
    private final long startNanos;
    private long wallMillis;

    /**
     * @param newest the newest stamp that this replica has applied
     * @param appliedNanos when it applied it, on {@code clock}'s monotonic time: the time since then was silence
     */
    public LogClock(Clock clock, Stamp newest, long appliedNanos) {
        this.clock = clock;
        this.startLogMillis = newest.getLogMillis();
        this.startNanos = appliedNanos;
        this.wallMillis = newest.getWallMillis();
    }

    /** Its wall time does not go back by a little, so that the next leader goes on from what rules with dates went by. */
    public Stamp next() {
        wallMillis = WallTime.steady(wallMillis, clock.wallMillis());
        return Stamp.newBuilder()
                .setLogMillis(startLogMillis + clock.millisSince(startNanos))
                .setWallMillis(wallMillis)
                .build();
    }
}
