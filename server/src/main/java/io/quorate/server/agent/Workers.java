package io.quorate.server.agent;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what blocks beside the loop. Whatever becomes of a job, a result of it comes back as an event: nothing stays busy for
 * ever. May be used from any thread.
 */
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    private final EventLoop loop;
    private final Executor threads;

    /** What a worker does; it may throw what a worker's interruption throws. */
    interface Job<T> {
        T run() throws InterruptedException;
    }

    Workers(EventLoop loop, Executor threads) {
        this.loop = loop;
        this.threads = threads;
    }

    /**
     * @param otherwise the result of a job that has none, of what went wrong
     * @param then gets the result on the loop's thread
     */
    <T> void run(Job<T> job, Function<String, T> otherwise, Consumer<T> then) {
        threads.execute(() -> {
            T result = attempt(job, otherwise);
            loop.post(() -> then.accept(result));
        });
    }

    private <T> T attempt(Job<T> job, Function<String, T> otherwise) {
        try {
            return job.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return otherwise.apply("the agent ends");
        } catch (RuntimeException | Error e) {
            LOG.error("a job failed", e);
            if (e instanceof VirtualMachineError) {
                loop.defect(e);
            }
            return otherwise.apply(String.valueOf(e));
        }
    }
}
