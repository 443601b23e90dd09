package io.quorate.server.leader;

import io.quorate.server.leader.EventQueue.Timer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Agents' calls that came while nobody was known to lead. They wait here until somebody is, for a moment: sent away, each
 * agent would go around the servers, and hear of the new leader only at its next try. On the loop's thread only.
 */
final class UntilLed {
    /** Less than an agent waits for its answer. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final EventQueue queue;
    private final BooleanSupplier led;
    private final Map<Runnable, Timer> waiting = new LinkedHashMap<>();

    /** @param led whether somebody leads who can be asked, or can be named to the caller */
    UntilLed(EventQueue queue, BooleanSupplier led) {
        this.queue = queue;
        this.led = led;
    }

    /** Runs the call now when somebody leads, when too many wait, or else as soon as {@link #changed} finds that somebody does. */
    void run(Runnable call) {
        if (led.getAsBoolean() || waiting.size() >= EventQueue.MAX_WAITING_REQUESTS) {
            call.run();
            return;
        }
        waiting.put(call, queue.after(LONGEST_NANOS, "waited-for-leader", late -> {
            waiting.remove(call);
            call.run();
        }));
    }

    /** Who leads may have changed. */
    void changed() {
        if (led.getAsBoolean()) {
            releaseAll();
        }
    }

    /** Runs all that wait. */
    void releaseAll() {
        List<Runnable> calls = new ArrayList<>(waiting.keySet());
        waiting.values().forEach(Timer::cancel);
        waiting.clear();
        calls.forEach(Runnable::run);
    }
}
