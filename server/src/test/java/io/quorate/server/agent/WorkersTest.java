package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.time.FakeClock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each job comes back, whatever becomes of it. */
class WorkersTest {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final EventLoop loop = new EventLoop(new FakeClock(), () -> ended.complete(null));
    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final Workers workers = new Workers(loop, threads);

    @BeforeEach
    void start() {
        loop.start();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        loop.stop();
    }

    private String result(Workers.Job<String> job) throws Exception {
        CompletableFuture<String> result = new CompletableFuture<>();
        workers.run(job, failure -> "failed: " + failure, result::complete);
        return result.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aJobThatThrowsAnythingStillHasAResult() throws Exception {
        assertThat(result(() -> "done")).isEqualTo("done");
        assertThat(result(() -> {
                    throw new IllegalStateException("cell");
                }))
                .startsWith("failed: ")
                .endsWith("cell");
        assertThat(result(() -> {
                    throw new NoClassDefFoundError("Missing");
                }))
                .startsWith("failed: ");
        assertThat(result(() -> {
                    throw new InterruptedException();
                }))
                .isEqualTo("failed: the agent ends");
        assertThat(ended).isNotDone();
    }

    @Test
    void aMachineThatHasNoMemoryLeftEndsTheAgentAsADefectOfTheLoopDoes() throws Exception {
        workers.run(
                () -> {
                    throw new OutOfMemoryError("of the test");
                },
                failure -> failure,
                failure -> {});
        ended.get(10, TimeUnit.SECONDS);
    }
}
