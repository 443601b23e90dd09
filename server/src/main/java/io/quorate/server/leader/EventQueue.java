package io.quorate.server.leader;

import io.quorate.server.time.Clock;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One queue of named events and the timers that feed it. {@link #post} may be called from any thread; everything else
 * belongs to the one thread that runs the events. Time is the injected clock's monotonic time.
 */
final class EventQueue {

    /** Requests from outside that may wait at once; beyond it they are turned away (I14). */
    static final int MAX_WAITING_REQUESTS = 10_000;

    /** A livelock in a deterministic test ends here instead of hanging. */
    private static final int MAX_EVENTS_PER_RUN = 1_000_000;

    /** What a timer does; told how late it was. */
    interface TimerAction {
        void fire(long lateNanos);
    }

    /** A timer that can be cancelled before it fires. */
    static final class Timer implements Comparable<Timer> {
        private final long dueNanos;
        private final long sequence;
        private final String name;
        private final TimerAction action;
        private boolean cancelled;

        private Timer(long dueNanos, long sequence, String name, TimerAction action) {
            this.dueNanos = dueNanos;
            this.sequence = sequence;
            this.name = name;
            this.action = action;
        }

        void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Timer other) {
            int byDue = Long.compare(dueNanos - other.dueNanos, 0);
            return byDue != 0 ? byDue : Long.compare(sequence, other.sequence);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private record Event(String name, Runnable action, boolean request) {}

    private final Clock clock;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger waitingRequests = new AtomicInteger();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private long nextSequence;
    private String current = "idle";

    EventQueue(Clock clock) {
        this.clock = clock;
    }

    /** Adds an event that completes something this process began: never refused. Any thread. */
    void post(String name, Runnable action) {
        events.add(new Event(name, action, false));
    }

    /** Adds a request from outside. Any thread. False: too many are waiting, nothing was added. */
    boolean postRequest(String name, Runnable action) {
        if (waitingRequests.incrementAndGet() > MAX_WAITING_REQUESTS) {
            waitingRequests.decrementAndGet();
            return false;
        }
        events.add(new Event(name, action, true));
        return true;
    }

    /** Runs the action once, after the delay. */
    Timer after(long delayNanos, String name, TimerAction action) {
        Timer timer = new Timer(clock.monotonicNanos() + Math.max(0, delayNanos), nextSequence++, name, action);
        timers.add(timer);
        return timer;
    }

    /** Runs everything that is due, including what it causes; the number of them. */
    int runUntilIdle() {
        for (int count = 0; count < MAX_EVENTS_PER_RUN; count++) {
            if (!runOne()) {
                return count;
            }
        }
        throw new IllegalStateException("the event loop does not come to rest; last event: " + current);
    }

    /** Waits for the next event or timer, at most the given time, and runs it. */
    void awaitAndRunOne(long maxWaitNanos) throws InterruptedException {
        if (runOne()) {
            return;
        }
        Event event = events.poll(Math.min(maxWaitNanos, nanosToNextTimer(maxWaitNanos)), TimeUnit.NANOSECONDS);
        if (event != null) {
            run(event);
        }
    }

    /** When the next timer is due, on the clock; MAX_VALUE: there is none. */
    long nextTimerNanos() {
        Timer timer = nextTimer();
        return timer == null ? Long.MAX_VALUE : timer.dueNanos;
    }

    /** The name of the event that runs, or ran last: for logs. */
    String current() {
        return current;
    }

    private boolean runOne() {
        // Events before timers: a renewal that has arrived is seen before the timer that would call its node silent.
        Event event = events.poll();
        if (event != null) {
            run(event);
            return true;
        }
        Timer timer = nextTimer();
        if (timer == null) {
            return false;
        }
        long late = clock.monotonicNanos() - timer.dueNanos;
        if (late < 0) {
            return false;
        }
        timers.remove();
        current = timer.name;
        timer.action.fire(late);
        return true;
    }

    private void run(Event event) {
        if (event.request) {
            waitingRequests.decrementAndGet();
        }
        current = event.name;
        event.action.run();
    }

    private @Nullable Timer nextTimer() {
        Timer timer = timers.peek();
        while (timer != null && timer.cancelled) {
            timers.remove();
            timer = timers.peek();
        }
        return timer;
    }

    private long nanosToNextTimer(long otherwise) {
        Timer timer = nextTimer();
        return timer == null ? otherwise : Math.max(0, timer.dueNanos - clock.monotonicNanos());
    }
}
