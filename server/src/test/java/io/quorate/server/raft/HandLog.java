package io.quorate.server.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.LogEntry;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A replicated log of one replica in which the test commits by hand. */
final class HandLog implements EntrySink, Replica {

    /** An attribute of this name makes applying throw. */
    static final String BOOM = "boom";

    record Submitted(long callId, LogEntry entry, CompletableFuture<Outcome> outcome) {}

    /** While set, nothing enters the log: every submission is answered so at once. */
    volatile boolean refuses;

    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger computed = new AtomicInteger();
    final AtomicInteger reused = new AtomicInteger();
    private final Applier applier = new Applier(RuleTable.standard());
    private final ArrayDeque<Submitted> submitted = new ArrayDeque<>();
    private volatile Replica.Snapshot newest = Replica.Snapshot.first(ClusterState.empty(), -1, 0);

    @Override
    public Replica.Snapshot newest() {
        return newest;
    }

    @Override
    public Applied apply(ClusterState state, LogEntry entry, long term) {
        computed.incrementAndGet();
        for (Command command : entry.getCommandsList()) {
            if (command.getSetNodeAttribute().getName().equals(BOOM)) {
                throw new IllegalStateException("a bug in a rule");
            }
        }
        return applier.apply(state, entry, term);
    }

    @Override
    public CompletableFuture<Outcome> submit(long callId, byte[] entry) {
        if (refuses) {
            refused.incrementAndGet();
            return CompletableFuture.completedFuture(Outcome.NOT_LOGGED);
        }
        try {
            Submitted one = new Submitted(callId, LogEntry.parseFrom(entry), new CompletableFuture<>());
            synchronized (submitted) {
                submitted.add(one);
            }
            return one.outcome();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until an entry is in flight, and takes it out. */
    Submitted next() {
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> count() > 0);
        synchronized (submitted) {
            return submitted.remove();
        }
    }

    int count() {
        synchronized (submitted) {
            return submitted.size();
        }
    }

    /** Applies an entry and reports it, as the state machine does. */
    void commit(Submitted one, Proposer proposer, long term) {
        ClusterState before = newest.state();
        DryRun.Plan plan = proposer.predicted(one.callId(), term, before);
        if (plan != null) {
            reused.incrementAndGet();
        }
        Applied applied = plan != null ? plan.predicted() : apply(before, one.entry(), term);
        newest = newest.next(applied.state(), newest.logIndex() + 1, 0);
        proposer.applied(one.callId(), applied);
        one.outcome().complete(Outcome.APPLIED);
    }
}
