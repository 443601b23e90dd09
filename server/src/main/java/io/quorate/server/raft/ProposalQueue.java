package io.quorate.server.raft;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Commands and reads that wait for the next entry, within limits. Guarded by the proposer's lock. */
final class ProposalQueue {

    /** Limits of what waits and of what travels together. */
    static final int MAX_QUEUED = 16_384;

    static final long MAX_QUEUED_BYTES = 32L << 20;
    static final int MAX_BATCH = 1_024;
    static final int MAX_BATCH_BYTES = 1 << 20;
    static final int MAX_READS = 65_536;

    record Pending(Command command, int bytes, long sinceNanos, CompletableFuture<CommandResult> result) {}

    record Read(long sinceNanos, CompletableFuture<ClusterState> result) {}

    private final ArrayDeque<Pending> commands = new ArrayDeque<>();
    private final ArrayDeque<Read> reads = new ArrayDeque<>();
    private long bytes;

    boolean isEmpty() {
        return commands.isEmpty() && reads.isEmpty();
    }

    /** Commands and reads. */
    int size() {
        return commands.size() + reads.size();
    }

    boolean hasRoomFor(int moreBytes) {
        return commands.size() < MAX_QUEUED && bytes + moreBytes <= MAX_QUEUED_BYTES;
    }

    boolean hasRoomForRead() {
        return reads.size() < MAX_READS;
    }

    Pending add(Command command, int size, long nowNanos) {
        Pending pending = new Pending(command, size, nowNanos, new CompletableFuture<>());
        commands.add(pending);
        bytes += size;
        return pending;
    }

    Read addRead(long nowNanos) {
        Read read = new Read(nowNanos, new CompletableFuture<>());
        reads.add(read);
        return read;
    }

    /** Moves the commands of one entry, at least one if there is any, to {@code batch}. */
    void drainTo(List<Pending> batch) {
        long batchBytes = 0;
        while (!commands.isEmpty() && batch.size() < MAX_BATCH) {
            if (!batch.isEmpty() && batchBytes + commands.element().bytes() > MAX_BATCH_BYTES) {
                return;
            }
            Pending next = remove();
            batchBytes += next.bytes();
            batch.add(next);
        }
    }

    /** Moves every read to {@code to}. */
    void drainReadsTo(List<Read> to) {
        to.addAll(reads);
        reads.clear();
    }

    /** Moves what waits since before {@code nanos}. */
    void expireTo(long nanos, List<Pending> lateCommands, List<Read> lateReads) {
        while (!commands.isEmpty() && commands.element().sinceNanos() - nanos < 0) {
            lateCommands.add(remove());
        }
        while (!reads.isEmpty() && reads.element().sinceNanos() - nanos < 0) {
            lateReads.add(reads.remove());
        }
    }

    /** Moves everything. */
    void clearTo(List<Pending> allCommands, List<Read> allReads) {
        allCommands.addAll(commands);
        commands.clear();
        bytes = 0;
        drainReadsTo(allReads);
    }

    private Pending remove() {
        Pending next = commands.remove();
        bytes -= next.bytes();
        return next;
    }

    /** As people read it. */
    String display() {
        return commands.size() + " commands, " + bytes + " bytes";
    }
}
