package io.quorate.server.raft;

/**
 * Whether the next entry waits a moment for more. Callers that were answered together come again together, one after the
 * other: an entry made for the first of them would make all others wait for the one after it, and an entry costs about as
 * much as fifty commands. So while callers still come, the proposer waits until all are there that were answered last or
 * wait already; few callers never wait. Guarded by the proposer's lock.
 */
final class Gathering {
    /** Fewer callers than this are never waited for. */
    static final int FEW = 8;

    /** With no further caller for this time, none is waited for any more: an answer takes about one to come back as a call. */
    static final long QUIET_NANOS = 2_000_000;

    /** The longest wait, however many still come. */
    static final long MOST_NANOS = 8_000_000;

    private int expected;
    private boolean waiting;
    private long sinceNanos;
    private int counted;
    private long countedNanos;

    /** An entry is done: its callers, who are answered now, and those that wait already will make the next one. */
    void expect(int callers) {
        expected = callers < FEW ? 0 : callers;
        waiting = false;
    }

    /** Whether an arrival that makes it {@code callers} ends the wait. */
    boolean isComplete(int callers) {
        return callers >= expected;
    }

    /**
     * How long to wait before the entry is made.
     *
     * @param callers that are there
     * @return nanoseconds; 0 = not at all
     */
    long remainingNanos(int callers, long nowNanos) {
        if (isComplete(callers)) {
            return 0;
        }
        if (!waiting) {
            waiting = true;
            sinceNanos = nowNanos;
            counted = -1;
        }
        if (callers > counted) {
            counted = callers;
            countedNanos = nowNanos;
        }
        long quiet = countedNanos + QUIET_NANOS - nowNanos;
        long most = sinceNanos + MOST_NANOS - nowNanos;
        return Math.max(0, Math.min(quiet, most));
    }
}
