package io.quorate.server.agent;

import io.quorate.server.time.Clock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A clock that counts from the boot of the machine and runs on while the machine sleeps, so that a lease does not outlive a
 * suspend; the next agent process reads the same time. Resolution 10 ms. Thread-safe.
 */
public final class BootClock implements Clock {
    private static final int LONGEST_LINE_BYTES = 64;
    private static final long NANOS_PER_CENTISECOND = 10_000_000;

    private final RandomAccessFile uptime;

    public BootClock() throws IOException {
        this.uptime = new RandomAccessFile("/proc/uptime", "r");
    }

    /** Nanoseconds since the boot. */
    @Override
    public synchronized long monotonicNanos() {
        try {
            uptime.seek(0);
            byte[] line = new byte[LONGEST_LINE_BYTES];
            int length = uptime.read(line);
            String seconds = new String(line, 0, length, StandardCharsets.US_ASCII).split(" ", 2)[0];
            int dot = seconds.indexOf('.');
            long centiseconds =
                    Long.parseLong(seconds.substring(0, dot)) * 100 + Long.parseLong(seconds.substring(dot + 1));
            return centiseconds * NANOS_PER_CENTISECOND;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/uptime", e);
        }
    }

    @Override
    public long wallMillis() {
        return Clock.system().wallMillis();
    }
}
