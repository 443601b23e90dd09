package io.quorate.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Finds the endpoint that can be connected to: the first one has a head start, then the next one is tried beside it, and
 * so on ("Happy Eyeballs", RFC 8305). One that refuses lets the next one begin at once. So a host that hangs costs a
 * second, and one that is only slow is not given up for it.
 */
final class ConnectionRace {
    private static final Duration HEAD_START = Duration.ofSeconds(1);

    private final Channels channels;
    private final List<Endpoint> order;
    private final List<ManagedChannel> begun = new ArrayList<>();
    private final Semaphore changed = new Semaphore(0);
    private Deadline headStart = Deadline.after(HEAD_START);

    private ConnectionRace(Channels channels, List<Endpoint> order) {
        this.channels = channels;
        this.order = order;
    }

    /**
     * The first that is connected; nothing when all of them have failed, or when the limit has passed. Connections that
     * are being made go on.
     *
     * @throws QuorateException INTERRUPTED, or when a connection is not allowed at all
     */
    static Optional<Endpoint> run(Channels channels, List<Endpoint> order, Duration limit) {
        return new ConnectionRace(channels, order).run(Deadline.after(limit));
    }

    private Optional<Endpoint> run(Deadline deadline) {
        while (true) {
            boolean pending = false;
            for (int i = 0; i < begun.size(); i++) {
                ConnectivityState state = begun.get(i).getState(true);
                if (state == ConnectivityState.READY) {
                    return Optional.of(order.get(i));
                }
                if (state == ConnectivityState.CONNECTING || state == ConnectivityState.IDLE) {
                    pending = true;
                    begun.get(i).notifyWhenStateChanged(state, changed::release);
                }
            }
            boolean more = begun.size() < order.size();
            if (more && (!pending || headStart.passed())) {
                begin();
            } else if (!pending || deadline.passed()) {
                return Optional.empty();
            } else {
                await(more ? Durations.shorter(headStart.left(), deadline.left()) : deadline.left());
            }
        }
    }

    /** A channel that failed before would not try again before its own back-off ends, which may be minutes. */
    private void begin() {
        ManagedChannel channel = channels.to(order.get(begun.size()));
        if (channel.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
        begun.add(channel);
        headStart = Deadline.after(HEAD_START);
    }

    private void await(Duration limit) {
        try {
            if (changed.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                changed.drainPermits();
            }
        } catch (InterruptedException e) {
            throw QuorateException.interrupted(e);
        }
    }
}
