package io.quorate.jepsen.sim;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: what is to happen, in order. Of two events at the same time the one that was planned first comes first. */
final class Timeline {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
    private long nowNanos;
    private long number;

    private record Event(long atNanos, long number, Runnable action) {}

    long nowNanos() {
        return nowNanos;
    }

    /** Has something happen later; never before what happens now. */
    void after(long delayNanos, Runnable action) {
        events.add(new Event(nowNanos + Math.max(0, delayNanos), number++, action));
    }

    /** When the next event is; MAX_VALUE: nothing is planned. */
    long nextNanos() {
        Event next = events.peek();
        return next == null ? Long.MAX_VALUE : next.atNanos();
    }

    /** Goes on to that time, at which nothing that is planned may be overdue. */
    void advanceTo(long nanos) {
        if (nanos < nowNanos || nanos > nextNanos()) {
            throw new IllegalArgumentException("from " + nowNanos + " to " + nanos + ", next is " + nextNanos());
        }
        nowNanos = nanos;
    }

    /** Lets happen what is due now; the number of events. */
    int runDue() {
        int count = 0;
        while (nextNanos() <= nowNanos) {
            events.remove().action().run();
            count++;
        }
        return count;
    }
}
