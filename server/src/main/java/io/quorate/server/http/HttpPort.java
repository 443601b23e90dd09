package io.quorate.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quorate.server.raft.RaftPort;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Health checks and a read-only status over HTTP. Nothing can be changed here. Beyond loopback only the health checks
 * are served; requests under a foreign host name are refused, because a web page could have sent them (DNS rebinding).
 */
public final class HttpPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);
    private static final Duration READY_CONTACT = Duration.ofSeconds(3);
    private static final int THREADS = 4;
    private static final int BACKLOG = 64;
    private static final long STATUS_SECONDS = 5;

    /** A client that sends its request slowly, or takes its answer slowly, has a thread for no longer. */
    private static final Duration LONGEST_REQUEST = Duration.ofSeconds(10);

    private final HttpServer server;
    private final ExecutorService threads;
    private final ScheduledExecutorService timer;
    private final Duration longestRequest;
    private final RaftPort raft;
    private final Function<GetStatusRequest, CompletableFuture<GetStatusResponse>> status;

    /** What a path answers. */
    private record Answer(int code, String type, String body) {
        static Answer text(int code, String body) {
            return new Answer(code, "text/plain; charset=utf-8", body + "\n");
        }
    }

    /** Serves until it is closed. */
    public static HttpPort start(
            InetSocketAddress address,
            RaftPort raft,
            Function<GetStatusRequest, CompletableFuture<GetStatusResponse>> status)
            throws IOException {
        return start(address, raft, status, LONGEST_REQUEST);
    }

    static HttpPort start(
            InetSocketAddress address,
            RaftPort raft,
            Function<GetStatusRequest, CompletableFuture<GetStatusResponse>> status,
            Duration longestRequest)
            throws IOException {
        return new HttpPort(address, raft, status, longestRequest);
    }

    private HttpPort(
            InetSocketAddress address,
            RaftPort raft,
            Function<GetStatusRequest, CompletableFuture<GetStatusResponse>> status,
            Duration longestRequest)
            throws IOException {
        this.raft = raft;
        this.status = status;
        this.longestRequest = longestRequest;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException("the HTTP port " + address + " cannot be had: " + e.getMessage(), e);
        }
        threads = Executors.newFixedThreadPool(THREADS, HttpPort::daemon);
        timer = Executors.newSingleThreadScheduledExecutor(HttpPort::daemon);
        server.setExecutor(request -> threads.execute(() -> bounded(request)));
        server.createContext("/healthz", exchange -> serve(exchange, this::health));
        server.createContext("/readyz", exchange -> serve(exchange, this::ready));
        if (address.getAddress().isLoopbackAddress()) {
            server.createContext("/v1/status", exchange -> serve(exchange, this::statusJson));
        }
        server.start();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "http");
        thread.setDaemon(true);
        return thread;
    }

    /** An interrupt closes the connection that the thread waits for. */
    private void bounded(Runnable request) {
        Thread thread = Thread.currentThread();
        ScheduledFuture<?> late = timer.schedule(thread::interrupt, longestRequest.toMillis(), TimeUnit.MILLISECONDS);
        try {
            request.run();
        } finally {
            late.cancel(false);
            boolean unused = Thread.interrupted();
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private interface Page {
        Answer answer() throws IOException;
    }

    private void serve(HttpExchange exchange, Page page) throws IOException {
        try (exchange) {
            Answer answer;
            if (!isOwnHost(exchange.getRequestHeaders().getFirst("Host"), exchange.getLocalAddress())) {
                answer = Answer.text(421, "this is not the host that was asked for");
            } else if (!exchange.getRequestURI()
                    .getPath()
                    .equals(exchange.getHttpContext().getPath())) {
                answer = Answer.text(404, "not found");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                answer = Answer.text(405, "only GET");
            } else {
                answer = page.answer();
            }
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            exchange.getResponseHeaders().set("Content-Security-Policy", "default-src 'none'");
            exchange.sendResponseHeaders(answer.code(), body.length);
            exchange.getResponseBody().write(body);
        } catch (RuntimeException e) {
            LOG.warn("an HTTP request failed", e);
            throw e;
        }
    }

    /** An address, or localhost, or the address that the connection came to; never another name. */
    static boolean isOwnHost(@Nullable String host, InetSocketAddress local) {
        if (host == null) {
            return false;
        }
        try {
            String name = new URI("http://" + host).getHost();
            if (name == null) {
                return false;
            }
            String bare = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
            boolean isAddress = bare.matches("[0-9.]+") || bare.indexOf(':') >= 0;
            return bare.equals("localhost")
                    || (isAddress && InetAddress.getByName(bare).equals(local.getAddress()));
        } catch (URISyntaxException | IOException e) {
            return false;
        }
    }

    private Answer health() {
        return Answer.text(200, "ok");
    }

    private Answer ready() {
        boolean hasLeader = raft.leadership().leaderId().isPresent();
        Duration silence = raft.sinceLeaderContact();
        return hasLeader && silence.compareTo(READY_CONTACT) < 0
                ? Answer.text(200, "ready")
                : Answer.text(503, "no leader for " + silence.toMillis() + " ms");
    }

    private Answer statusJson() throws IOException {
        GetStatusRequest stale = GetStatusRequest.newBuilder()
                .setRead(ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE))
                .build();
        try {
            GetStatusResponse answer = status.apply(stale).get(STATUS_SECONDS, TimeUnit.SECONDS);
            return new Answer(
                    200,
                    "application/json",
                    JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(answer) + "\n");
        } catch (ExecutionException | TimeoutException | InvalidProtocolBufferException e) {
            return Answer.text(503, "no status: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.text(503, "stopping");
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        timer.shutdownNow();
    }
}
