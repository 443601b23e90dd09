package io.quorate.server.verb;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;

/** Runs verbs in a directory that stands for a host, and catches what they say. */
final class VerbRun {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Path host;

    VerbRun(Path host) {
        this.host = host;
    }

    private CliContext context() {
        return new CliContext(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                Map.of(),
                new ClientContexts(Map.of(), List.of()),
                host,
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> () -> {});
    }

    int run(Function<CliContext, Callable<Integer>> verb, String... arguments) {
        return new CommandLine(verb.apply(context()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    @Override
    public String toString() {
        return out() + err();
    }
}
