package io.quorate.e2e.lab;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A service of a host that runs in the foreground of its own process. */
public final class Daemon {
    private static final Duration DEATH = Duration.ofMinutes(1);

    private final String description;
    private final Process entrance;

    Daemon(String description, Process entrance) {
        this.description = description;
        this.entrance = entrance;
    }

    public boolean isAlive() {
        return entrance.isAlive();
    }

    /** Kills it (KILL) and waits for its end. */
    public void kill() {
        handle().destroyForcibly();
        awaitEnd();
    }

    /** Tells it to end (TERM) and waits for that. */
    public void stop() {
        boolean unused = handle().destroy();
        awaitEnd();
    }

    /** Stops its time (STOP), and does not wait. */
    public void pause() {
        Commands.must("kill", "-STOP", Long.toString(pid()));
    }

    /** It goes on (CONT), and so does what waits for it: nsenter stops itself when what it entered for stands still. */
    public void unpause() {
        Commands.must("kill", "-CONT", Long.toString(pid()), Long.toString(entrance.pid()));
    }

    /** Of the service's process, as this machine numbers it. */
    public long pid() {
        return handle().pid();
    }

    /** How it ended; empty while it runs. As shells do, 128 and the signal's number when one ended it. */
    public OptionalInt exitCode() {
        return entrance.isAlive() ? OptionalInt.empty() : OptionalInt.of(entrance.exitValue());
    }

    /** The service itself: what we started only enters the host for it and waits. */
    private ProcessHandle handle() {
        try (Stream<ProcessHandle> children = entrance.children()) {
            return children.findFirst().orElseThrow(() -> new LabException(description + " does not run"));
        }
    }

    private void awaitEnd() {
        try {
            if (!entrance.waitFor(DEATH.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException(description + " did not end within " + DEATH.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
