package io.quorate.statemachine.forecast;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.FinishOperation;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.StartupGrace;
import io.quorate.statemachine.policy.Decision;
import io.quorate.statemachine.policy.Goals;
import io.quorate.statemachine.policy.Plan;
import io.quorate.statemachine.policy.Policy;
import io.quorate.statemachine.policy.PolicyInput;
import io.quorate.v1.OperationState;
import io.quorate.v1.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Decides, and lets the agents do it, turn by turn. */
final class Run {
    /** Looks of the policy in one run: enough for hundreds of moves that wait for each other. */
    private static final int MAX_ROUNDS = 400;

    /** With more instances than this, what ends at nearly the same time is taken together: each end costs a look. */
    private static final int MANY_INSTANCES = 100;

    private static final long GRID_MILLIS = 200;

    private final World world;
    private final Policy policy;
    private final Agents agents;
    private final Steps steps;
    private final ClusterState initial;
    private final NavigableSet<String> reliedOn = new TreeSet<>();
    private final NavigableSet<String> refused = new TreeSet<>();
    private final SortedMap<String, Due> pending = new TreeMap<>();
    /** What still has to be done after it was done, as the join of a node on which something runs, waits for a person. */
    private final NavigableSet<String> finished = new TreeSet<>();

    private int rounds;
    private boolean forgets = true;

    /** When a job ends, and what that rests on. */
    private record Due(long atLogMillis, Estimate estimate) {}

    Run(World world, Policy policy, History history) {
        this.world = world;
        this.policy = policy;
        this.agents = new Agents(history);
        this.initial = world.state();
        this.steps = new Steps(world);
    }

    World world() {
        return world;
    }

    Steps steps() {
        return steps;
    }

    ClusterState initial() {
        return initial;
    }

    /** Whether failures are forgotten in time: while more are to come they are not, since those come as if at once. */
    void forgetFailures(boolean forget) {
        forgets = forget;
    }

    /** The answer holds only as long as these stay as they are. */
    void rely(Collection<String> keys) {
        reliedOn.addAll(keys);
    }

    /** All that was relied on, as it was in the beginning; operations that began meanwhile are not part of that. */
    List<ObjectRevision> reads() {
        List<ObjectRevision> reads = new ArrayList<>();
        for (String key : reliedOn) {
            long revision = initial.revisionOf(key);
            if (revision != 0 || !key.startsWith(Keys.OPERATIONS)) {
                reads.add(ObjectRevision.newBuilder()
                        .setObject(key)
                        .setRevision(revision)
                        .build());
            }
        }
        return reads;
    }

    /** Until nothing is decided any more; false when that did not come about within {@link #MAX_ROUNDS}. */
    boolean toRest() {
        steps.newEvent();
        refused.clear();
        for (; rounds < MAX_ROUNDS; rounds++) {
            Look look = look();
            if (!look.decided && !finishOperations() && !proceed(look.wakeAtLogMillis)) {
                return true;
            }
        }
        return false;
    }

    /**
     * One look of the policy.
     *
     * @param decided something was decided and accepted
     * @param wakeAtLogMillis when the policy is to be asked again although nothing changes; MAX_VALUE: never
     */
    private record Look(boolean decided, long wakeAtLogMillis) {}

    /** At rest: what is free has no place. */
    private boolean finishOperations() {
        boolean finished = false;
        for (OperationRow operation : List.copyOf(world.state().operations().values())) {
            if (operation.getState() == OperationState.OPERATION_STATE_RUNNING) {
                Goals.Verdict verdict = Goals.of(world.state(), operation);
                if (verdict.isOver() && !Goals.isFollowed(world.state(), operation, instance -> false)) {
                    finished = true;
                    world.send(
                            World.LEADER,
                            Command.newBuilder()
                                    .setFinishOperation(FinishOperation.newBuilder()
                                            .setId(operation.getId())
                                            .setFailed(verdict.progress() == Goals.Progress.IMPOSSIBLE)
                                            .setDetail(verdict.detail())));
                }
            }
        }
        return finished;
    }

    private Look look() {
        Plan plan =
                policy.plan(new PolicyInput(world.state(), refused, world.nowLogMillis(), world.datesAtWallMillis()));
        // A back-off is waited for; that failures are forgotten some day is another story.
        long patience = world.nowLogMillis() + world.state().settings().restartBackoffMaxMillis();
        long wake = (forgets ? plan.askAgainAtLogMillis() : plan.backoffEndsAtLogMillis()).orElse(Long.MAX_VALUE);
        wake = wake > patience ? Long.MAX_VALUE : wake;
        boolean decided = false;
        Position lookedAt = world.state().position();
        for (Decision decision : plan.decisions()) {
            long rest = decision instanceof Decision.Fence fence
                    ? StartupGrace.restMillis(world.state(), fence.node(), world.nowLogMillis())
                    : 0;
            if (rest > 0) {
                wake = Math.min(wake, world.nowLogMillis() + rest);
            } else if (forgets || !(decision instanceof Decision.ForgetFailures)) {
                decided |= propose(decision, lookedAt);
            }
        }
        return new Look(decided, wake);
    }

    private boolean propose(Decision decision, Position lookedAt) {
        ClusterState before = world.state();
        CommandResult result = world.send(World.LEADER, decision.toCommand(lookedAt));
        if (result.getCode() != 0) {
            // What another decision of the same look has changed is decided anew in the next.
            if (result.getCode() != RejectCode.STALE_READ.number()) {
                refused.add(decision.subject());
            }
            return false;
        }
        decision.readSet().forEach(read -> reliedOn.add(read.getObject()));
        if (!(decision instanceof Decision.ForgetFailures)) {
            steps.decided(before, decision);
        }
        return true;
    }

    /** Lets time pass until the next thing is done; false when nothing is being done and nothing is waited for. */
    private boolean proceed(long wakeAtLogMillis) {
        SortedMap<String, Job> jobs = jobs();
        long next = wakeAtLogMillis;
        for (Due due : pending.values()) {
            next = Math.min(next, due.atLogMillis);
        }
        if (next == Long.MAX_VALUE) {
            return false;
        }
        world.waitUntil(next);
        List<Job> done = new ArrayList<>();
        jobs.forEach((key, job) -> {
            Due due = pending.get(key);
            if (due != null && due.atLogMillis <= world.nowLogMillis()) {
                pending.remove(key);
                ClusterState before = world.state();
                agents.finish(world, job);
                finished.add(key);
                steps.done(before, job, due.estimate);
                done.add(job);
            }
        });
        steps.madePossibleBy(done);
        return true;
    }

    /** What is being done by key, each with its end; what is no longer to be done is dropped. */
    private SortedMap<String, Job> jobs() {
        SortedMap<String, Job> jobs = new TreeMap<>();
        for (Job job : agents.jobs(world.state())) {
            if (finished.contains(job.key())) {
                continue;
            }
            jobs.put(job.key(), job);
            pending.computeIfAbsent(job.key(), key -> {
                steps.begun(job);
                Estimate estimate = agents.estimate(world.state(), job);
                return new Due(onGrid(world.nowLogMillis() + estimate.millis()), estimate);
            });
        }
        pending.keySet().retainAll(jobs.keySet());
        return jobs;
    }

    private long onGrid(long atLogMillis) {
        return initial.instances().size() <= MANY_INSTANCES
                ? atLogMillis
                : (atLogMillis + GRID_MILLIS - 1) / GRID_MILLIS * GRID_MILLIS;
    }
}
