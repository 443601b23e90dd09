package io.quorate.server.leader;

import io.quorate.server.raft.Halt;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.Subscription;
import io.quorate.server.raft.UnavailableException;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.policy.Policy;
import io.quorate.v1.FencePathResult;
import io.quorate.v1.OperationResult;
import io.quorate.v1.SignOfLife;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's one thread: takes leadership, commits, renewals, reports and timers as events, one after the other.
 * Every server has one; on a follower it only watches who leads and who was seen.
 *
 * <p>In production {@link #start} runs it on a thread of its own. A test or simulation calls {@link #attach} and then {@link
 * #runUntilIdle} after each step, on its own thread, with a clock that it moves itself.
 */
public final class LeaderLoop implements LeaderPort, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderLoop.class);
    private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long REBUILD_MILLIS = 1_000;
    private static final long CLOSE_MILLIS = 5_000;

    private final RaftPort raft;
    private final Clock clock;
    private final Policy policy;
    private final Executor worker;
    private final Halt halt;
    private final EventQueue queue;
    private final UntilLed untilLed;
    private final Counters counters = new Counters();
    private final ColdStart coldStart = new ColdStart();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private volatile @Nullable LeaderTerm current;
    /** Set before a term reads the state that it begins with: from then on no commit is missed. */
    private volatile boolean leads;

    private volatile boolean closed;
    private @Nullable Thread thread;
    private long builds;
    private long builtTerm = -1;

    /**
     * @param worker runs the policy; never the caller's thread in production
     * @param halt ends the process when this loop cannot go on: it would hold leadership and decide nothing
     */
    public LeaderLoop(RaftPort raft, Clock clock, Policy policy, Executor worker, Halt halt) {
        this.raft = raft;
        this.clock = clock;
        this.policy = policy;
        this.worker = worker;
        this.halt = halt;
        this.queue = new EventQueue(clock);
        this.untilLed = new UntilLed(queue, this::someoneLeads);
    }

    /** Attaches to the log and runs on a thread of its own until {@link #close}. */
    public void start() {
        attach();
        Thread loop = new Thread(this::run, "leader-loop");
        loop.setDaemon(true);
        thread = loop;
        loop.start();
    }

    /** Listens to the log without a thread: the caller runs the events. */
    public void attach() {
        subscriptions.add(raft.onApplied((state, commits) -> {
            if (leads || coldStart.isCold()) {
                queue.post("applied", () -> applied(state, commits));
            }
        }));
        subscriptions.add(
                raft.onLeadership(leadership -> queue.post("leadership", () -> leadershipChanged(leadership))));
    }

    /** Runs all events and timers that are due, and what they cause; the number of them. */
    public int runUntilIdle() {
        return queue.runUntilIdle();
    }

    /** When its next timer is due, on its clock; MAX_VALUE: there is none. */
    public long nextTimerNanos() {
        return queue.nextTimerNanos();
    }

    @Override
    public void close() {
        closed = true;
        subscriptions.forEach(Subscription::close);
        Thread loop = thread;
        if (loop == null) {
            endTerm("this server stops");
            return;
        }
        queue.post("close", () -> {
            endTerm("this server stops");
            untilLed.releaseAll();
        });
        try {
            loop.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed || current != null) {
            try {
                queue.awaitAndRunOne(MAX_WAIT_NANOS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                defectOrHalt(e);
            } catch (Error e) {
                halt.halt("The leader's loop failed: this is a bug, please report it", e);
                return;
            }
        }
    }

    private void defectOrHalt(RuntimeException failure) {
        try {
            defect(failure);
        } catch (RuntimeException second) {
            second.addSuppressed(failure);
            halt.halt("The leader's state could not be rebuilt: this is a bug, please report it", second);
        }
    }

    /** An event failed half way: what the term knew may be wrong, so it is built anew, with full timeouts. */
    private void defect(RuntimeException failure) {
        counters.defects.increment();
        LOG.error("event {} failed; the leader's soft state is rebuilt", queue.current(), failure);
        endTerm("the leader rebuilds its state");
        queue.after(TermContext.millisToNanos(REBUILD_MILLIS), "rebuild", late -> leadershipChanged(raft.leadership()));
    }

    private void applied(ClusterState state, List<Commit> commits) {
        coldStart.applied(state);
        LeaderTerm term = current;
        if (term != null) {
            term.applied(state, commits);
        }
    }

    private void leadershipChanged(Leadership leadership) {
        coldStart.leadership(leadership, raft.memberId(), clock.monotonicNanos());
        coldStart.applied(raft.applied());
        LeaderTerm term = current;
        boolean goesOn =
                leadership.isReadyLeader() && term != null && term.context().term() == leadership.term();
        if (goesOn) {
            return;
        }
        endTerm("this server no longer leads");
        if (leadership.isReadyLeader() && !closed) {
            beginTerm(leadership.term());
        }
        untilLed.changed();
    }

    /** Whether a call can be answered here, or its caller be told where to go. */
    private boolean someoneLeads() {
        return current != null
                || raft.leadership().leaderOtherThan(raft.memberId()).isPresent();
    }

    private void beginTerm(long number) {
        LOG.info("leading in term {}", number);
        leads = true;
        TermContext context = new TermContext(number, ++builds, raft, clock, queue, worker, counters, raft.applied());
        // Built anew in one term, nobody led before but this very process, until a moment ago.
        long ledUntilNanos = number == builtTerm ? clock.monotonicNanos() : raft.formerLeaderNanos();
        builtTerm = number;
        LeaderTerm term = new LeaderTerm(context, policy, coldStart);
        current = term;
        term.start(ledUntilNanos);
    }

    private void endTerm(String why) {
        LeaderTerm term = current;
        current = null;
        leads = false;
        if (term != null) {
            LOG.info("term {} ends: {}", term.context().term(), why);
            term.end(notLeader(why));
        }
    }

    private UnavailableException notLeader(String why) {
        return new UnavailableException(
                why, raft.leadership().leaderOtherThan(raft.memberId()).orElse(null));
    }

    /**
     * Runs an action of a request inside the present term, on the loop's thread.
     *
     * @param otherwise told why, when this process does not lead or too many requests wait
     */
    void inTerm(String name, Consumer<LeaderTerm> action, Consumer<Throwable> otherwise) {
        boolean taken = queue.postRequest(name, () -> {
            LeaderTerm term = current;
            if (term == null) {
                otherwise.accept(notLeader("this server does not lead"));
            } else {
                action.accept(term);
            }
        });
        if (!taken) {
            otherwise.accept(tooBusy());
        }
    }

    /**
     * Runs a call of an agent once this process leads or knows who does, or when it has waited for that long enough.
     *
     * @param otherwise told why, when too many requests wait
     */
    void onceLed(String name, Runnable call, Consumer<Throwable> otherwise) {
        if (!queue.postRequest(name, () -> untilLed.run(call))) {
            otherwise.accept(tooBusy());
        }
    }

    private static UnavailableException tooBusy() {
        return new UnavailableException("the leader is too busy");
    }

    private <T> CompletableFuture<T> ask(String name, BiConsumer<LeaderTerm, CompletableFuture<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        inTerm(name, term -> question.accept(term, answer), answer::completeExceptionally);
        return answer;
    }

    @Override
    public CompletableFuture<List<OperationResult>> logs(String node, String resource, String operation) {
        return ask("ask-logs", (term, answer) -> term.inquiries().logs(node, resource, operation, answer));
    }

    @Override
    public CompletableFuture<List<FencePathResult>> checkFencing(@Nullable String node) {
        return ask("ask-fencing", (term, answer) -> term.inquiries().checkFencing(node, answer));
    }

    @Override
    public CompletableFuture<List<SignOfLife>> probeNode(String node) {
        return ask("ask-signs-of-life", (term, answer) -> term.inquiries().probeNode(node, answer));
    }

    @Override
    public Map<String, Duration> heartbeatAges() {
        LeaderTerm term = current;
        return term == null ? Map.of() : term.heartbeats().ages(clock.monotonicNanos());
    }

    @Override
    public LeaderCounters counters() {
        return counters.snapshot();
    }
}
