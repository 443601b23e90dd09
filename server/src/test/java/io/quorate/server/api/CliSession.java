package io.quorate.server.api;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Map;

/** A command line without a person at it. */
final class CliSession {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Cli cli;

    CliSession(ClientContexts contexts, String input) {
        cli = Cli.create(new CliContext(
                new PrintWriter(out),
                new PrintWriter(err, true),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new Nobody(),
                Map.of(),
                contexts,
                Path.of(""),
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> () -> {}));
    }

    int run(String... arguments) {
        return cli.run(arguments);
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    private static final class Nobody implements Terminal {
        @Override
        public boolean inputIsTerminal() {
            return false;
        }

        @Override
        public boolean outputIsTerminal() {
            return false;
        }

        @Override
        public String readLine() {
            return "";
        }
    }
}
