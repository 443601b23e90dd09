package io.quorate.server.agent;

import io.grpc.Metadata;
import io.grpc.Status;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which server an agent turns to: only the leader answers it. Thread-safe. */
public final class Endpoints {
    /** Trailer of UNAVAILABLE: the node-plane endpoint of the leader. */
    private static final Metadata.Key<String> LEADER =
            Metadata.Key.of("quorate-leader", Metadata.ASCII_STRING_MARSHALLER);

    private final List<String> configured;
    private List<String> known;
    private String target;

    /** @param configured never forgotten; the first of them is asked first */
    public Endpoints(List<String> configured) {
        this.configured = List.copyOf(configured);
        this.known = this.configured;
        this.target = configured.get(0);
    }

    /** Whom to ask. */
    public synchronized String current() {
        return target;
    }

    /** The cluster's voters change; those that were configured stay known, for the next restart finds only them. */
    public synchronized void learn(List<String> servers) {
        LinkedHashSet<String> all = new LinkedHashSet<>(configured);
        all.addAll(servers);
        known = List.copyOf(all);
    }

    /**
     * A call to an endpoint failed: to the leader that it named, or to the next one in turn.
     *
     * @return whether another one is asked from now on
     */
    public synchronized boolean turnAway(String endpoint, Throwable reason) {
        Status.Code code = Status.fromThrowable(reason).getCode();
        boolean elsewhere = code == Status.Code.UNAVAILABLE
                || code == Status.Code.DEADLINE_EXCEEDED
                || code == Status.Code.UNIMPLEMENTED
                || code == Status.Code.UNKNOWN
                || code == Status.Code.INTERNAL;
        if (!elsewhere || !endpoint.equals(target)) {
            return false;
        }
        Optional<String> leader = leaderNamedBy(reason).filter(named -> !named.equals(endpoint));
        target = leader.orElseGet(() -> known.get((known.indexOf(endpoint) + 1) % known.size()));
        return true;
    }

    /** The node-plane endpoint of the server that leads, when the one that refused knew it. */
    static Optional<String> leaderNamedBy(Throwable reason) {
        @Nullable Metadata trailers = Status.trailersFromThrowable(reason);
        return trailers == null
                ? Optional.empty()
                : Optional.ofNullable(trailers.get(LEADER)).filter(text -> !text.isBlank());
    }
}
