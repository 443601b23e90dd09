package io.quorate.server.dev;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quorate.client.cli.CliContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code quorate example-server}: a real HTTP server on any machine that runs Quorate, for the examples and for first
 * steps. {@code GET /} answers which node serves, with which fencing token, from which process.
 */
@Command(
        name = "example-server",
        description = "A small HTTP server for the examples: GET / answers node, fencing token and process id.",
        mixinStandardHelpOptions = true)
public final class ExampleServer implements Callable<Integer> {
    private static final int ERROR = 1;

    private final CliContext context;

    @Option(names = "--port", defaultValue = "8088", description = "port to listen on (default: ${DEFAULT-VALUE})")
    private int port = 8088;

    @Option(
            names = "--bind",
            defaultValue = "127.0.0.1",
            description = "address to listen on (default: ${DEFAULT-VALUE})")
    private String bind = "127.0.0.1";

    public ExampleServer(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        HttpServer server;
        try {
            server = start(new InetSocketAddress(bind, port), System.getenv());
        } catch (IOException | IllegalArgumentException e) {
            context.err().println("error: cannot listen on " + bind + ":" + port + ": " + e.getMessage());
            return ERROR;
        }
        context.out().println("listening on " + server.getAddress());
        context.out().flush();
        // TERM ends the process: there is nothing to save.
        new CountDownLatch(1).await();
        return 0;
    }

    /**
     * Starts to serve; stop the result to end.
     *
     * @param environment what the agent tells a service: QUORATE_NODE, QUORATE_TOKEN
     * @throws IOException when the address is taken or not of this host
     */
    static HttpServer start(InetSocketAddress address, Map<String, String> environment) throws IOException {
        String node = environment.getOrDefault("QUORATE_NODE", hostName());
        String token = environment.getOrDefault("QUORATE_TOKEN", "none");
        String text = "node " + node + "\ntoken " + token + "\npid "
                + ProcessHandle.current().pid() + "\n";
        HttpServer server = HttpServer.create(address, 0);
        server.createContext("/", exchange -> answer(exchange, text));
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        try (exchange) {
            boolean get = exchange.getRequestMethod().equals("GET");
            boolean found = exchange.getRequestURI().getPath().equals("/");
            int status = !get ? 405 : found ? 200 : 404;
            byte[] body = (status == 200 ? text : "only GET / is served here\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
