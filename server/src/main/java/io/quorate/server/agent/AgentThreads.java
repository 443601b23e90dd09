package io.quorate.server.agent;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/** Where an agent does what its loop must not wait for. The simulation has threads of its own. */
public interface AgentThreads {

    /** Operations of members but starts. */
    Executor members();

    /** Starts and promotions, so that slow ones never hold a stop or a monitor up. */
    Executor starts();

    /** Fencing and other orders, so that slow members never hold a fence up. */
    Executor orders();

    /** The lease's own, so that nothing that the loop does can hold a renewal up. */
    LeaseTimer leases();

    /** What a job calls to wait for an answer. */
    <T> T await(CompletableFuture<T> answer) throws InterruptedException, ExecutionException;

    /** When renewals are sent. */
    interface LeaseTimer extends AutoCloseable {

        /** Runs it now and then once in each period, until the result is run. */
        Runnable every(Duration period, Runnable renewal);

        /** Runs it once. */
        void after(Duration delay, Runnable renewal);

        @Override
        void close();
    }
}
