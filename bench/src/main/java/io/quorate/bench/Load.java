package io.quorate.bench;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a fixed number of calls in flight: each answer starts the next call of its slot. Slots work on keys of their own.
 */
final class Load {
    private static final int MOST_FAILURES = 1_000;

    /** Calls have no deadline of their own: a timer for each would cost the client, and our servers, more than etcd's. */
    private static final int LONGEST_CALL_SECONDS = 10;

    private final IntFunction<ListenableFuture<?>> call;
    private final Recorder latencies = new Recorder(3);
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicReference<String> lastFailure = new AtomicReference<>("");
    private final CountDownLatch ended;
    private final int outstanding;
    private volatile boolean stopping;

    /**
     * @param call starts a call for a slot
     */
    Load(int outstanding, IntFunction<ListenableFuture<?>> call) {
        this.outstanding = outstanding;
        this.call = call;
        this.ended = new CountDownLatch(outstanding);
    }

    /**
     * What was counted.
     *
     * @param othersCores cores that processes other than the servers and this client kept busy meanwhile
     */
    record Counted(
            Histogram latencies, int failures, String lastFailure, double seconds, double cpu, double othersCores) {}

    /**
     * Warms up, counts, and returns when no call is in flight any more.
     *
     * @param servers process ids of those who answer
     */
    Counted run(Duration warmUp, Duration counted, List<Long> servers) throws InterruptedException {
        for (int slot = 0; slot < outstanding; slot++) {
            next(slot);
        }
        try {
            pause(warmUp);
            Histogram unused = latencies.getIntervalHistogram();
            failures.set(0);
            long client = ProcessHandle.current().pid();
            double cpuBefore = MachineLoad.ofProcesses(servers);
            double ownBefore = MachineLoad.ofProcesses(List.of(client));
            double allBefore = MachineLoad.ofMachine();
            long since = System.nanoTime();
            pause(counted);
            Histogram histogram = latencies.getIntervalHistogram();
            double seconds = (System.nanoTime() - since) / 1e9;
            double cpu = MachineLoad.ofProcesses(servers) - cpuBefore;
            double own = MachineLoad.ofProcesses(List.of(client)) - ownBefore;
            double others = (MachineLoad.ofMachine() - allBefore - cpu - own) / seconds;
            String failure = failures.get() == 0 ? "" : String.valueOf(lastFailure.get());
            return new Counted(histogram, failures.get(), failure, seconds, cpu, Math.max(0, others));
        } finally {
            stopping = true;
            // What has no answer by then ends with its channel.
            boolean unused = ended.await(LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void pause(Duration time) throws InterruptedException {
        if (ended.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(
                    "more than " + MOST_FAILURES + " calls failed, the last one: " + lastFailure);
        }
    }

    private void next(int slot) {
        if (stopping || failures.get() > MOST_FAILURES) {
            ended.countDown();
            return;
        }
        long since = System.nanoTime();
        Futures.addCallback(
                call.apply(slot),
                new FutureCallback<Object>() {
                    @Override
                    public void onSuccess(@Nullable Object answer) {
                        latencies.recordValue(System.nanoTime() - since);
                        next(slot);
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        failures.incrementAndGet();
                        lastFailure.set(String.valueOf(failure));
                        next(slot);
                    }
                },
                MoreExecutors.directExecutor());
    }
}
