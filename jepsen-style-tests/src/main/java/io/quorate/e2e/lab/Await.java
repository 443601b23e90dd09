package io.quorate.e2e.lab;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions. */
public final class Await {
    private static final long PAUSE_MILLIS = 20;

    private Await() {}

    /**
     * Waits until it is so.
     *
     * @throws LabException with what was waited for, when it is not so in time
     */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        until(() -> what, limit, condition);
    }

    /** The same, with a text made when the time is up. */
    public static void until(Supplier<String> what, Duration limit, BooleanSupplier condition) {
        if (!within(limit, condition)) {
            throw new LabException("not within " + limit.toMillis() / 1000.0 + " s: " + what.get());
        }
    }

    /** Whether it became so in time. */
    public static boolean within(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            pause(PAUSE_MILLIS);
        }
        return true;
    }

    /** Lets time pass: for cases whose point is that nothing happens during it. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
