package io.quorate.jepsen.real.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records a history of registers in the form {@code quorate}: lines are in the order of real time. For any thread. */
final class HistoryWriter {
    /** Of a call that was not done, for certain, for a reason that says nothing about the register. */
    private static final String UNAVAILABLE = "unavailable";

    private final List<String> lines = new ArrayList<>();
    private long answered;
    private long lastAnswerNanos;
    private long longestGapNanos;

    HistoryWriter() {
        lines.add("# quorate-history 1 register");
    }

    void invoke(String client, String function, String key, String value) {
        line(client, "invoke", function, key, value);
    }

    void ok(String client, String function, String key, String value) {
        answered(client, "ok", function, key, value);
    }

    /** A compare and set was refused because the register has another value. */
    void lost(String client, String function, String key, String value) {
        answered(client, "fail", function, key, value);
    }

    void notDone(String client, String function, String key) {
        line(client, "fail", function, key, UNAVAILABLE);
    }

    void unknown(String client, String function, String key, String value) {
        line(client, "info", function, key, value);
    }

    private synchronized void answered(String client, String type, String function, String key, String value) {
        line(client, type, function, key, value);
        tick();
        answered++;
    }

    private void tick() {
        long now = System.nanoTime();
        // before the first answer clients connect, and no fault has come yet
        longestGapNanos = answered == 0 ? 0 : Math.max(longestGapNanos, now - lastAnswerNanos);
        lastAnswerNanos = now;
    }

    private synchronized void line(String client, String type, String function, String key, String value) {
        lines.add(String.join("\t", Long.toString(System.nanoTime()), client, type, function, key, value));
    }

    synchronized long answered() {
        return answered;
    }

    /** The longest time in which no call was answered, up to now. */
    synchronized double worstOutageMillis() {
        tick();
        return longestGapNanos / 1e6;
    }

    synchronized void write(Path file) throws IOException {
        Files.write(file, lines);
    }
}
