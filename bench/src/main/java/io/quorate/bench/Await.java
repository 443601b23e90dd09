package io.quorate.bench;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for conditions of other processes. */
final class Await {
    private static final long LOOK_AGAIN_MILLIS = 50;

    private Await() {}

    /** Asks until the answer is not null. A failed question is asked again; the last failure is told at the end. */
    static <T> T answer(String what, Duration limit, Supplier<@Nullable T> question) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        String last = "";
        while (System.nanoTime() < deadline) {
            try {
                T answer = question.get();
                if (answer != null) {
                    return answer;
                }
            } catch (RuntimeException e) {
                last = ": " + e.getMessage();
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        throw new IllegalStateException(what + " did not happen within " + limit.toSeconds() + " s" + last);
    }
}
