package io.quorate.e2e;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.witness.PollLog;
import io.quorate.e2e.witness.Poller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A client in its own place on the network, which polls a web server at a floating address until it is closed. */
public final class Client implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final String address;
    private final Path log;
    private final Process process;

    private Client(String address, Path log, Process process) {
        this.address = address;
        this.log = log;
        this.process = process;
    }

    /**
     * Begins to poll.
     *
     * @param name of its log, which is a file of the lab
     */
    public static Client start(Lab lab, String name, String address, int port) {
        Path log = lab.file(name + ".log");
        List<String> command = new ArrayList<>(lab.network().inside(Lab.CLIENT));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Poller.class.getName(),
                address,
                Integer.toString(port),
                log.toString()));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(lab.file(name + "-errors.log").toFile())
                    .start();
            return new Client(address, log, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has seen since it began. */
    public PollLog polls() {
        try {
            return PollLog.read(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a request is answered that is sent from now on. */
    public void awaitAnswer() {
        long now = System.nanoTime();
        Await.until(
                "the client is answered at " + address,
                PATIENCE,
                () -> polls().since(now).answered() > 0);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
