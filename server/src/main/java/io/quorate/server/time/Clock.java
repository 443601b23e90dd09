package io.quorate.server.time;

/** The clocks of this machine. Thread-safe. Everything that waits, ages or stamps takes one of these. */
public interface Clock {

    /** Nanoseconds of a clock that never goes back and whose zero means nothing: only differences count. */
    long monotonicNanos();

    /** Milliseconds since 1970, for display and date rules only: it may jump. */
    long wallMillis();

    /** Milliseconds since {@code sinceNanos}, a former answer of {@link #monotonicNanos()}. */
    default long millisSince(long sinceNanos) {
        return (monotonicNanos() - sinceNanos) / 1_000_000;
    }

    /** The real clocks. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}
