package io.quorate.server.agent.exec;

import io.quorate.v1.HealthCheck;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One look at the health of a supervised command: HTTP, TCP, or a command of its own. */
final class HealthProbe {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

    private final ProcessRunner runner;
    private final HttpClient http;

    HealthProbe(ProcessRunner runner) {
        this.runner = runner;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Empty when healthy, otherwise what is wrong. */
    Optional<String> check(HealthCheck check, ProcessSpec commandTemplate) throws InterruptedException {
        Duration timeout = timeout(check);
        return switch (check.getCheckCase()) {
            case HTTP_URL -> http(check.getHttpUrl(), timeout);
            case TCP_ADDRESS -> tcp(check.getTcpAddress(), timeout);
            case COMMAND -> command(check, commandTemplate, timeout);
            case CHECK_NOT_SET -> Optional.empty();
        };
    }

    static Duration timeout(HealthCheck check) {
        return check.hasTimeout() ? Durations.of(check.getTimeout()) : DEFAULT_TIMEOUT;
    }

    /** The timeout of a request ends with its headers; this one bounds the whole answer. */
    private Optional<String> http(String url, Duration timeout) throws InterruptedException {
        CompletableFuture<HttpResponse<Void>> answer = new CompletableFuture<>();
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).GET().build();
            answer = http.sendAsync(request, HttpResponse.BodyHandlers.discarding());
            int status = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS).statusCode();
            return status >= 200 && status < 400 ? Optional.empty() : Optional.of(url + " answered " + status);
        } catch (TimeoutException e) {
            return Optional.of(url + ": no whole answer within " + timeout.toMillis() + " ms");
        } catch (ExecutionException | IllegalArgumentException e) {
            return Optional.of(url + ": " + describe(e));
        } finally {
            // Ends the exchange of one that did not answer; one that did is not touched.
            answer.cancel(true);
        }
    }

    private static Optional<String> tcp(String address, Duration timeout) {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            int port = Integer.parseInt(address.substring(colon + 1));
            socket.connect(new InetSocketAddress(address.substring(0, colon), port), (int) timeout.toMillis());
            return Optional.empty();
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.of(address + ": " + describe(e));
        }
    }

    private Optional<String> command(HealthCheck check, ProcessSpec template, Duration timeout)
            throws InterruptedException {
        ProcessSpec spec = new ProcessSpec(
                check.getCommand().getArgvList(),
                template.environment(),
                template.workingDirectory(),
                template.umask(),
                "",
                timeout,
                template.cell(),
                template.output());
        try {
            ProcessResult result = runner.run(spec, started -> {});
            if (result.timedOut()) {
                return Optional.of("health command did not end within " + timeout.toMillis() + " ms");
            }
            return result.exitCode() == 0
                    ? Optional.empty()
                    : Optional.of("health command: exit code " + result.exitCode() + " "
                            + result.tail().strip());
        } catch (IOException e) {
            return Optional.of("health command: " + describe(e));
        } finally {
            template.cell().ifPresent(cell -> cell.killAll(Duration.ofSeconds(5)));
        }
    }

    private static String describe(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
