package io.quorate.server.time;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. Thread-safe. */
public final class FakeClock implements Clock {

    private final AtomicLong monotonicNanos = new AtomicLong();
    private final AtomicLong wallMillis = new AtomicLong(1_700_000_000_000L);

    /** Both clocks go on by {@code duration}. */
    public void advance(Duration duration) {
        monotonicNanos.addAndGet(duration.toNanos());
        wallMillis.addAndGet(duration.toMillis());
    }

    /** Somebody sets the wall clock; the monotonic one does not notice. */
    public void setWallMillis(long millis) {
        wallMillis.set(millis);
    }

    @Override
    public long monotonicNanos() {
        return monotonicNanos.get();
    }

    @Override
    public long wallMillis() {
        return wallMillis.get();
    }
}
