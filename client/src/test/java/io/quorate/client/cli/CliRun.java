package io.quorate.client.cli;

import io.quorate.client.ClientContexts;
import io.quorate.client.FakeServer;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Runs command lines with given input and catches what they print. The clock stands still. */
final class CliRun {
    static final long NOW_MILLIS = Instant.parse("2026-11-21T03:04:11Z").toEpochMilli();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Deque<String> typed = new ArrayDeque<>();
    private final List<Runnable> interrupts = new CopyOnWriteArrayList<>();
    private final Map<String, String> environment;
    private Path directory = Path.of("");
    private boolean terminal;
    private String input = "";

    CliRun(FakeServer server) {
        this.environment = Map.of("QUORATE_ENDPOINTS", server.endpoint().toString());
    }

    CliRun() {
        this.environment = Map.of("QUORATE_ENDPOINTS", "127.0.0.1:1");
    }

    /** A person who types these lines. */
    CliRun typing(String... lines) {
        terminal = true;
        typed.addAll(List.of(lines));
        return this;
    }

    CliRun input(String text) {
        input = text;
        return this;
    }

    CliRun in(Path newDirectory) {
        directory = newDirectory;
        return this;
    }

    int run(String... arguments) {
        return cli().run(arguments);
    }

    Cli cli() {
        return Cli.create(new CliContext(
                new PrintWriter(out),
                new PrintWriter(err, true),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new FakeTerminal(),
                environment,
                new ClientContexts(environment, List.of()),
                directory,
                () -> NOW_MILLIS,
                ZoneOffset.UTC,
                action -> {
                    interrupts.add(action);
                    return () -> interrupts.remove(action);
                }));
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    /** What Ctrl-C would do now. */
    List<Runnable> interrupts() {
        return interrupts;
    }

    private final class FakeTerminal implements Terminal {
        @Override
        public boolean inputIsTerminal() {
            return terminal;
        }

        @Override
        public boolean outputIsTerminal() {
            return terminal;
        }

        @Override
        public String readLine() {
            return typed.poll();
        }
    }
}
