package io.quorate.client;

/** What kind of failure a call ended with, and the exit code that stands for it. */
public enum Category {
    /** Something else: a defect, an answer that this client does not understand. */
    ERROR(1),
    /** The request itself is wrong. */
    INVALID(2),
    NOT_FOUND(3),
    /** A compare and set lost: the object moved since it was read. */
    CONFLICT(4),
    /** Definitely not done: no quorum, no server reachable, too busy. */
    UNAVAILABLE(5),
    /** Definitely not done: a safety rule, a limit or the authorization says no. */
    REFUSED(6),
    /** The waiting ended, the work goes on. */
    TIMED_OUT(7),
    /** Nobody knows whether it was done; the request id says how to find out. */
    OUTCOME_UNKNOWN(9);

    private final int exitCode;

    Category(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
