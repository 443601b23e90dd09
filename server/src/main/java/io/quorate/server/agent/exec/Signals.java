package io.quorate.server.agent.exec;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Signals to processes that are not our children. */
final class Signals {
    private static final long POLL_MILLIS = 5;

    private Signals() {}

    static void terminate(List<ProcessIdentity> processes) {
        processes.forEach(process -> handle(process, false));
    }

    /** Kills what the source lists until it lists nothing: what forks meanwhile is found by the next look. */
    static boolean killUntilEmpty(Supplier<List<ProcessIdentity>> source, Duration patience) {
        return await(
                () -> {
                    List<ProcessIdentity> left = source.get();
                    left.forEach(process -> handle(process, true));
                    return left.isEmpty();
                },
                patience);
    }

    /** Polls until the condition holds; false when it did not within that time or this thread was interrupted. */
    static boolean await(BooleanSupplier condition, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private static void handle(ProcessIdentity process, boolean force) {
        if (process.pid() == ProcessHandle.current().pid() || !process.alive()) {
            return;
        }
        ProcessHandle.of(process.pid()).ifPresent(handle -> {
            // A false answer means gone meanwhile or not ours to signal: callers look again and report what is left.
            boolean unused = force ? handle.destroyForcibly() : handle.destroy();
        });
    }
}
