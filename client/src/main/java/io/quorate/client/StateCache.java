package io.quorate.client;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.client.GrpcFailure.Outcome;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateRequest;
import io.quorate.v1.WatchStateResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The objects of a cluster as they are now, kept by a watch.
 *
 * <p>It takes a snapshot, then every change in order and once. A stream that breaks is resumed on the next server from
 * the position that was reached; when that place is gone, the cache takes a new snapshot and tells the listener the
 * differences only. It never goes back to an older position.
 *
 * <p>Events pass through to the listener and are not kept.
 *
 * <p>Reads are safe from any thread. The listener is called on the cache's own thread, in order.
 */
public final class StateCache implements AutoCloseable {
    /** Sees what changed. A slow listener slows the watch, and is resynchronised by the server in the end. */
    public interface Listener {
        /**
         * All changes up to this position since the call before, none when only the position moved on; deletions have
         * {@code deleted} set.
         */
        void changed(Position position, List<StateChange> changes);

        /** The watch broke and is tried again elsewhere; what the cache holds may be old meanwhile. */
        default void interrupted(QuorateException why) {}

        /** The watch was refused and ends. */
        default void failed(QuorateException why) {}
    }

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private static final long CLOSE_MILLIS = 2_000;

    private final QuorateClient client;
    private final WatchStateRequest filter;
    private final Listener listener;
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final CountDownLatch synced = new CountDownLatch(1);
    private final Thread thread;
    private final Object lock = new Object();

    private SortedMap<String, StateChange> objects = new TreeMap<>();
    private Position position = Position.getDefaultInstance();
    private String leader = "";
    private volatile boolean closed;

    private StateCache(QuorateClient client, WatchStateRequest filter, Listener listener) {
        this.client = client;
        this.filter = filter;
        this.listener = listener;
        this.thread = new Thread(() -> context.run(this::watch), "quorate-watch");
        this.thread.setDaemon(true);
    }

    /**
     * Starts a watch.
     *
     * @param kinds such as "resources", "nodes"; empty = all
     * @param names empty = all
     */
    public static StateCache start(
            QuorateClient client, Collection<String> kinds, Collection<String> names, Listener listener) {
        return start(
                client,
                WatchStateRequest.newBuilder()
                        .addAllKinds(kinds)
                        .addAllNames(names)
                        .build(),
                listener);
    }

    /**
     * Starts a watch of what a filter lets through.
     *
     * @param filter without a position: the cache begins with a snapshot
     */
    public static StateCache start(QuorateClient client, WatchStateRequest filter, Listener listener) {
        StateCache cache = new StateCache(client, filter, listener);
        cache.thread.start();
        return cache;
    }

    /** Waits for the first snapshot; false when it did not come in time. */
    public boolean awaitSnapshot(Duration limit) throws InterruptedException {
        return synced.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** An immutable copy, by object key. */
    public Map<String, StateChange> objects() {
        synchronized (lock) {
            return Map.copyOf(objects);
        }
    }

    public Optional<StateChange> object(String key) {
        synchronized (lock) {
            return Optional.ofNullable(objects.get(key));
        }
    }

    public Position position() {
        synchronized (lock) {
            return position;
        }
    }

    /** Member id; empty = unknown. */
    public String leader() {
        synchronized (lock) {
            return leader;
        }
    }

    /** Ends the watch and waits for its thread, so that the client may be closed next. */
    @Override
    public void close() {
        closed = true;
        context.cancel(null);
        thread.interrupt();
        if (Thread.currentThread() != thread) {
            try {
                thread.join(CLOSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whatever ends the thread is told to the listener, an interrupt during a pause too. */
    private void watch() {
        try {
            follow();
        } catch (QuorateException e) {
            fail(e);
        } catch (RuntimeException e) {
            fail(QuorateException.of(Category.ERROR, "WATCH_BROKE", "the watch broke: " + e.getMessage())
                    .cause(e)
                    .build());
        }
    }

    private void follow() {
        Backoff backoff = new Backoff(RandomGenerator.getDefault());
        boolean relist = true;
        while (!closed) {
            Endpoint endpoint = client.connected(ClientConfig.DEFAULT_CONNECTING);
            try (OpenStream<WatchStateResponse> messages =
                    client.open(endpoint, WatchServiceGrpc.getWatchStateMethod(), request(relist), null)) {
                SortedMap<String, StateChange> rows = new TreeMap<>();
                while (messages.hasNext()) {
                    WatchStateResponse message = messages.next();
                    take(message, rows);
                    relist &= message.getKind() != WatchStateResponse.Kind.KIND_SNAPSHOT_END;
                    backoff.reset();
                }
                interrupted(endpoint, GrpcFailure.ended(endpoint), backoff);
            } catch (StatusRuntimeException e) {
                if (closed) {
                    return;
                }
                GrpcFailure failure = GrpcFailure.of(e, true, endpoint);
                if (isCompacted(e, failure)) {
                    relist = true;
                    backoff.pause(Deadline.after(LONGEST_PAUSE));
                } else if (failure.outcome() == Outcome.DECIDED) {
                    fail(failure.error());
                    return;
                } else {
                    interrupted(endpoint, failure.error(), backoff);
                }
            }
        }
    }

    private void fail(QuorateException why) {
        if (!closed) {
            listener.failed(why);
        }
    }

    private WatchStateRequest request(boolean relist) {
        synchronized (lock) {
            return relist ? filter : filter.toBuilder().setAfter(position).build();
        }
    }

    private void take(WatchStateResponse message, SortedMap<String, StateChange> snapshot) {
        switch (message.getKind()) {
            case KIND_SNAPSHOT -> {
                for (StateChange row : message.getChangesList()) {
                    if (!row.hasEvent()) {
                        snapshot.put(row.getObject(), row);
                    }
                }
            }
            case KIND_SNAPSHOT_END -> replaceAll(message, snapshot);
            case KIND_CHANGES -> applyChanges(message);
            case KIND_PROGRESS -> progress(message);
            case KIND_UNSPECIFIED, UNRECOGNIZED -> {
                // A newer server says something that this client does not know: it changes no object.
            }
        }
    }

    /** A snapshot that is older than what the cache already shows is refused: that server lags behind. */
    private void replaceAll(WatchStateResponse end, SortedMap<String, StateChange> rows) {
        List<StateChange> differences = new ArrayList<>();
        synchronized (lock) {
            if (Positions.isAfter(position, end.getPosition())) {
                throw Status.UNAVAILABLE
                        .withDescription("this server is behind what was already seen")
                        .asRuntimeException();
            }
            for (StateChange row : rows.values()) {
                if (!row.equals(objects.get(row.getObject()))) {
                    differences.add(row);
                }
            }
            for (StateChange old : objects.values()) {
                if (!rows.containsKey(old.getObject())) {
                    differences.add(old.toBuilder().setDeleted(true).build());
                }
            }
            objects = new TreeMap<>(rows);
            move(end);
        }
        listener.changed(end.getPosition(), List.copyOf(differences));
        synced.countDown();
    }

    private void applyChanges(WatchStateResponse message) {
        synchronized (lock) {
            if (!Positions.isAfter(message.getPosition(), position)) {
                return;
            }
            for (StateChange change : message.getChangesList()) {
                if (change.getDeleted()) {
                    objects.remove(change.getObject());
                } else if (!change.hasEvent()) {
                    objects.put(change.getObject(), change);
                }
            }
            move(message);
        }
        listener.changed(message.getPosition(), message.getChangesList());
    }

    private void progress(WatchStateResponse message) {
        synchronized (lock) {
            if (!Positions.isAfter(message.getPosition(), position)) {
                return;
            }
            move(message);
        }
        listener.changed(message.getPosition(), List.of());
    }

    private void move(WatchStateResponse message) {
        position = message.getPosition();
        leader = message.getLeader();
        client.observe(position);
    }

    private void interrupted(Endpoint endpoint, QuorateException why, Backoff backoff) {
        if (closed) {
            return;
        }
        listener.interrupted(why);
        client.avoid(endpoint);
        backoff.pause(Deadline.after(LONGEST_PAUSE));
    }

    private static boolean isCompacted(StatusRuntimeException failure, GrpcFailure read) {
        return failure.getStatus().getCode() == Status.Code.OUT_OF_RANGE
                || read.error().code().equals(GrpcFailure.COMPACTED);
    }
}
