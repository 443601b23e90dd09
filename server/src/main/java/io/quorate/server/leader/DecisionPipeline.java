package io.quorate.server.leader;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InstanceRow;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.StartupGrace;
import io.quorate.statemachine.policy.Decision;
import io.quorate.statemachine.policy.Plan;
import io.quorate.statemachine.policy.Policy;
import io.quorate.statemachine.policy.PolicyInput;
import io.quorate.v1.Position;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the policy what to do whenever something changed, and proposes its decisions, one in flight for each subject. A
 * decision carries what it relied on; when that has moved, apply refuses it and the policy is asked again. With no
 * outside change it comes to rest (I10).
 */
final class DecisionPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionPipeline.class);

    private static final long FIRST_BACKOFF_MILLIS = 500;
    private static final long MAX_BACKOFF_MILLIS = 30_000;
    private static final int MAX_DOUBLINGS = 10;

    /** A refusal that is over for so long has nothing to do with the next one. */
    private static final long REMEMBERED_NANOS = TermContext.millisToNanos(60_000);

    /** Decisions that this leader holds back are looked at again this often. */
    private static final long HELD_BACK_MILLIS = 250;

    /** Rules with dates are looked at this often at least: somebody may have set the wall clock. */
    private static final long LONGEST_REST_MILLIS = 60_000;

    /** And no oftener than this: wall time stands still for a while after it was set back. */
    private static final long SHORTEST_REST_MILLIS = 50;

    /** Subjects whose decisions were refused: when they may be decided again. */
    private record Refused(int times, long untilNanos) {}

    private final TermContext context;
    private final Policy policy;
    private final Predicate<String> answers;
    private final NavigableSet<String> inFlight = new TreeSet<>();
    private final Map<String, Refused> refused = new TreeMap<>();
    private Runnable afterLook = () -> {};
    private @Nullable Plan lastPlan;
    private long lookedAtRevision = -1;
    private boolean running;
    private boolean dirty;
    private EventQueue.@Nullable Timer wakeUp;
    private long wakeUpNanos;

    /**
     * @param policy is asked one look after the other
     * @param answers whether a node that counts as up is in contact right now
     */
    DecisionPipeline(TermContext context, Policy policy, Predicate<String> answers) {
        this.context = context;
        this.policy = policy.remembering();
        this.answers = answers;
    }

    /** @param afterLook is run whenever the policy has looked */
    void connect(Runnable afterLook) {
        this.afterLook = afterLook;
    }

    /** Whether the policy has looked at a state of this revision or a later one. */
    boolean hasLookedAt(long revision) {
        return lookedAtRevision >= revision;
    }

    /**
     * Keys of the units that the policy wants something done about that is not in the state yet: it is decided, in flight,
     * refused for now, or put off until something else has happened.
     */
    NavigableSet<String> restless() {
        NavigableSet<String> subjects = notDecidable();
        NavigableSet<String> units = new TreeSet<>();
        if (lastPlan != null) {
            lastPlan.decisions().forEach(decision -> subjects.add(decision.subject()));
            units.addAll(lastPlan.putOff());
        }
        for (String subject : subjects) {
            InstanceRow instance = context.state().instance(Keys.bare(subject));
            if (instance != null) {
                units.add(instance.getUnit());
            }
        }
        return units;
    }

    /** Something that a decision may depend on has changed. */
    void changed() {
        dirty = true;
        runIfIdle();
    }

    private void runIfIdle() {
        if (!dirty || running) {
            return;
        }
        dirty = false;
        running = true;
        ClusterState state = context.state();
        PolicyInput input = new PolicyInput(state, notDecidable(), context.logMillis(), context.wallMillis());
        context.counters().policyRuns.increment();
        context.onWorker("plan-ready", () -> policy.plan(input), (plan, failure) -> {
            running = false;
            if (plan == null) {
                context.counters().defects.increment();
                LOG.error("the policy failed at position {}", state.revision(), failure);
                wakeUpIn(MAX_BACKOFF_MILLIS);
            } else {
                take(plan, state.position());
            }
            runIfIdle();
        });
    }

    private NavigableSet<String> notDecidable() {
        NavigableSet<String> subjects = new TreeSet<>(inFlight);
        long now = context.nowNanos();
        refused.values().removeIf(entry -> now - entry.untilNanos > REMEMBERED_NANOS);
        refused.forEach((subject, entry) -> {
            if (entry.untilNanos - now > 0) {
                subjects.add(subject);
                wakeUpIn(TermContext.nanosToMillis(entry.untilNanos - now) + 1);
            }
        });
        return subjects;
    }

    private void take(Plan plan, Position lookedAt) {
        lastPlan = plan;
        lookedAtRevision = lookedAt.getRevision();
        plan.decisions().forEach(decision -> propose(decision, lookedAt));
        plan.askAgainAtLogMillis().ifPresent(atLogMillis -> wakeUpIn(restMillis(atLogMillis)));
        plan.datesChangeAtLogMillis()
                .ifPresent(atLogMillis -> wakeUpIn(
                        Math.max(SHORTEST_REST_MILLIS, Math.min(LONGEST_REST_MILLIS, restMillis(atLogMillis)))));
        afterLook.run();
    }

    private long restMillis(long atLogMillis) {
        return Math.max(1, atLogMillis - context.logMillis());
    }

    private void propose(Decision decision, Position lookedAt) {
        String subject = decision.subject();
        if (inFlight.contains(subject)) {
            return;
        }
        if (mustWait(decision)) {
            wakeUpIn(HELD_BACK_MILLIS);
            return;
        }
        inFlight.add(subject);
        context.counters().decisionsProposed.increment();
        context.propose("decision-decided", command(decision, lookedAt), outcome -> {
            inFlight.remove(subject);
            decided(decision, outcome);
        });
    }

    /**
     * What the policy does not weigh: who may only be late after a cold start, and which nodes that count as up have just
     * stopped to answer. Those are soon back or lost; until then nothing new is given to them.
     */
    private boolean mustWait(Decision decision) {
        if (decision instanceof Decision.Fence fence) {
            return StartupGrace.restMillis(context.state(), fence.node(), context.logMillis()) > 0;
        }
        return (decision instanceof Decision.Assign assign && !answers.test(assign.node()))
                || (decision instanceof Decision.Migrate migrate && !answers.test(migrate.toNode()));
    }

    private void decided(Decision decision, Outcome outcome) {
        String subject = decision.subject();
        CommandResult refusal = outcome.refusal();
        if (outcome.isAccepted()) {
            context.counters().decisionsAccepted.increment();
            refused.remove(subject);
        } else {
            Refused before = refused.get(subject);
            int times = before == null ? 1 : before.times + 1;
            if (refusal != null) {
                count(decision, refusal, times);
            }
            refused.put(
                    subject,
                    new Refused(times, context.nowNanos() + TermContext.millisToNanos(backoff(refusal, times))));
        }
        changed();
    }

    /** A stale read heals by planning anew at once; anything else must not become a storm. */
    private static long backoff(@Nullable CommandResult refusal, int times) {
        boolean stale = refusal != null && refusal.getCode() == RejectCode.STALE_READ.number();
        if (stale && times == 1) {
            return 0;
        }
        return Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(times, MAX_DOUBLINGS));
    }

    private void count(Decision decision, CommandResult refusal, int times) {
        RejectCode code = RejectCode.of(refusal.getCode());
        context.counters().refused(code == null ? String.valueOf(refusal.getCode()) : code.name());
        if (times > 1) {
            context.counters().repeatedRefusals.increment();
        }
        LOG.info(
                "{} for {} refused ({}): {}",
                decision.getClass().getSimpleName(),
                decision.subject(),
                code,
                refusal.getMessage());
    }

    private static Command.Builder command(Decision decision, Position lookedAt) {
        Command.Builder command = decision.toCommand(lookedAt);
        if (!decision.reasons().isEmpty()) {
            command.setReason(decision.reasons().get(0).getMessage());
        }
        return command;
    }

    private void wakeUpIn(long delayMillis) {
        long atNanos = context.nowNanos() + TermContext.millisToNanos(delayMillis);
        if (wakeUp != null && wakeUpNanos - atNanos <= 0) {
            return;
        }
        if (wakeUp != null) {
            wakeUp.cancel();
        }
        wakeUpNanos = atNanos;
        wakeUp = context.after(delayMillis, "plan-again", late -> {
            wakeUp = null;
            changed();
        });
    }
}
