package io.quorate.server.agent;

import io.quorate.server.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread and one queue. {@link #post} may be called from any thread; {@link #after} from the loop's own. An event that
 * throws ends the process of the agent through the given handler: its state can no longer be trusted, what it runs goes on.
 *
 * <p>A simulation starts no thread: it calls {@link #runUntilIdle} after each step, with a clock that it moves itself.
 */
final class EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(500).toNanos();

    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number));
    private final Clock clock;
    private final Thread thread;
    private final Runnable onDefect;
    private volatile boolean stopped;
    private long timerNumber;

    private record Timer(long atNanos, long number, Runnable event) {}

    EventLoop(Clock clock, Runnable onDefect) {
        this.clock = clock;
        this.onDefect = onDefect;
        this.thread = new Thread(this::run, "agent-loop");
    }

    void start() {
        thread.start();
    }

    void post(Runnable event) {
        queue.add(event);
    }

    void after(Duration delay, Runnable event) {
        timers.add(new Timer(clock.monotonicNanos() + delay.toNanos(), timerNumber++, event));
    }

    Clock clock() {
        return clock;
    }

    /** Ends the loop after the event at hand and waits for it. */
    void stop() {
        stopped = true;
        post(() -> {});
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopped) {
            try {
                runNext(LONGEST_WAIT_NANOS);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error defect) {
                defect(defect);
            }
        }
    }

    /** Runs all events and timers that are due, and what they cause; the number of them. */
    int runUntilIdle() throws InterruptedException {
        int events = 0;
        while (!stopped && runNext(0)) {
            events++;
        }
        return events;
    }

    /** When the next timer is due, on the loop's clock; MAX_VALUE: there is none. */
    long nextTimerNanos() {
        Timer timer = timers.peek();
        return timer == null ? Long.MAX_VALUE : timer.atNanos();
    }

    private boolean runNext(long longestWaitNanos) throws InterruptedException {
        Timer timer = timers.peek();
        long now = clock.monotonicNanos();
        if (timer != null && timer.atNanos() <= now) {
            timers.remove().event().run();
            return true;
        }
        long wait = timer == null ? longestWaitNanos : Math.min(longestWaitNanos, timer.atNanos() - now);
        @Nullable Runnable event = queue.poll(wait, TimeUnit.NANOSECONDS);
        if (event != null) {
            event.run();
        }
        return event != null;
    }

    /** Ends the process of the agent as an event that throws does. May be called from any thread. */
    void defect(Throwable defect) {
        LOG.error("agent defect, the process ends; what it runs goes on", defect);
        stopped = true;
        onDefect.run();
    }
}
