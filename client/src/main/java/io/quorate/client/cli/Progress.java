package io.quorate.client.cli;

import io.quorate.client.cli.text.Times;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lines on the terminal while something is waited for: at each change, and every 5 seconds with the time so far. */
public final class Progress implements AutoCloseable {
    private static final long EVERY_SECONDS = 5;

    private final CliContext cli;
    private final boolean shown;
    private final long startNanos = System.nanoTime();
    private @Nullable ScheduledExecutorService ticker;
    private String line = "";

    private Progress(CliContext cli, boolean shown) {
        this.cli = cli;
        this.shown = shown;
    }

    /** Shows nothing when the output is not a terminal or nobody wants it. */
    public static Progress start(CliContext cli, ClientOptions options) {
        boolean shown = options.progress() && cli.terminal().outputIsTerminal();
        Progress progress = new Progress(cli, shown);
        if (shown) {
            ScheduledThreadPoolExecutor ticker = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "quorate-progress");
                thread.setDaemon(true);
                return thread;
            });
            var unused = ticker.scheduleAtFixedRate(progress::tick, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
            progress.ticker = ticker;
        }
        return progress;
    }

    /** What it waits for now. */
    public synchronized void now(String text) {
        if (!text.equals(line)) {
            line = text;
            if (shown) {
                cli.err().println("  " + text + " …");
            }
        }
    }

    private synchronized void tick() {
        long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        cli.err().println("  " + (line.isEmpty() ? "waiting" : line) + " … " + Times.span(elapsed));
    }

    @Override
    public void close() {
        if (ticker != null) {
            ticker.shutdownNow();
        }
    }
}
