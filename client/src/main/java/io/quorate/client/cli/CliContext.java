package io.quorate.client.cli;

import io.quorate.client.ClientConfig;
import io.quorate.client.ClientContexts;
import io.quorate.client.QuorateClient;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The world around one command line: streams, environment, terminal, clock. Tests give their own.
 *
 * @param out answers
 * @param err errors, questions and progress
 * @param input the standard input as bytes, for {@code -f -}
 * @param wallMillis the wall clock, for display only
 * @param interrupts what to run when the person presses Ctrl-C
 */
public record CliContext(
        PrintWriter out,
        PrintWriter err,
        InputStream input,
        Terminal terminal,
        Map<String, String> environment,
        ClientContexts contexts,
        Path directory,
        LongSupplier wallMillis,
        ZoneId zone,
        Interrupts interrupts) {

    /** Registers what is said when the process is told to end; thread-safe. */
    @FunctionalInterface
    public interface Interrupts {
        /** Closing the result takes the registration back. */
        Registration onInterrupt(Runnable action);
    }

    /** Ends a registration. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** The process's own streams, environment and clock. */
    public static CliContext ofSystem() {
        Map<String, String> environment = System.getenv();
        return new CliContext(
                new PrintWriter(System.out, false, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                System.in,
                Terminal.ofSystem(),
                environment,
                ClientContexts.ofSystem(environment),
                Path.of(""),
                System::currentTimeMillis,
                ZoneId.systemDefault(),
                CliContext::onShutdown);
    }

    /** A client for what the options, the environment and the configuration files name. */
    public QuorateClient connect(ClientOptions options) {
        ClientConfig config = contexts.resolve(options.endpoints(), options.context());
        return QuorateClient.create(options.timeout().map(config::within).orElse(config));
    }

    public long nowMillis() {
        return wallMillis.getAsLong();
    }

    private static Registration onShutdown(Runnable action) {
        Thread hook = new Thread(action, "quorate-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> remove(hook);
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is running: there is nothing to take back.
        }
    }
}
