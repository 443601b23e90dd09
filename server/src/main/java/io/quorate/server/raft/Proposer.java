package io.quorate.server.raft;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.DigestCheck;
import io.quorate.log.v1.LogEntry;
import io.quorate.server.raft.ProposalQueue.Pending;
import io.quorate.server.raft.ProposalQueue.Read;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.apply.Rejection;
import io.quorate.statemachine.command.CommandCodec;
import io.quorate.statemachine.model.ClusterState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit and read barrier of a leader. One entry is in flight; the commands that arrive meanwhile travel together in
 * the next one. The same entry is the barrier for every read that arrived before it was proposed: once it is applied here,
 * this member led a majority after those reads were asked, so its state is no older than any acknowledged command. (The
 * read options of Ratis are not used: they return stale values, see the stale-read test.)
 *
 * <p>Nothing is ever submitted twice: a failed barrier fails its reads, which may be asked again and then wait for a later
 * entry (FreshBarrier); a failed command is for its caller to repeat under its request id.
 *
 * <p>An entry that stays in flight is followed by an empty one, a reminder. When a connection breaks after a follower took
 * an entry and before it said so, Ratis 3.3.0 neither sends the entry again nor learns from heartbeats that it is there; only
 * the answer to a later entry confirms it.
 *
 * <p>Threading: one thread of its own builds, tries and submits entries, and completes what was refused or failed; results
 * of applied entries complete on the apply thread. Every public method only takes a short lock.
 */
final class Proposer implements AutoCloseable {

    static final int MAX_COMMAND_BYTES = 8 << 20;

    /** After this an entry that is neither committed nor lost is called indeterminate. */
    static final Duration ENTRY_TIMEOUT = Duration.ofSeconds(10);

    /** After this a command that could not even be proposed is given back. */
    static final Duration QUEUE_TIMEOUT = Duration.ofSeconds(5);

    /**
     * An entry in flight is followed by a reminder after this, or after twice as long as the last one took if that is longer, and then after
     * twice as long each time.
     */
    static final Duration FIRST_REMINDER = Duration.ofSeconds(1);

    /** Between two attempts of the command that opens a term: a log that refuses one at once refuses the next, too. */
    static final Duration OPENING_PAUSE = Duration.ofMillis(100);

    private static final long WATCH_NANOS = 250_000_000;

    /** The term that this member leads; {@code open} once others may propose. */
    private static final class Term {
        final long number;
        final LogClock clock;
        boolean open;

        @Nullable
        Repetition repetition;

        Term(long number, LogClock clock, boolean open) {
            this.number = number;
            this.clock = clock;
            this.open = open;
        }
    }

    /** The command that opens a term, to be tried again at a time of the monotonic clock. */
    private record Repetition(long atNanos, Runnable attempt) {}

    private record InFlight(
            long callId,
            Term term,
            ClusterState base,
            DryRun.Plan plan,
            List<Pending> commands,
            List<Read> reads,
            long sinceNanos) {}

    private final Replica replica;
    private final EntrySink sink;
    private final Clock clock;
    private final Halt halt;
    private final String memberId;
    private final Supplier<Optional<String>> leaderHint;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ProposalQueue queue = new ProposalQueue();
    private final Gathering gathering = new Gathering();
    private final List<Runnable> endings = new ArrayList<>();
    private @Nullable Term leading;
    private @Nullable InFlight inFlight;
    private long reminderAtNanos;
    private long reminderPauseNanos;
    /** How long the last entry was on its way. */
    private long lastFlightNanos;
    /** A vote as it is, or the default instance for a digest of the state that the entry will be based on. */
    private @Nullable DigestCheck digestWanted;

    private boolean closed;
    private long lastCallId;

    Proposer(
            String memberId,
            Replica replica,
            EntrySink sink,
            Clock clock,
            Halt halt,
            Supplier<Optional<String>> leaderHint) {
        this.memberId = memberId;
        this.replica = replica;
        this.sink = sink;
        this.clock = clock;
        this.halt = halt;
        this.leaderHint = leaderHint;
        this.thread = new Thread(this::run, memberId + "-proposer");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private CompletableFuture<CommandResult> refused(RejectCode code, String message) {
        return CompletableFuture.completedFuture(
                Applier.refused(replica.newest().state(), Rejection.of(code, "", message)));
    }

    /** As {@link RaftPort#propose}. */
    CompletableFuture<CommandResult> propose(Command command) {
        int bytes = command.getSerializedSize();
        if (bytes > MAX_COMMAND_BYTES) {
            return refused(
                    RejectCode.TOO_LARGE,
                    "the command has " + bytes + " bytes, at most " + MAX_COMMAND_BYTES + " are possible");
        }
        String problem = CommandCodec.problem(command);
        if (problem != null) {
            return refused(RejectCode.INVALID_ARGUMENT, problem);
        }
        lock.lock();
        try {
            Optional<UnavailableException> refusal = whyNot();
            if (refusal.isPresent()) {
                return CompletableFuture.failedFuture(refusal.get());
            }
            if (!queue.hasRoomFor(bytes)) {
                return CompletableFuture.failedFuture(
                        new UnavailableException("the queue of the leader is full (" + queue.display() + ")"));
            }
            return enqueue(command, bytes).result();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link RaftPort#readLinearizable}. */
    CompletableFuture<ClusterState> barrier() {
        lock.lock();
        try {
            Optional<UnavailableException> refusal = whyNot();
            if (refusal.isPresent()) {
                return CompletableFuture.failedFuture(refusal.get());
            }
            if (!queue.hasRoomForRead()) {
                return CompletableFuture.failedFuture(new UnavailableException("too many reads wait at the leader"));
            }
            Read read = queue.addRead(clock.monotonicNanos());
            arrived();
            return read.result();
        } finally {
            lock.unlock();
        }
    }

    /** Puts the digest of the present state into the next entry, for the others to compare. */
    void markDigest() {
        digest(DigestCheck.getDefaultInstance());
    }

    /** Puts a vote into the next entry. False when this member does not lead. */
    boolean voteDigest(DigestCheck vote) {
        return digest(vote);
    }

    private boolean digest(DigestCheck wanted) {
        lock.lock();
        try {
            boolean leads = whyNot().isEmpty();
            if (leads) {
                digestWanted = wanted;
                changed.signal();
            }
            return leads;
        } finally {
            lock.unlock();
        }
    }

    private Optional<UnavailableException> whyNot() {
        if (closed) {
            return Optional.of(new UnavailableException("this member is stopping"));
        }
        Term term = leading;
        if (term == null) {
            return Optional.of(new UnavailableException(
                    "this member does not lead", leaderHint.get().orElse(null)));
        }
        if (!term.open) {
            return Optional.of(new UnavailableException("the leader is not ready yet"));
        }
        return Optional.empty();
    }

    private Pending enqueue(Command command, int bytes) {
        Pending pending = queue.add(command, bytes, clock.monotonicNanos());
        arrived();
        return pending;
    }

    /** Wakes the proposer when this arrival is what it waits for: the first one, or the last one of a gathering. */
    private void arrived() {
        int callers = queue.size();
        if (inFlight == null && (callers == 1 || gathering.isComplete(callers))) {
            changed.signal();
        }
    }

    /**
     * This member leads {@code term}, and everything committed by earlier terms is applied here.
     *
     * @param first is committed before anything else, if present (InitCluster)
     * @param ready runs when the term is open for others; on any thread
     */
    void lead(long term, Optional<Command> first, Runnable ready) {
        Replica.Snapshot newest = replica.newest();
        lock.lock();
        try {
            end("another term began");
            Term begun =
                    new Term(term, new LogClock(clock, newest.state().stamp(), newest.appliedNanos()), first.isEmpty());
            leading = begun;
            if (first.isPresent()) {
                openWith(begun, first.get(), ready);
                return;
            }
        } finally {
            lock.unlock();
        }
        ready.run();
    }

    /**
     * Nobody else repeats the command that opens a term: whatever becomes of an attempt, there is another while it leads,
     * after a pause.
     */
    private void openWith(Term term, Command first, Runnable ready) {
        lock.lock();
        try {
            if (leading != term) {
                return;
            }
            var unused = enqueue(first, first.getSerializedSize()).result().whenComplete((result, failure) -> {
                if (result != null) {
                    open(term, result, ready);
                } else {
                    repeatLater(term, () -> openWith(term, first, ready));
                }
            });
        } finally {
            lock.unlock();
        }
    }

    private void repeatLater(Term term, Runnable attempt) {
        lock.lock();
        try {
            term.repetition = new Repetition(clock.monotonicNanos() + OPENING_PAUSE.toNanos(), attempt);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the repetition that is due. Returns the nanoseconds until there may be one. */
    private long repeat(@Nullable Term term) {
        Repetition waiting = term == null ? null : term.repetition;
        if (term == null || waiting == null) {
            return WATCH_NANOS;
        }
        long left = waiting.atNanos() - clock.monotonicNanos();
        if (left <= 0) {
            term.repetition = null;
            waiting.attempt().run();
            return WATCH_NANOS;
        }
        return Math.min(WATCH_NANOS, left);
    }

    private void open(Term term, CommandResult result, Runnable ready) {
        if (result.getCode() != 0 && result.getCode() != RejectCode.ALREADY_INITIALIZED.number()) {
            halt.halt("The first command of the cluster was refused: " + result.getMessage(), null);
            return;
        }
        lock.lock();
        try {
            term.open = true;
        } finally {
            lock.unlock();
        }
        ready.run();
    }

    /**
     * This member no longer leads: what is in flight may have been done, what waits was not.
     *
     * @param last a later term that this member leads goes on
     */
    void endTerm(long last) {
        lock.lock();
        try {
            if (leading != null && leading.number <= last) {
                end("this member no longer leads");
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(String why) {
        if (leading == null) {
            return;
        }
        leading = null;
        digestWanted = null;
        InFlight lost = inFlight;
        inFlight = null;
        if (lost != null) {
            endings.add(() -> indeterminate(lost, why));
        }
        List<Pending> commands = new ArrayList<>();
        List<Read> waiting = new ArrayList<>();
        queue.clearTo(commands, waiting);
        // Not here: the caller may hold locks of the library, and the continuations are somebody else's code.
        endings.add(() -> unavailable(commands, waiting, why));
        changed.signal();
    }

    private void indeterminate(InFlight lost, String why) {
        lost.commands()
                .forEach(pending -> pending.result()
                        .completeExceptionally(new IndeterminateException(
                                why + " while the command was in flight: it may have been done")));
        unavailable(List.of(), lost.reads(), why);
    }

    private void unavailable(List<Pending> commands, List<Read> waiting, String why) {
        String leader = leaderHint.get().filter(id -> !id.equals(memberId)).orElse(null);
        commands.forEach(pending -> pending.result().completeExceptionally(new UnavailableException(why, leader)));
        waiting.forEach(read -> read.result().completeExceptionally(new UnavailableException(why, leader)));
    }

    /** What the dry run of an own entry found, if it was made on exactly this state: apply need not compute it again. */
    @SuppressWarnings("ReferenceEquality") // the very same state: comparing its content would cost as much as applying
    DryRun.@Nullable Plan predicted(long callId, long term, ClusterState base) {
        lock.lock();
        try {
            InFlight current = inFlight;
            if (current == null || current.callId() != callId) {
                return null;
            }
            return current.term().number == term && current.base() == base ? current.plan() : null;
        } finally {
            lock.unlock();
        }
    }

    /** An entry of this member was applied here: answers its callers, on the calling (apply) thread. */
    void applied(long callId, Applied applied) {
        InFlight done;
        lock.lock();
        try {
            done = inFlight;
            if (done == null || done.callId() != callId) {
                return;
            }
            inFlight = null;
            lastFlightNanos = clock.monotonicNanos() - done.sinceNanos();
            gathering.expect(done.commands().size() + done.reads().size() + queue.size());
            // With nothing to propose the next arrival wakes the proposer: a wake-up in vain costs a caller its turn.
            if (!queue.isEmpty() || digestWanted != null) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        for (int index = 0; index < done.commands().size(); index++) {
            done.commands().get(index).result().complete(applied.results().get(index));
        }
        done.reads().forEach(read -> read.result().complete(applied.state()));
    }

    private void run() {
        try {
            while (true) {
                List<Runnable> due = new ArrayList<>();
                List<Pending> batch = new ArrayList<>();
                Term term = await(due, batch);
                due.forEach(Runnable::run);
                if (term != null) {
                    propose(term, batch);
                } else if (due.isEmpty()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable defect) {
            halt.halt("The proposer of " + memberId + " failed: this is a bug, please report it", defect);
        }
    }

    /** Waits for something to do. Returns the term to propose in, or null with something due, or null for the end. */
    private @Nullable Term await(List<Runnable> due, List<Pending> batch) throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                expire();
                due.addAll(endings);
                endings.clear();
                Term term = leading;
                // Re-checked now and then only for the timeouts: everything else signals.
                long wait = repeat(term);
                if (term != null && inFlight == null && (!queue.isEmpty() || digestWanted != null)) {
                    wait = gathering.remainingNanos(queue.size(), clock.monotonicNanos());
                    if (wait == 0) {
                        queue.drainTo(batch);
                        return term;
                    }
                }
                if (!due.isEmpty() || closed) {
                    return null;
                }
                var unused = changed.awaitNanos(wait);
            }
        } finally {
            lock.unlock();
        }
    }

    private void expire() {
        long now = clock.monotonicNanos();
        InFlight stuck = inFlight;
        if (stuck == null) {
            return;
        }
        if (now - reminderAtNanos >= 0) {
            reminderPauseNanos = Math.min(2 * reminderPauseNanos, ENTRY_TIMEOUT.toNanos());
            reminderAtNanos = now + reminderPauseNanos;
            endings.add(() -> remind(stuck.term()));
        }
        if (now - stuck.sinceNanos() > ENTRY_TIMEOUT.toNanos()) {
            // The slot stays taken until its fate is known or the term ends; only its callers stop waiting.
            inFlight =
                    new InFlight(stuck.callId(), stuck.term(), stuck.base(), stuck.plan(), List.of(), List.of(), now);
            endings.add(() -> indeterminate(stuck, "no majority confirmed the entry in time"));
        }
        List<Pending> late = new ArrayList<>();
        List<Read> lateReads = new ArrayList<>();
        queue.expireTo(now - QUEUE_TIMEOUT.toNanos(), late, lateReads);
        if (!late.isEmpty() || !lateReads.isEmpty()) {
            endings.add(() -> unavailable(late, lateReads, "the leader waits for a majority"));
        }
    }

    /** What becomes of a reminder concerns nobody. */
    private void remind(Term term) {
        long callId;
        lock.lock();
        try {
            if (leading != term) {
                return;
            }
            callId = ++lastCallId;
        } finally {
            lock.unlock();
        }
        LogEntry empty = LogEntry.newBuilder().setStamp(term.clock.next()).build();
        var unused = sink.submit(callId, empty.toByteArray());
    }

    private void propose(Term term, List<Pending> batch) {
        Replica.Snapshot newest = replica.newest();
        ClusterState base = newest.state();
        LogEntry.Builder envelope = LogEntry.newBuilder().setStamp(term.clock.next());
        DigestCheck digest = takeDigest(newest);
        if (digest != null) {
            envelope.setDigestCheck(digest);
        }
        List<Command> commands = batch.stream().map(Pending::command).toList();
        DryRun.Plan plan = DryRun.plan(replica, base, envelope.build(), commands, term.number);
        List<Pending> logged = new ArrayList<>(batch.size());
        for (int index = 0; index < batch.size(); index++) {
            CommandResult verdict = plan.verdicts().get(index);
            if (verdict == null) {
                logged.add(batch.get(index));
            } else {
                batch.get(index).result().complete(verdict);
            }
        }
        InFlight entry = occupy(term, base, plan, logged, digest != null);
        if (entry != null) {
            var unused = sink.submit(entry.callId(), plan.entry().toByteArray())
                    .thenAccept(outcome -> submitted(entry, outcome));
        }
    }

    private @Nullable DigestCheck takeDigest(Replica.Snapshot base) {
        DigestCheck wanted;
        lock.lock();
        try {
            wanted = digestWanted;
            digestWanted = null;
        } finally {
            lock.unlock();
        }
        if (wanted == null || !wanted.getMember().isEmpty()) {
            return wanted;
        }
        return DigestCheck.newBuilder()
                .setLogIndex(base.logIndex())
                .setRevision(base.state().revision())
                .setDigest(Digests.bytes(base.state()))
                .setMember(memberId)
                .build();
    }

    /** Takes the one place in flight, and every read that has arrived by now. Null when there is nothing to propose. */
    private @Nullable InFlight occupy(
            Term term, ClusterState base, DryRun.Plan plan, List<Pending> logged, boolean digest) {
        lock.lock();
        try {
            if (leading != term) {
                endings.add(() -> unavailable(logged, List.of(), "this member no longer leads"));
                return null;
            }
            List<Read> sharing = new ArrayList<>();
            queue.drainReadsTo(sharing);
            if (logged.isEmpty() && sharing.isEmpty() && !digest) {
                return null;
            }
            long now = clock.monotonicNanos();
            InFlight entry = new InFlight(++lastCallId, term, base, plan, logged, sharing, now);
            inFlight = entry;
            // On a slow disk a reminder would only be one more thing to write before the next entry.
            reminderPauseNanos =
                    Math.min(Math.max(FIRST_REMINDER.toNanos(), 2 * lastFlightNanos), ENTRY_TIMEOUT.toNanos());
            reminderAtNanos = now + reminderPauseNanos;
            return entry;
        } finally {
            lock.unlock();
        }
    }

    private void submitted(InFlight entry, EntrySink.Outcome outcome) {
        lock.lock();
        try {
            InFlight current = inFlight;
            if (current == null || current.callId() != entry.callId()) {
                return;
            }
            inFlight = null;
            if (outcome == EntrySink.Outcome.NOT_LOGGED) {
                endings.add(() ->
                        unavailable(current.commands(), current.reads(), "the leader could not append to its log"));
            } else {
                endings.add(() -> indeterminate(current, "the fate of the entry is unknown"));
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Fails everything that waits and ends the thread. */
    @Override
    public void close() {
        lock.lock();
        try {
            end("this member is stopping");
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (Thread.currentThread() != thread) {
            boolean interrupted = false;
            try {
                thread.join(TimeUnit.SECONDS.toMillis(5));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
