package io.quorate.jepsen.real.load;

import com.google.protobuf.CodedOutputStream;
import io.quorate.client.Positions;
import io.quorate.client.QuorateException;
import io.quorate.jepsen.real.check.WatchEvent;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateRequest;
import io.quorate.v1.WatchStateResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Watches everything, at one server or at one after the other; each stream goes on where the one before ended. Runs on a thread
 * of its own; what it saw can be asked for when that has ended.
 */
final class Watcher implements AutoCloseable {
    private static final long PAUSE_MILLIS = 100;
    private static final long END_MILLIS = 20_000;

    private final String name;
    private final Servers servers;
    private final Iterator<String> next;
    private final Duration stream;
    private final List<WatchEvent> events = new ArrayList<>();
    private final Counts counts;
    private final Thread thread;
    private volatile long reached = -1;
    private volatile boolean closed;
    private Position at = Position.getDefaultInstance();
    private boolean relist = true;
    private TreeMap<String, String> snapshot = new TreeMap<>();

    /**
     * Begins.
     *
     * @param at servers, in turn
     * @param stream how long one stream lasts
     */
    Watcher(String name, Servers servers, List<String> at, Duration stream, Counts counts) {
        this.name = name;
        this.servers = servers;
        this.next = Stream.generate(() -> at).flatMap(List::stream).iterator();
        this.stream = stream;
        this.counts = counts;
        this.thread = new Thread(this::watch, "watch-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    String name() {
        return name;
    }

    /** The revision that it has been told of; -1 before the first. */
    long reached() {
        return reached;
    }

    private void watch() {
        while (!closed) {
            String server = next.next();
            try {
                WatchStateResponse unused = servers.only(server)
                        .streamUntil(WatchServiceGrpc.getWatchStateMethod(), () -> open(server), stream, message -> {
                            if (!closed) {
                                take(message);
                            }
                            return closed;
                        });
            } catch (QuorateException e) {
                if (e.code().equals("COMPACTED")) {
                    relist = true;
                }
                counts.add("watch " + e.category() + " " + e.code());
                pause();
            }
        }
    }

    private WatchStateRequest open(String server) {
        snapshot = new TreeMap<>();
        WatchStateRequest.Builder request = WatchStateRequest.newBuilder();
        if (!relist) {
            request.setAfter(at);
        }
        events.add(new WatchEvent.Opened(System.nanoTime(), server, relist ? -1 : at.getRevision()));
        return request.build();
    }

    private void take(WatchStateResponse message) {
        long now = System.nanoTime();
        long revision = message.getPosition().getRevision();
        switch (message.getKind()) {
            case KIND_SNAPSHOT -> snapshot.putAll(digests(message));
            case KIND_SNAPSHOT_END -> {
                // as a client would: what is older than what it has seen is of no use to it
                if (revision >= at.getRevision()) {
                    events.add(new WatchEvent.Snapshot(now, revision, snapshot));
                    relist = false;
                    move(message.getPosition());
                }
            }
            case KIND_CHANGES -> {
                events.add(new WatchEvent.Changes(now, revision, digests(message)));
                move(message.getPosition());
            }
            case KIND_PROGRESS -> {
                events.add(new WatchEvent.Progress(now, revision));
                move(message.getPosition());
            }
            case KIND_UNSPECIFIED, UNRECOGNIZED -> counts.add("watch message of an unknown kind");
        }
    }

    /** Also forwards only, so that what goes back is told twice and seen by the checker. */
    private void move(Position position) {
        if (Positions.isAfter(position, at)) {
            at = position;
        }
        reached = at.getRevision();
    }

    private static SortedMap<String, String> digests(WatchStateResponse message) {
        TreeMap<String, String> digests = new TreeMap<>();
        for (StateChange change : message.getChangesList()) {
            digests.put(change.getObject(), change.getDeleted() ? WatchEvent.DELETED : digest(change));
        }
        return digests;
    }

    private static String digest(StateChange change) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            change.writeTo(out);
            out.flush();
            CRC32C sum = new CRC32C();
            sum.update(bytes.toByteArray());
            return Long.toHexString(sum.getValue());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on it sees nothing: it ends with the next message, or its stream. */
    void stop() {
        closed = true;
    }

    /** Ends it, and returns what it saw. */
    List<WatchEvent> end() {
        close();
        return List.copyOf(events);
    }

    @Override
    public void close() {
        stop();
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new IllegalStateException("the watcher " + name + " does not end");
        }
    }
}
