package io.quorate.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExampleServerTest {
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = ExampleServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Map.of("QUORATE_NODE", "n2", "QUORATE_TOKEN", "281474976710670"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void itSaysWhereItRunsAndWithWhichToken() throws Exception {
        HttpResponse<String> answer = get("/");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo("node n2\ntoken 281474976710670\npid "
                        + ProcessHandle.current().pid() + "\n");
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        assertThat(get("/other").statusCode()).isEqualTo(404);
    }

    @Test
    void aTakenPortIsRefused() {
        assertThatThrownBy(() -> ExampleServer.start(server.getAddress(), Map.of()))
                .isInstanceOf(IOException.class);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
