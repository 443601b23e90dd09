package io.quorate.server.agent;

import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.server.agent.exec.Durations;
import io.quorate.server.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the lease: one renewal outstanding, each answer counted from the moment its request was sent, on a thread of its own
 * so that nothing that the loop does can hold a renewal up. After a failure the next server is asked soon and not at the
 * next turn: a leader that has just begun counts the time until it hears from this node. Thread-safe.
 */
final class LeaseHolder implements AutoCloseable {
    /** From one attempt that failed to the next one, at least. */
    private static final long AGAIN_NANOS = 200_000_000;

    private final NodeLink link;
    private final Clock clock;
    private final ContactFile contact;
    private final Consumer<RenewLeaseResponse> onAnswer;
    private final Consumer<Throwable> onDefect;
    private final AgentThreads.LeaseTimer timer;
    private @Nullable Runnable ticks;
    private long sequence;
    private boolean outstanding;
    private long holding;

    /**
     * Answers are given to the consumer on a thread of the link, those of former sessions left out.
     *
     * @param onDefect hears of what a renewal throws: a timer that failed once would never be run again, without a word
     */
    LeaseHolder(
            NodeLink link,
            Clock clock,
            ContactFile contact,
            AgentThreads.LeaseTimer timer,
            Consumer<RenewLeaseResponse> onAnswer,
            Consumer<Throwable> onDefect) {
        this.link = link;
        this.clock = clock;
        this.contact = contact;
        this.onAnswer = onAnswer;
        this.onDefect = onDefect;
        this.timer = timer;
    }

    /** Begins to renew for this session; renewals of another one end. */
    synchronized void hold(String node, long incarnation, long session, Duration every) {
        release();
        long holder = holding;
        outstanding = false;
        ticks = timer.every(every, () -> guarded(() -> renew(holder, node, incarnation, session)));
    }

    /** Stops renewing; the lease runs out by itself. */
    synchronized void release() {
        holding++;
        if (ticks != null) {
            ticks.run();
            ticks = null;
        }
    }

    /** End of the lease on the agent's clock; 0 when this boot never had one. */
    long endNanos() {
        return contact.leaseEndNanos();
    }

    private void guarded(Runnable renewal) {
        try {
            renewal.run();
        } catch (RuntimeException | Error defect) {
            onDefect.accept(defect);
        }
    }

    private void renew(long holder, String node, long incarnation, long session) {
        RenewLeaseRequest request;
        synchronized (this) {
            if (outstanding || holder != holding) {
                return;
            }
            outstanding = true;
            request = RenewLeaseRequest.newBuilder()
                    .setNode(node)
                    .setIncarnation(incarnation)
                    .setSession(session)
                    .setSequence(++sequence)
                    .setHighestSeen(contact.highestSeen())
                    .build();
        }
        long sent = clock.monotonicNanos();
        var unused = link.renew(request).whenComplete((answer, failure) -> {
            if (answer != null) {
                answered(holder, sent, answer);
            } else {
                failed(holder, sent, () -> renew(holder, node, incarnation, session));
            }
        });
    }

    private synchronized void failed(long holder, long sentNanos, Runnable again) {
        if (holder != holding) {
            return;
        }
        outstanding = false;
        long wait = Math.max(0, sentNanos + AGAIN_NANOS - clock.monotonicNanos());
        timer.after(Duration.ofNanos(wait), () -> guarded(again));
    }

    private void answered(long holder, long sentNanos, RenewLeaseResponse answer) {
        synchronized (this) {
            if (holder != holding) {
                return;
            }
            outstanding = false;
            if (answer.getVerdict() == RenewLeaseResponse.Verdict.VERDICT_RENEWED) {
                contact.saw(answer.getHeader().getPosition());
                contact.leaseEnds(Math.max(
                        contact.leaseEndNanos(),
                        sentNanos + Durations.of(answer.getLease()).toNanos()));
            }
        }
        onAnswer.accept(answer);
    }

    @Override
    public synchronized void close() {
        release();
        timer.close();
    }
}
