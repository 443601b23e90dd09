package io.quorate.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.raft.RaftPort;
import io.quorate.v1.GetStatusResponse;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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

    @Test
    void aRequestThatIsNeverFinishedIsGivenUp() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Socket[] slow = new Socket[MANY];
        try (HttpPort port = HttpPort.start(
                new InetSocketAddress(loopback, 0),
                nobody(),
                request -> CompletableFuture.completedFuture(GetStatusResponse.getDefaultInstance()),
                Duration.ofMillis(200))) {
            for (int i = 0; i < MANY; i++) {
                slow[i] = new Socket(loopback, port.port());
                slow[i].getOutputStream().write("GET /healthz HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            try (Socket quick = new Socket(loopback, port.port())) {
                quick.setSoTimeout(10_000);
                quick.getOutputStream()
                        .write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(quick.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200");
            }
        } finally {
            for (Socket socket : slow) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }
}
