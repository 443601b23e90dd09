package io.quorate.server.api;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Status;
import io.quorate.server.raft.Subscription;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchStateRequest;
import io.quorate.v1.WatchStateResponse;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One watch: a cursor over the {@link WatchHub}. It sends while its client takes, revision by revision, each one whole,
 * in order, none twice and none left out; a client that lets the window pass gets COMPACTED.
 */
final class WatchStream implements AutoCloseable {
    /** Objects in one snapshot message. */
    private static final int SNAPSHOT_CHUNK = 100;

    /** Where a watch writes. Called from one thread at a time. */
    interface Sink {
        /** Whether a message sent now would be written rather than queued. */
        boolean isReady();

        void send(WatchStateResponse message);

        /** Ends the watch with an error. */
        void fail(Throwable failure);
    }

    private final WatchHub hub;
    private final WatchFilter filter;
    private final Sink sink;
    private final Supplier<String> leader;
    private final Executor serial;
    private final AtomicBoolean rung = new AtomicBoolean();
    private final AtomicBoolean progressDue = new AtomicBoolean();
    private final Subscription bell;
    private boolean ended;
    private @Nullable Position cursor;
    private @Nullable Iterator<List<StateChange>> snapshot;
    private Position snapshotPosition = Position.getDefaultInstance();

    /** @param executor runs the sending; any number of watches may share it */
    WatchStream(
            WatchHub hub,
            WatchFilter filter,
            WatchStateRequest request,
            Sink sink,
            Supplier<String> leader,
            Executor executor) {
        this.hub = hub;
        this.filter = filter;
        this.sink = sink;
        this.leader = leader;
        this.serial = MoreExecutors.newSequentialExecutor(executor);
        if (request.hasAfter()) {
            cursor = request.getAfter();
            progressDue.set(true); // tells the client at once that it is connected
        }
        bell = hub.onChange(this::wake);
    }

    /** Something may be there to send: a change, or room at the client. Any thread. */
    void wake() {
        if (rung.compareAndSet(false, true)) {
            serial.execute(() -> {
                rung.set(false);
                drain();
            });
        }
    }

    /** Time for a mark of progress, if nothing else is sent first. Any thread. */
    void progress() {
        progressDue.set(true);
        wake();
    }

    /** The client is gone. Any thread. */
    @Override
    public void close() {
        bell.close();
        serial.execute(() -> ended = true);
    }

    private void drain() {
        try {
            while (!ended && sink.isReady() && step()) {
                // one message at a time, so that a slow client is noticed between two
            }
        } catch (RuntimeException e) {
            ended = true;
            bell.close();
            sink.fail(e);
        }
    }

    /** Sends one message; false when there is nothing to send now. */
    private boolean step() {
        if (cursor == null) {
            return sendSnapshot();
        }
        Position newest = Reads.requireBegun(hub.newest()).position();
        requireResumable(cursor, newest);
        while (cursor.getRevision() < newest.getRevision()) {
            Position next = Positions.of(cursor.getGeneration(), cursor.getRevision() + 1);
            Optional<WatchHub.Revision> revision = hub.revision(next);
            if (revision.isEmpty()) {
                throw compacted(cursor);
            }
            List<StateChange> changes = filter.changes(revision.get());
            cursor = next;
            if (!changes.isEmpty()) {
                WatchStateResponse.Builder message = message(WatchStateResponse.Kind.KIND_CHANGES, next);
                Projection.timestamp(revision.get().commit().stamp()).ifPresent(message::setCommittedAt);
                sink.send(message.addAllChanges(changes).build());
                return true;
            }
        }
        if (progressDue.compareAndSet(true, false)) {
            sink.send(message(WatchStateResponse.Kind.KIND_PROGRESS, cursor).build());
        }
        return false;
    }

    private boolean sendSnapshot() {
        if (snapshot == null) {
            ClusterState state = Reads.requireBegun(hub.newest());
            snapshotPosition = state.position();
            snapshot = filter.snapshot(state, SNAPSHOT_CHUNK);
        }
        if (snapshot.hasNext()) {
            sink.send(message(WatchStateResponse.Kind.KIND_SNAPSHOT, snapshotPosition)
                    .addAllChanges(snapshot.next())
                    .build());
        } else {
            cursor = snapshotPosition;
            snapshot = null;
            sink.send(message(WatchStateResponse.Kind.KIND_SNAPSHOT_END, snapshotPosition)
                    .build());
        }
        return true;
    }

    private void requireResumable(Position after, Position newest) {
        if (after.getGeneration() > newest.getGeneration()) {
            throw new ApiException(
                    Status.Code.FAILED_PRECONDITION,
                    "HISTORY_WENT_BACK",
                    "this watch has seen generation " + after.getGeneration() + ", this server is at "
                            + Positions.format(newest),
                    Map.of("position", Positions.format(newest)));
        }
        if (Positions.ORDER.compare(after, hub.floor()) < 0) {
            throw compacted(after);
        }
    }

    private ApiException compacted(Position after) {
        Position floor = hub.floor();
        return new ApiException(
                Status.Code.OUT_OF_RANGE,
                "COMPACTED",
                "changes after " + Positions.format(after) + " are no longer kept; start again with a snapshot",
                Map.of("position", Positions.format(floor)));
    }

    private WatchStateResponse.Builder message(WatchStateResponse.Kind kind, Position position) {
        return WatchStateResponse.newBuilder()
                .setClusterId(hub.newest().meta().getClusterId())
                .setKind(kind)
                .setPosition(position)
                .setLeader(leader.get());
    }
}
