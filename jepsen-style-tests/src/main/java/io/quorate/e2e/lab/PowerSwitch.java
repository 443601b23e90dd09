package io.quorate.e2e.lab;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The device behind the fence agent: a controller outside of all hosts that switches them off for real. It can be told to
 * fail, and it keeps a record of what it was asked. One thread serves requests in their order.
 */
public final class PowerSwitch implements AutoCloseable {
    /** Exit code of a fence agent's status for a plug without power. */
    private static final int OFF = 2;

    private static final int ERROR = 1;

    private final Path directory;
    private final Map<String, Host> plugs;
    private final RandomAccessFile requests;
    private final Thread thread;
    private final List<Request> record = new CopyOnWriteArrayList<>();
    private volatile boolean failing;
    private volatile boolean closed;

    /**
     * Something that it was asked.
     *
     * @param atNanos the kernel's monotonic clock
     * @param code what it answered, as exit code of the fence agent
     */
    public record Request(long atNanos, String action, String plug, int code) {}

    /** Serves from now on. */
    PowerSwitch(Path directory, Map<String, Host> plugs) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.plugs = Map.copyOf(plugs);
        Path pipe = directory.resolve("requests");
        Commands.must("mkfifo", "-m", "600", pipe.toString());
        // open for both ways: the pipe never ends while nobody asks
        this.requests = new RandomAccessFile(pipe.toFile(), "rw");
        this.thread = new Thread(this::serve, "power-switch");
        thread.setDaemon(true);
        thread.start();
    }

    /** From now on every action fails, as with a controller that cannot be reached. */
    public void fail() {
        failing = true;
    }

    public void repair() {
        failing = false;
    }

    /** What it was asked since then, oldest first. */
    public List<Request> since(long nanos) {
        return record.stream().filter(request -> request.atNanos() - nanos >= 0).toList();
    }

    private void serve() {
        try {
            while (!closed) {
                String line = requests.readLine();
                if (line != null && !closed) {
                    answer(line.split(" ", -1));
                }
            }
        } catch (IOException e) {
            if (!closed) {
                throw new LabException("the power switch lost its pipe", e);
            }
        }
    }

    private void answer(String[] words) {
        if (words.length != 3 || !Path.of(words[2]).startsWith(directory)) {
            return;
        }
        long now = System.nanoTime();
        int code = failing ? ERROR : perform(words[0], words[1]);
        record.add(new Request(now, words[0], words[1], code));
        Path reply = Path.of(words[2]);
        if (!Files.exists(reply)) {
            return;
        }
        // open for both ways: an asker that has died meanwhile does not hold us up
        try (RandomAccessFile pipe = new RandomAccessFile(reply.toFile(), "rw")) {
            pipe.writeBytes(code + (failing ? " Unable to connect/login to fencing device" : "") + "\n");
        } catch (IOException e) {
            throw new LabException("the power switch cannot answer to " + reply, e);
        }
    }

    private int perform(String action, String plug) {
        if (action.equals("monitor")) {
            return 0;
        }
        Host host = plugs.get(plug);
        if (host == null) {
            return ERROR;
        }
        switch (action) {
            case "off" -> host.powerOff();
            case "on" -> host.powerOn();
            default -> {
                return host.hasPower() ? 0 : OFF;
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        // wakes the reader
        requests.writeBytes("\n");
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        requests.close();
    }
}
