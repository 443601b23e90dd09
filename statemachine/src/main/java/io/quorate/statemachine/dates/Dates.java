package io.quorate.statemachine.dates;

import io.quorate.v1.DateCondition;

/**
 * When a condition of dates holds. All times are milliseconds of wall time since 1970, UTC; a condition changes at whole
 * seconds only.
 */
public final class Dates {
    /** There is no change any more. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How far ahead a change is looked for: ten years, in which there is at least one leap day. */
    public static final long HORIZON_MILLIS = 3_660L * 24 * 3600 * 1000;

    private static final long MILLIS = 1000;

    private Dates() {}

    /** Whether it holds at that time. One that says nothing always does. */
    public static boolean hold(DateCondition condition, long wallMillis) {
        long second = Math.floorDiv(wallMillis, MILLIS);
        return second >= begin(condition) && second < end(condition) && new Recurrence(condition).holds(second);
    }

    /**
     * Until when it goes on to hold, or not to hold: the first change after that time. Where there is none within
     * {@link #HORIZON_MILLIS} of where the search begins, which is that time or the beginning of the condition, this is
     * the end of the search; where there will never be one, {@link #NEVER}.
     */
    public static long nextChange(DateCondition condition, long wallMillis) {
        long second = Math.floorDiv(wallMillis, MILLIS);
        long begin = begin(condition);
        long end = end(condition);
        long from = Math.max(second, begin);
        if (from >= end) {
            return NEVER;
        }
        Recurrence recurrence = new Recurrence(condition);
        boolean holds = recurrence.holds(from);
        if (from > second && holds) {
            return from * MILLIS;
        }
        long change = recurrence.nextChange(from, HORIZON_MILLIS / MILLIS);
        long next = holds ? Math.min(change, end) : change < end ? change : NEVER;
        return next == NEVER ? NEVER : next * MILLIS;
    }

    private static long begin(DateCondition condition) {
        return condition.hasAfter() ? condition.getAfter().getSeconds() : Long.MIN_VALUE;
    }

    private static long end(DateCondition condition) {
        if (condition.hasBefore()) {
            return condition.getBefore().getSeconds();
        }
        return condition.hasAfter() && condition.hasDuration()
                ? begin(condition) + condition.getDuration().getSeconds()
                : NEVER;
    }
}
