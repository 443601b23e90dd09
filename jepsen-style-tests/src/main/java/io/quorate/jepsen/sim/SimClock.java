package io.quorate.jepsen.sim;

import io.quorate.server.time.Clock;

/** The clocks of one machine, one of which goes too fast or too slow, and the other of which may be set. */
final class SimClock implements Clock {
    private static final long EPOCH_MILLIS = 1_800_000_000_000L;
    private static final long MILLION = 1_000_000;

    private final Timeline timeline;
    private final long startNanos;
    private final long ratePpm;
    private long wallOffsetMillis;

    /** @param ratePpm by how much it goes faster than time does, in millionths */
    SimClock(Timeline timeline, long startNanos, long ratePpm) {
        this.timeline = timeline;
        this.startNanos = startNanos;
        this.ratePpm = ratePpm;
    }

    @Override
    public long monotonicNanos() {
        return at(timeline.nowNanos());
    }

    @Override
    public long wallMillis() {
        return EPOCH_MILLIS + wallOffsetMillis + timeline.nowNanos() / Timeline.MILLI;
    }

    /** Somebody sets the wall clock. */
    void setWallOffsetMillis(long millis) {
        wallOffsetMillis = millis;
    }

    /** What this clock shows at a virtual time. */
    long at(long virtualNanos) {
        return startNanos + virtualNanos + virtualNanos / MILLION * ratePpm;
    }

    /** The virtual time from which on this clock shows that much or more; MAX_VALUE for MAX_VALUE. */
    long virtual(long clockNanos) {
        if (clockNanos == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        long virtual = Math.max(0, (long) ((clockNanos - startNanos) / (1 + ratePpm / (double) MILLION)) - 2_000);
        while (at(virtual) < clockNanos) {
            virtual += 1_000;
        }
        return virtual;
    }
}
