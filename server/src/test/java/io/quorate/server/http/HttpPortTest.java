package io.quorate.server.http;

import io.quorate.server.raft.RaftPort;
import io.quorate.v1.GetStatusResponse;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Slow clients do not keep the threads of the HTTP port. */
class HttpPortTest {
    private static final int MANY = 8;

    private static RaftPort nobody() {
        return (RaftPort) Proxy.newProxyInstance(
                HttpPortTest.class.getClassLoader(), new Class<?>[] {RaftPort.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("a health check asks nobody: " + method);
                });
    }

    private static String quickAnswer(InetAddress host, int port) throws IOException {
        try (Socket quick = new Socket(host, port)) {
            quick.setSoTimeout(30_000);
            quick.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(quick.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void aRequestThatIsNeverFinishedIsGivenUp() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Socket[] slow = new Socket[MANY];
        try (HttpPort port = HttpPort.start(
                new InetSocketAddress(loopback, 0),
                nobody(),
                request -> CompletableFuture.completedFuture(GetStatusResponse.getDefaultInstance()),
                Duration.ofSeconds(2))) {
            for (int i = 0; i < MANY; i++) {
                slow[i] = new Socket(loopback, port.port());
                slow[i].getOutputStream().write("GET /healthz HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            // A machine that stalls may make this one slow, too: then the next is quick.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> quickAnswer(loopback, port.port()).startsWith("HTTP/1.1 200"));
        } finally {
            for (Socket socket : slow) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }
}
