package io.quorate.jepsen.real.load;

import io.quorate.client.QuorateException;
import io.quorate.jepsen.real.check.Read;
import io.quorate.jepsen.real.check.ReadChecker;
import io.quorate.jepsen.real.check.Write;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/** The registers of one run, and all that was seen of them. For any thread. */
final class Registers {
    private static final int KEYS = 20;
    private static final int NODES = 3;

    private final List<String> keys;
    private final HistoryWriter history = new HistoryWriter();
    private final Counts counts = new Counts();
    private final Queue<Read> reads = new ConcurrentLinkedQueue<>();
    private final Queue<Write> writes = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> asked = new ConcurrentHashMap<>();

    /** @param run makes its registers others than those of the runs before */
    Registers(String run) {
        keys = IntStream.range(0, KEYS).mapToObj(i -> "r" + run + "." + i).toList();
    }

    List<String> keys() {
        return keys;
    }

    static String nodeOf(String key) {
        return "n" + (1 + Integer.parseInt(key.substring(key.lastIndexOf('.') + 1)) % NODES);
    }

    /** As compare and set names it. */
    static String objectOf(String key) {
        return "nodes/" + nodeOf(key) + "/attributes/" + key;
    }

    HistoryWriter history() {
        return history;
    }

    Counts counts() {
        return counts;
    }

    /** A value is about to be written; returns when. */
    long asked(String value) {
        long now = System.nanoTime();
        asked.put(value, now);
        return now;
    }

    void written(String key, long revision, String value, long invokedNanos) {
        writes.add(new Write("nodes/" + nodeOf(key), key, revision, value, invokedNanos));
    }

    void seen(String by, String key, long served, long wanted, long revision, String value) {
        reads.add(new Read(by, key, served, wanted, revision, value, System.nanoTime()));
    }

    void failed(QuorateException failure, String function) {
        counts.add(function + " " + failure.category() + " " + failure.code());
    }

    List<Write> writes() {
        return List.copyOf(writes);
    }

    /** What does not fit together by revision. */
    List<String> check() {
        return ReadChecker.check(List.copyOf(reads), writes(), asked);
    }
}
