package io.quorate.jepsen.sim;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that block, in virtual time: each has a thread of its own, and exactly one thread of a simulation runs at any moment,
 * which one is decided by the timeline. So what blocks is as deterministic as everything else.
 */
final class Fibers {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fiber");
        thread.setDaemon(true);
        return thread;
    });

    private static final long PAUSED_NANOS = 20 * Timeline.MILLI;

    private final Timeline timeline;
    private @Nullable Fiber current;

    Fibers(Timeline timeline) {
        this.timeline = timeline;
    }

    /** One job and its thread. */
    private static final class Fiber {
        private final Semaphore mine = new Semaphore(0);
        private final Semaphore others = new Semaphore(0);
        private boolean ended;
        private boolean killed;
        private @Nullable Throwable failure;

        /** What it waits for, by number: an event that comes too late wakes nobody. */
        private long wait;
    }

    /** Jobs of one process: they end with it. */
    final class Group {
        private final Set<Fiber> fibers = new LinkedHashSet<>();
        private boolean closed;
        private boolean paused;

        /** Runs a job from now on; nothing when the process is gone. */
        void start(Runnable job) {
            if (closed) {
                return;
            }
            Fiber fiber = new Fiber();
            fibers.add(fiber);
            THREADS.execute(() -> {
                fiber.mine.acquireUninterruptibly();
                try {
                    if (!fiber.killed) {
                        job.run();
                    }
                } catch (RuntimeException | Error e) {
                    fiber.failure = e;
                } finally {
                    fiber.ended = true;
                    fiber.others.release();
                }
            });
            resume(fiber);
        }

        /** The process stands still: its jobs go on when it does. */
        void pause(boolean pause) {
            paused = pause;
        }

        /** The process is gone: what its jobs wait for never comes. */
        void kill() {
            closed = true;
            for (Fiber fiber : new HashSet<>(fibers)) {
                fiber.killed = true;
                if (fiber != current) {
                    resume(fiber);
                }
            }
        }

        private void resume(Fiber fiber) {
            if (fiber.ended) {
                return;
            }
            Fiber before = current;
            current = fiber;
            fiber.mine.release();
            fiber.others.acquireUninterruptibly();
            current = before;
            if (fiber.ended) {
                fibers.remove(fiber);
                if (fiber.failure != null && !fiber.killed) {
                    throw new IllegalStateException("a job failed", fiber.failure);
                }
            }
        }

        /** Lets time pass for the job that calls it. */
        void sleep(long nanos) throws InterruptedException {
            Fiber fiber = running();
            long wait = ++fiber.wait;
            timeline.after(nanos, () -> wake(fiber, wait));
            park(fiber);
        }

        /** Has the job that calls it wait for an answer. */
        <T> T await(CompletableFuture<T> answer) throws InterruptedException, ExecutionException {
            if (!answer.isDone()) {
                Fiber fiber = running();
                long wait = ++fiber.wait;
                var unused = answer.whenComplete((value, failure) -> timeline.after(0, () -> wake(fiber, wait)));
                park(fiber);
            }
            return answer.get();
        }

        private void wake(Fiber fiber, long wait) {
            if (fiber.wait == wait && paused) {
                timeline.after(PAUSED_NANOS, () -> wake(fiber, wait));
            } else if (fiber.wait == wait) {
                resume(fiber);
            }
        }
    }

    private Fiber running() {
        Fiber fiber = current;
        if (fiber == null) {
            throw new IllegalStateException("only a job may wait");
        }
        return fiber;
    }

    private static void park(Fiber fiber) throws InterruptedException {
        if (!fiber.killed) {
            fiber.others.release();
            fiber.mine.acquireUninterruptibly();
        }
        if (fiber.killed) {
            throw new InterruptedException("the process is gone");
        }
    }
}
