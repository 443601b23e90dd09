package io.quorate.e2e.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands of the machine, each within a time. Safe for use by many threads. */
public final class Commands {
    private static final Duration SHORT = Duration.ofMinutes(1);

    private Commands() {}

    /**
     * What a command said.
     *
     * @param command as messages show it
     * @param output standard output
     * @param error standard error
     */
    public record Result(String command, int exitCode, String output, String error) {
        public boolean ok() {
            return exitCode == 0;
        }

        /** The command, its exit code and all that it said, for messages. */
        public String describe() {
            return command + " → exit " + exitCode + "\n" + (output + error).strip();
        }
    }

    public static Result run(Duration limit, List<String> command) {
        return run(limit, command, String.join(" ", command));
    }

    /**
     * Runs it and returns what it said; a command that takes longer is killed and is an error.
     *
     * @param shown how messages call it
     */
    static Result run(Duration limit, List<String> command, String shown) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            Reader output = new Reader(process.getInputStream());
            Reader error = new Reader(process.getErrorStream());
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new LabException(shown + " did not end within " + limit.toSeconds() + " s");
            }
            return new Result(shown, process.exitValue(), output.text(), error.text());
        } catch (IOException e) {
            throw new LabException("cannot run " + shown + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while running " + shown, e);
        }
    }

    public static Result run(String... command) {
        return run(SHORT, List.of(command));
    }

    /** Runs a command that must end with 0. */
    public static Result must(String... command) {
        Result result = run(command);
        if (!result.ok()) {
            throw new LabException(result.describe());
        }
        return result;
    }

    /** Reads a stream to its end, so that the command never waits for its reader. */
    private static final class Reader {
        private static final int PATIENCE_MILLIS = 2_000;

        private final Thread thread;
        private volatile String text = "";

        Reader(InputStream stream) {
            thread = new Thread(() -> read(stream), "command-output");
            thread.setDaemon(true);
            thread.start();
        }

        private void read(InputStream stream) {
            try (stream) {
                text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                text = "(output lost: " + e.getMessage() + ")";
            }
        }

        /** A process left behind may hold the stream open: its output is not waited for. */
        String text() throws InterruptedException {
            thread.join(PATIENCE_MILLIS);
            return text;
        }
    }
}
