package io.quorate.client.cli;

import io.quorate.client.Category;
import io.quorate.client.Deadline;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.StateCache;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Watches the cluster until a condition on its objects holds. */
public final class StateWait {
    private StateWait() {}

    /**
     * Waits.
     *
     * <p>A server that lags behind what this client has already seen is not believed until it has caught up.
     *
     * @param kinds what the condition looks at
     * @param condition sees all objects by key, first those of the snapshot; may throw to end the waiting
     * @throws QuorateException TIMED_OUT when the limit passes first
     */
    public static void until(
            QuorateClient client,
            Collection<String> kinds,
            Duration limit,
            String what,
            Predicate<Map<String, StateChange>> condition)
            throws InterruptedException {
        Deadline deadline = Deadline.after(limit);
        Position from = client.highestPosition();
        Signals signals = new Signals();
        try (StateCache cache = StateCache.start(client, kinds, List.of(), signals)) {
            while (true) {
                Signal signal = signals.queue.poll(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
                if (signal == null) {
                    throw signals.timedOut(what);
                }
                if (signal.failure() != null) {
                    throw signal.failure();
                }
                Snapshot first = signals.takeSnapshot();
                if (first != null && !Positions.isAfter(from, first.position()) && condition.test(first.objects())) {
                    return;
                }
                boolean current = !Positions.isAfter(from, cache.position());
                if (current && condition.test(cache.objects())) {
                    return;
                }
            }
        }
    }

    private record Signal(@Nullable QuorateException failure) {}

    /** What the cache began with: changes may have passed over it before the waiting thread wakes. */
    private record Snapshot(Position position, Map<String, StateChange> objects) {}

    /** Wakes the waiting thread; several changes that it has not seen yet are one wake-up. */
    private static final class Signals implements StateCache.Listener {
        private static final Signal CHANGED = new Signal(null);
        private final LinkedBlockingQueue<Signal> queue = new LinkedBlockingQueue<>(2);
        private volatile @Nullable QuorateException interruption;
        private final AtomicReference<@Nullable Snapshot> snapshot = new AtomicReference<>();
        private volatile boolean seen;

        /** The beginning, once. */
        @Nullable
        Snapshot takeSnapshot() {
            return snapshot.getAndSet(null);
        }

        @Override
        public void changed(Position position, List<StateChange> changes) {
            if (!seen) {
                Map<String, StateChange> objects = new TreeMap<>();
                changes.forEach(change -> objects.put(change.getObject(), change));
                snapshot.set(new Snapshot(position, objects));
            }
            seen = true;
            interruption = null;
            boolean unused = queue.offer(CHANGED);
        }

        @Override
        public void interrupted(QuorateException why) {
            interruption = why;
        }

        @Override
        public void failed(QuorateException why) {
            queue.clear();
            boolean unused = queue.offer(new Signal(why));
        }

        QuorateException timedOut(String what) {
            QuorateException broken = interruption;
            if (!seen && broken != null) {
                return broken;
            }
            return QuorateException.of(Category.TIMED_OUT, "TIMED_OUT", what + " was not reached in time")
                    .cause(broken)
                    .build();
        }
    }
}
