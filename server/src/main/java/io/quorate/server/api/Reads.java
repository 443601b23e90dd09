package io.quorate.server.api;

import com.google.protobuf.util.Durations;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.ResponseHeader;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Which state answers a read, by its ReadOptions. */
final class Reads {
    /** A call without a deadline of its own is given up after this time. */
    static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(5);

    private final ClusterPort cluster;
    private final WatchHub hub;

    /** @param hub has past states */
    Reads(ClusterPort cluster, WatchHub hub) {
        this.cluster = cluster;
        this.hub = hub;
    }

    /** A state and the header of an answer made from it. */
    record View(ClusterState state, ResponseHeader header) {}

    /**
     * Linearizable by default. Fails with COMPACTED for a past state that is gone, UNAVAILABLE when it would be staler
     * than allowed or when no majority answers in time.
     */
    CompletableFuture<View> view(ReadOptions options) {
        if (options.hasAt()) {
            return CompletableFuture.completedFuture(past(options.getAt()));
        }
        if (options.getConsistency() != ReadConsistency.READ_CONSISTENCY_STALE) {
            return bounded(cluster.readLinearizable())
                    .thenCompose(state -> notBefore(options, state))
                    .thenApply(state -> new View(state, header(state).build()));
        }
        Duration staleness = cluster.sinceLeaderContact();
        if (options.hasMaxStaleness() && staleness.toMillis() > Settings.millis(options.getMaxStaleness())) {
            return CompletableFuture.failedFuture(ApiException.unavailable(
                    "TOO_STALE", "this server has not heard from a leader for " + staleness.toMillis() + " ms"));
        }
        return notBefore(options, cluster.applied())
                .thenApply(Reads::requireBegun)
                .thenApply(state -> new View(
                        state,
                        header(state)
                                .setServedAs(ReadConsistency.READ_CONSISTENCY_STALE)
                                .setStaleness(Durations.fromMillis(
                                        cluster.sinceLeaderContact().toMillis()))
                                .build()));
    }

    /**
     * A server that has just started has not read its log yet: the empty state of before any history is not an old state of the
     * cluster, and what is missing there is not said to be missing.
     */
    static ClusterState requireBegun(ClusterState state) {
        if (state.generation() == 0) {
            throw ApiException.unavailable("NOT_READY", "this server has just started and has not read its log yet");
        }
        return state;
    }

    private CompletableFuture<ClusterState> notBefore(ReadOptions options, ClusterState state) {
        if (!options.hasNotBefore() || Positions.ORDER.compare(state.position(), options.getNotBefore()) >= 0) {
            return CompletableFuture.completedFuture(state);
        }
        return bounded(cluster.whenApplied(options.getNotBefore()));
    }

    private View past(Position position) {
        ClusterState now = hub.newest();
        if (Positions.ORDER.compare(position, now.position()) > 0) {
            throw new ApiException(
                    Status.Code.OUT_OF_RANGE,
                    "NOT_REACHED",
                    "position " + Positions.format(position) + " is not reached; this server is at "
                            + Positions.format(now.position()),
                    Map.of("position", Positions.format(now.position())));
        }
        ClusterState state = hub.at(position)
                .orElseThrow(() -> new ApiException(
                        Status.Code.OUT_OF_RANGE,
                        "COMPACTED",
                        "the state at " + Positions.format(position) + " is no longer kept",
                        Map.of("position", Positions.format(now.position()))));
        return new View(state, header(state).build());
    }

    private ResponseHeader.Builder header(ClusterState state) {
        return cluster.header(state.meta().getClusterId(), state.position());
    }

    /** Ends with a TimeoutException at the call's deadline, or after {@link #DEFAULT_DEADLINE}. */
    static <T> CompletableFuture<T> bounded(CompletableFuture<T> future) {
        return bounded(future, DEFAULT_DEADLINE);
    }

    /** Ends with a TimeoutException at the call's deadline; when it has none, after {@code limit}. */
    static <T> CompletableFuture<T> bounded(CompletableFuture<T> future, Duration limit) {
        if (future.isDone()) {
            return future;
        }
        Deadline deadline = Context.current().getDeadline();
        long millis = deadline == null
                ? limit.toMillis()
                : Math.max(0, deadline.timeRemaining(TimeUnit.MILLISECONDS) - ANSWER_MARGIN_MILLIS);
        return future.copy().orTimeout(millis, TimeUnit.MILLISECONDS);
    }

    /** Before the client's own deadline, so that our answer, which says what is known, arrives first. */
    private static final long ANSWER_MARGIN_MILLIS = 50;
}
