package io.quorate.server.agent;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The threads of a real agent. */
record PoolThreads(Executor members, Executor starts, Executor orders, LeaseTimer leases) implements AgentThreads {

    PoolThreads(Executor members, Executor starts, Executor orders) {
        this(members, starts, orders, new TimerThread());
    }

    @Override
    public <T> T await(CompletableFuture<T> answer) throws InterruptedException, ExecutionException {
        return answer.get();
    }

    /** One thread that does nothing else. */
    static final class TimerThread implements LeaseTimer {
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "agent-lease");
            thread.setDaemon(true);
            return thread;
        });

        @Override
        public Runnable every(Duration period, Runnable renewal) {
            ScheduledFuture<?> ticks = timer.scheduleAtFixedRate(renewal, 0, period.toNanos(), TimeUnit.NANOSECONDS);
            return () -> ticks.cancel(false);
        }

        @Override
        public void after(Duration delay, Runnable renewal) {
            var unused = timer.schedule(renewal, delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            timer.shutdownNow();
        }
    }
}
