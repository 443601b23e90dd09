package io.quorate.server.time;

/**
 * Wall time that does not go back by a little. Clocks are set right by seconds, and those of servers differ: without this a
 * rule with dates could begin, end and begin again around one instant.
 */
public final class WallTime {
    /** A step back by at most so much is waited out; a larger one is a correction, and taken as it is. */
    static final long SMALL_STEP_BACK_MILLIS = 60_000;

    private WallTime() {}

    /**
     * What counts as the wall time now: the reading of a clock, or the time that counted before while that is ahead by no
     * more than a minute. All in milliseconds since 1970.
     */
    public static long steady(long before, long reading) {
        return reading < before && before - reading <= SMALL_STEP_BACK_MILLIS ? before : reading;
    }
}
