package io.quorate.server.agent.exec;

import io.quorate.server.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Signals to processes that are not our children. */
final class Signals {
    private static final long POLL_MILLIS = 5;

    /** What is waited for is the kernel: no other clock can say when it is late. */
    private static final Clock CLOCK = Clock.system();

    private Signals() {}

    static void terminate(List<ProcessIdentity> processes) {
        processes.forEach(process -> handle(process, false));
    }

    static void kill(List<ProcessIdentity> processes) {
        processes.forEach(process -> handle(process, true));
    }

    /** Kills what the source lists until it lists nothing: what forks meanwhile is found by the next look. */
    static boolean killUntilEmpty(Supplier<List<ProcessIdentity>> source, Duration patience) {
        return await(
                () -> {
                    List<ProcessIdentity> left = source.get();
                    kill(left);
                    return left.isEmpty();
                },
                patience);
    }

    /** Polls until the condition holds; false when it did not within that time or this thread was interrupted. */
    static boolean await(BooleanSupplier condition, Duration patience) {
        long deadline = CLOCK.monotonicNanos() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (CLOCK.monotonicNanos() - deadline >= 0) {
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
