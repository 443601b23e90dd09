package io.quorate.server.agent.exec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.quorate.server.time.Clock;
import io.quorate.v1.HealthCheck;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A check ends in its time, whatever it asks. */
class HealthProbeTest {
    /** Where it is not the time that is looked at. */
    private static final Duration PATIENT = Duration.ofSeconds(20);

    private final HealthProbe probe = new HealthProbe(new SystemProcessRunner(Clock.system()));

    private Optional<String> check(int port, Duration timeout) throws InterruptedException {
        ProcessSpec unused =
                ProcessSpec.of(List.of("/bin/true"), Map.of(), Duration.ZERO, Optional.empty(), Path.of("/dev/null"));
        HealthCheck check = HealthCheck.newBuilder()
                .setHttpUrl("http://127.0.0.1:" + port + "/health")
                .setTimeout(Durations.fromMillis(timeout.toMillis()))
                .build();
        return probe.check(check, unused);
    }

    /** Reads one request, answers it so, and reads on until the asker has closed the connection. */
    private static CompletableFuture<Void> answer(ServerSocket server, String answer) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (Socket socket = server.accept();
                            InputStream requests = socket.getInputStream()) {
                        readHead(requests);
                        socket.getOutputStream().write(answer.getBytes(US_ASCII));
                        requests.transferTo(java.io.OutputStream.nullOutputStream());
                    } catch (java.io.IOException reset) {
                        // Closed the hard way, which is as good.
                    }
                    closed.complete(null);
                },
                "answer");
        thread.setDaemon(true);
        thread.start();
        return closed;
    }

    private static void readHead(InputStream request) throws java.io.IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = request.read();
            if (next < 0) {
                throw new java.io.EOFException("closed before the end of the request's head");
            }
            head.append((char) next);
        }
    }

    @Test
    @Timeout(30)
    void aServerThatNeverEndsItsBodyIsUnhealthyInTimeAndItsConnectionIsClosed() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> closed = answer(server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nalmost");
            assertThat(check(server.getLocalPort(), Duration.ofMillis(500)))
                    .hasValueSatisfying(wrong -> assertThat(wrong).contains("no whole answer within 500 ms"));
            closed.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void theStatusOfAWholeAnswerDecides() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var unused = answer(server, "HTTP/1.1 204 No Content\r\n\r\n");
            assertThat(check(server.getLocalPort(), PATIENT)).isEmpty();
        }
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var unused = answer(server, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
            assertThat(check(server.getLocalPort(), PATIENT))
                    .hasValueSatisfying(wrong -> assertThat(wrong).endsWith("answered 503"));
        }
    }
}
