package io.quorate.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks an HTTP service every few milliseconds on a thread of its own, and times the gap without answers. */
final class OutageClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMillis(250);
    private static final long PAUSE_MILLIS = 10;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final HttpRequest request;
    private final Thread thread = new Thread(this::poll, "bench-outage");
    private volatile boolean closed;
    private volatile long lastAnswer;
    private volatile @Nullable Duration outage;

    OutageClient(int port) {
        request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .timeout(TIMEOUT)
                .build();
        thread.setDaemon(true);
        thread.start();
    }

    private void poll() {
        boolean failed = false;
        try {
            while (!closed) {
                boolean answered = answers();
                long now = System.nanoTime();
                if (answered) {
                    if (failed && lastAnswer != 0 && outage == null) {
                        outage = Duration.ofNanos(now - lastAnswer);
                    }
                    failed = false;
                    lastAnswer = now;
                } else {
                    failed = true;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for the service to answer at all. */
    void awaitAnswers() throws InterruptedException {
        Await.answer("an answer of the service", LIMIT, () -> lastAnswer == 0 ? null : lastAnswer);
    }

    /** Waits for a gap to end and gives its length: from the last answer before to the first one after. */
    Duration awaitOutage() throws InterruptedException {
        return Await.answer("an outage and its end", LIMIT, () -> outage);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
