package io.quorate.statemachine.forecast;

import com.google.protobuf.Duration;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.policy.Decision;
import io.quorate.statemachine.policy.ReasonCode;
import io.quorate.v1.PlannedStep;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Puts what is decided and done together to what people call a move, a start, a stop, a restart or a fence. */
final class Steps {
    private static final class Step {
        private final int order;
        private final NavigableSet<Integer> after = new TreeSet<>();
        private final String instance;
        private final Reason reason;
        private final long begins;

        /** Nobody decided that it stops: its outage began before this step. */
        private final boolean failed;

        private String action;
        private String from;
        private String to;
        private long ends = -1;
        private long outage = -1;
        private Estimate known = Estimate.NOTHING;

        Step(int order, String instance, String action, Reason reason, long begins, boolean failed) {
            this.order = order;
            this.instance = instance;
            this.action = action;
            this.reason = reason;
            this.begins = begins;
            this.failed = failed;
            this.from = "";
            this.to = "";
        }
    }

    private static final String MIGRATE = "migrate";

    private final World world;
    private final ClusterState initial;
    private final List<Step> all = new ArrayList<>();
    private final SortedMap<String, Step> ofInstance = new TreeMap<>();
    private final SortedMap<String, Step> ofFence = new TreeMap<>();
    private NavigableSet<Integer> trigger = new TreeSet<>();

    Steps(World world) {
        this.world = world;
        this.initial = world.state();
    }

    /** Something new is supposed: what follows is not made possible by an earlier step. */
    void newEvent() {
        trigger = new TreeSet<>();
    }

    /** What is decided from now on was made possible by the steps of these jobs. */
    void madePossibleBy(List<Job> done) {
        NavigableSet<Integer> ended = new TreeSet<>();
        for (Job job : done) {
            Step step = job instanceof Job.Fence fence
                    ? ofFence.get(fence.ticket().getNode())
                    : ofInstance.get(job.instance());
            if (step != null) {
                ended.add(step.order);
            }
        }
        trigger = ended;
    }

    /** Whether any step is about this instance. */
    boolean concern(String instance) {
        return ofInstance.containsKey(instance);
    }

    /** Records a decision that was made in this state. */
    void decided(ClusterState before, Decision decision) {
        if (decision instanceof Decision.Fence fence) {
            Step step = open("", "fence", fence.reason(), false);
            step.from = fence.node();
            ofFence.put(fence.node(), step);
        } else if (decision instanceof Decision.Migrate migrate) {
            Step step = openFor(migrate.instance(), MIGRATE, why(decision), false);
            step.from = owner(before, migrate.instance());
            step.to = migrate.toNode();
        } else if (decision instanceof Decision.Release release) {
            if (isEndOfMigration(before, release.instance())) {
                return;
            }
            String action = isPromotion(before, release.instance()) ? "demote" : "stop";
            Step step = openFor(release.instance(), action, why(decision), false);
            step.from = owner(before, release.instance());
        } else if (decision instanceof Decision.Recover recover) {
            Step step = openFor(recover.instance(), "restart", why(decision), true);
            step.from = owner(before, recover.instance());
            step.to = step.from;
        } else if (decision instanceof Decision.Assign assign) {
            assigned(before, assign);
        }
    }

    /** What is stopped runs elsewhere, or is what was to arrive: that belongs to the move, whichever way it ends. */
    private static boolean isEndOfMigration(ClusterState state, String id) {
        InstanceRow instance = state.instance(id);
        InstanceRow arrival = instance == null ? null : Migrations.arrivalOf(state, instance);
        return (instance != null && Migrations.isArrival(instance))
                || (arrival != null && arrival.getOwnership().getArrived());
    }

    private static boolean isPromotion(ClusterState state, String id) {
        InstanceRow instance = state.instance(id);
        return instance != null && Clones.isPromotion(instance);
    }

    private void assigned(ClusterState before, Decision.Assign assign) {
        if (isPromotion(before, assign.instance())) {
            promoted(before, assign);
            return;
        }
        Step step = ofInstance.get(assign.instance());
        if (step == null || !step.to.isEmpty()) {
            String from = formerOwner(before, assign.instance());
            step = openFor(assign.instance(), "start", why(assign), !from.isEmpty());
            step.from = from;
        }
        step.to = assign.node();
        if (!step.from.isEmpty()) {
            step.action = step.from.equals(step.to) ? "restart" : "move";
        }
        // Its own stop made it possible, or what else ended did.
        if (!trigger.contains(step.order)) {
            step.after.addAll(trigger.headSet(step.order));
        }
    }

    /** Which copy is promoted may change with every step: to demote one and to promote another are two things. */
    private void promoted(ClusterState before, Decision.Assign assign) {
        String from = formerOwner(before, assign.instance());
        Step step = openFor(assign.instance(), "promote", why(assign), !from.isEmpty());
        step.from = from;
        step.to = assign.node();
    }

    /** Where it ran until something ended that; empty when it did not run when this began. */
    private String formerOwner(ClusterState before, String id) {
        InstanceRow first = initial.instance(id);
        InstanceRow now = before.instance(id);
        if (first == null || now == null) {
            return "";
        }
        return first.hasOwnership() && now.hasFreedAt() ? now.getLastNode() : "";
    }

    private static String owner(ClusterState state, String id) {
        InstanceRow instance = state.instance(id);
        return instance == null ? "" : instance.getOwnership().getNode();
    }

    private static Reason why(Decision decision) {
        return decision.reasons().isEmpty()
                ? Reason.getDefaultInstance()
                : decision.reasons().get(0);
    }

    private Step openFor(String instance, String action, Reason reason, boolean failed) {
        Step step = open(instance, action, reason, failed);
        ofInstance.put(instance, step);
        return step;
    }

    private Step open(String instance, String action, Reason reason, boolean failed) {
        Step step = new Step(all.size() + 1, instance, action, reason, world.nowLogMillis(), failed);
        step.after.addAll(trigger);
        all.add(step);
        return step;
    }

    /** A unit whose definition changed is restarted by its agent, without a decision. */
    void redefined(InstanceRow instance, Estimate estimate) {
        Step step = openFor(
                instance.getId(),
                "restart",
                Reason.newBuilder()
                        .setCode(ReasonCode.DEFINITION_CHANGED.name())
                        .setMessage(instance.getId() + " is stopped and started with its new definition")
                        .addObjects(instance.getUnit())
                        .build(),
                false);
        step.from = instance.getOwnership().getNode();
        step.to = step.from;
        step.known = estimate;
        step.outage = estimate.millis();
        step.ends = step.begins + estimate.millis();
    }

    /** A job was first seen: what was under way already when this began has no decision of its own here. */
    void begun(Job job) {
        if (job instanceof Job.Fence fence
                && !ofFence.containsKey(fence.ticket().getNode())) {
            Step step = open("", "fence", fence.ticket().getReason(), false);
            step.from = fence.ticket().getNode();
            ofFence.put(step.from, step);
        } else if (job instanceof Job.Stop stop && isNew(stop.row(), "stop")) {
            Step step = underWay(stop.row(), Clones.isPromotion(stop.row()) ? "demote" : "stop");
            step.from = stop.row().getOwnership().getNode();
        } else if (job instanceof Job.Start start && isNew(start.row(), "start")) {
            Step step = underWay(start.row(), Clones.isPromotion(start.row()) ? "promote" : "start");
            step.to = start.row().getOwnership().getNode();
        } else if (job instanceof Job.Send send && isNew(send.row(), MIGRATE)) {
            migrationUnderWay(Migrations.arrivalOf(world.state(), send.row()));
        } else if (job instanceof Job.Arrive arrive && isNew(arrive.row(), MIGRATE)) {
            migrationUnderWay(arrive.row());
        }
    }

    private void migrationUnderWay(@Nullable InstanceRow arrival) {
        if (arrival != null) {
            OwnershipRow target = arrival.getOwnership();
            Reason why = target.getReasonsCount() == 0 ? Reason.getDefaultInstance() : target.getReasons(0);
            Step step = openFor(arrival.getArrivalOf(), MIGRATE, why, false);
            step.from = arrival.getLastNode();
            step.to = target.getNode();
        }
    }

    private boolean isNew(InstanceRow row, String action) {
        Step step = ofInstance.get(Migrations.serviceId(row));
        return step == null || (action.equals("start") && step.to.isEmpty());
    }

    private Step underWay(InstanceRow row, String action) {
        int last = row.getOwnership().getReasonsCount() - 1;
        Reason reason =
                last < 0 ? Reason.getDefaultInstance() : row.getOwnership().getReasons(last);
        return openFor(Migrations.serviceId(row), action, reason, false);
    }

    /** Records the end of a job, in a state that was {@code before} just before it. */
    void done(ClusterState before, Job job, Estimate estimate) {
        Step step =
                job instanceof Job.Fence fence ? ofFence.get(fence.ticket().getNode()) : ofInstance.get(job.instance());
        if (step == null || job instanceof Job.Lease) {
            return;
        }
        step.ends = world.nowLogMillis();
        step.known = step.known.then(estimate);
        if (job instanceof Job.Start start) {
            step.outage = outage(before.instance(start.row().getId()));
        } else if (job instanceof Job.Arrive) {
            step.outage = 0;
        }
    }

    /** The outage that this state ends, as the history counts it; what was down before is down from the beginning. */
    private long outage(@Nullable InstanceRow before) {
        InstanceRow now = before == null ? null : world.state().instance(before.getId());
        if (before == null
                || now == null
                || !before.hasDownSince()
                || now.hasDownSince()
                || before.getDownReason().equals("first start")) {
            return -1;
        }
        InstanceRow first = initial.instance(before.getId());
        Stamp since = before.getDownSince();
        boolean downBefore =
                first != null && first.hasDownSince() && first.getDownSince().equals(since);
        return world.nowLogMillis() - (downBefore ? world.beganLogMillis() : since.getLogMillis());
    }

    List<PlannedStep> all() {
        List<PlannedStep> steps = new ArrayList<>();
        int[] samples = new int[all.size() + 1];
        for (Step step : all) {
            samples[step.order] = step.known.samples();
            if (step.failed) {
                step.after.forEach(earlier -> samples[step.order] = Math.min(samples[step.order], samples[earlier]));
            }
            steps.add(message(step, samples[step.order]));
        }
        return steps;
    }

    private PlannedStep message(Step step, int samples) {
        PlannedStep.Builder message = PlannedStep.newBuilder()
                .setOrder(step.order)
                .addAllAfter(step.after)
                .setInstance(step.instance)
                .setAction(step.action)
                .setFromNode(step.from)
                .setToNode(step.to)
                .setSamples(samples == Integer.MAX_VALUE ? 0 : samples)
                .setReason(step.reason)
                .setBegins(duration(step.begins - world.beganLogMillis()));
        if (step.ends >= 0) {
            message.setTakes(duration(step.ends - step.begins));
        }
        if (step.outage >= 0) {
            message.setExpectedOutage(duration(step.outage));
        }
        return message.build();
    }

    private static Duration duration(long millis) {
        return Settings.duration(millis);
    }
}
