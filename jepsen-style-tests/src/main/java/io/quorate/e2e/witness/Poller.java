package io.quorate.e2e.witness;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A client of the service, in a process and a network of its own: one request over a new connection every 20 ms, whether
 * earlier ones were answered or not. Writes a line for each: when sent, when done, what came.
 */
public final class Poller {
    private static final int TICK_MILLIS = 20;
    /** Each worker sends every WORKERS ticks, which must be longer than one request may take. */
    private static final int WORKERS = 32;

    private static final int CONNECT_MILLIS = 250;
    private static final int READ_MILLIS = 250;
    private static final long NANOS_PER_MILLI = 1_000_000;
    static final long TICK_NANOS = TICK_MILLIS * NANOS_PER_MILLI;
    static final long LONGEST_REQUEST_NANOS = (CONNECT_MILLIS + READ_MILLIS) * NANOS_PER_MILLI;

    private final InetSocketAddress address;
    private final BufferedWriter log;

    private Poller(InetSocketAddress address, BufferedWriter log) {
        this.address = address;
        this.log = log;
    }

    /** Arguments: address, port, log file. Runs until it is killed. */
    public static void main(String[] args) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
        try (BufferedWriter log = Files.newBufferedWriter(Path.of(args[2]))) {
            Poller poller = new Poller(address, log);
            long begin = System.nanoTime();
            List<Thread> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                long first = begin + (long) i * TICK_MILLIS * NANOS_PER_MILLI;
                Thread worker = new Thread(() -> poller.work(first), "worker-" + i);
                worker.start();
                workers.add(worker);
            }
            for (Thread worker : workers) {
                worker.join();
            }
        }
    }

    private void work(long first) {
        long period = (long) WORKERS * TICK_MILLIS * NANOS_PER_MILLI;
        long next = first;
        try {
            while (true) {
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    Thread.sleep(wait / NANOS_PER_MILLI, (int) (wait % NANOS_PER_MILLI));
                }
                request();
                // what was missed is not made up for
                do {
                    next += period;
                } while (next - System.nanoTime() < -period);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new IllegalStateException("the log cannot be written", e);
        }
    }

    private void request() throws IOException {
        long sent = System.nanoTime();
        String outcome;
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            socket.setSoTimeout(READ_MILLIS);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            outcome = answer(socket.getInputStream());
        } catch (IOException e) {
            outcome = "failed " + String.valueOf(e.getMessage()).replace(' ', '_');
        }
        long done = System.nanoTime();
        synchronized (log) {
            log.write(sent + " " + done + " " + outcome + "\n");
            log.flush();
        }
    }

    private static String answer(InputStream stream) throws IOException {
        String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        int body = text.indexOf("\r\n\r\n");
        if (!text.startsWith("HTTP/1.1 200") || body < 0) {
            return "failed " + text.lines().findFirst().orElse("empty").replace(' ', '_');
        }
        return "ok " + text.substring(body).strip();
    }
}
