package io.quorate.statemachine.forecast;

import com.google.protobuf.Duration;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How long starts, stops, restarts, migrations and fences take: the median of what the replicated history has of them, and what is
 * allowed to them (timeouts) where it has nothing. Times are those between two commits, so they include the way to the
 * agent and back.
 */
final class History {
    private static final int NEWEST = 20;

    /** Where neither the definition nor metadata that the state would know says more: the executors' own defaults. */
    private static final long OCF_TIMEOUT_MILLIS = 20_000;

    private static final long SYSTEMD_TIMEOUT_MILLIS = 100_000;
    private static final long PROCESS_START_MILLIS = 60_000;
    private static final long PROCESS_GRACE_MILLIS = 10_000;

    private final SortedMap<String, List<Long>> starts = new TreeMap<>();
    private final SortedMap<String, List<Long>> stops = new TreeMap<>();
    private final SortedMap<String, List<Long>> restarts = new TreeMap<>();
    private final SortedMap<String, List<Long>> migrations = new TreeMap<>();
    private final SortedMap<String, List<Long>> fences = new TreeMap<>();

    History(ClusterState state) {
        SortedMap<String, EventRow> begun = new TreeMap<>();
        SortedMap<String, EventRow> leaving = new TreeMap<>();
        for (EventRow event : state.events().values()) {
            note(begun, event);
            noteMigration(leaving, event);
        }
        for (FenceTicketRow ticket : state.tickets().values()) {
            if (ticket.getState() == TicketState.TICKET_STATE_CONFIRMED
                    && !ticket.getExecutor().isEmpty()) {
                add(
                        fences,
                        ticket.getNode(),
                        between(
                                ticket.getRequested().getLogMillis(),
                                ticket.getClosed().getLogMillis()));
            }
        }
    }

    /** What began last for an object, and what its end says of the time between. */
    private void note(SortedMap<String, EventRow> begun, EventRow event) {
        String object = event.getObject();
        EventRow before = begun.get(object);
        switch (event.getKind()) {
            case "RESOURCE_ASSIGNED", "RESOURCE_STOPPING", "RESOURCE_RESTARTING" -> begun.put(object, event);
            case "RESOURCE_FREED" -> end(stops, "RESOURCE_STOPPING", before, event, begun);
            case "RESOURCE_UP" -> {
                end(starts, "RESOURCE_ASSIGNED", before, event, begun);
                end(restarts, "RESOURCE_RESTARTING", before, event, begun);
            }
            // It went otherwise than it usually goes; and what is stopped after a migration is not what usually stops.
            case "RESOURCE_FAILED", "STOP_FAILED", "RESOURCE_MIGRATED" -> begun.remove(object);
            default -> {}
        }
    }

    /** From the decision until the source has stopped; one that failed says nothing. */
    private void noteMigration(SortedMap<String, EventRow> leaving, EventRow event) {
        switch (event.getKind()) {
            case "RESOURCE_MIGRATING" -> leaving.put(event.getObject(), event);
            case "RESOURCE_MIGRATED" ->
                end(migrations, "RESOURCE_MIGRATING", leaving.get(event.getObject()), event, leaving);
            case "RESOURCE_FREED", "RESOURCE_FAILED", "STOP_FAILED" -> leaving.remove(event.getObject());
            default -> {}
        }
    }

    private static void end(
            SortedMap<String, List<Long>> into,
            String kind,
            @Nullable EventRow before,
            EventRow event,
            SortedMap<String, EventRow> begun) {
        if (before != null && before.getKind().equals(kind)) {
            long millis = between(before.getAt().getLogMillis(), event.getAt().getLogMillis());
            add(into, Keys.bare(event.getObject()), millis);
            begun.remove(event.getObject());
        }
    }

    private static long between(long from, long to) {
        return Math.max(0, to - from);
    }

    private static void add(SortedMap<String, List<Long>> into, String key, long millis) {
        List<Long> samples = into.computeIfAbsent(key, name -> new ArrayList<>());
        samples.add(millis);
        if (samples.size() > NEWEST) {
            samples.remove(0);
        }
    }

    Estimate start(ClusterState state, InstanceRow instance) {
        return measured(
                starts,
                instance.getId(),
                timeouts(state, instance, Clones.isPromotion(instance) ? "promote" : "start"));
    }

    Estimate stop(ClusterState state, InstanceRow instance) {
        return measured(
                stops, instance.getId(), timeouts(state, instance, Clones.isPromotion(instance) ? "demote" : "stop"));
    }

    /** Stopped and started where it is. */
    Estimate restart(ClusterState state, InstanceRow instance) {
        Estimate both = stop(state, instance).then(start(state, instance));
        List<Long> samples = restarts.get(instance.getId());
        return samples == null ? both : measured(restarts, instance.getId(), both.millis());
    }

    /** The source sends it: where whole migrations were measured, all that one takes. */
    Estimate sending(ClusterState state, InstanceRow instance) {
        return measured(migrations, instance.getId(), timeouts(state, instance, "migrate_to"));
    }

    /** The target takes over what was sent to it. */
    Estimate arriving(ClusterState state, InstanceRow arrival) {
        return isMeasured(arrival) ? Estimate.NOTHING : new Estimate(timeouts(state, arrival, "migrate_from"), 0);
    }

    /** The source stops what is left of what has arrived. */
    Estimate leaving(ClusterState state, InstanceRow instance) {
        return isMeasured(instance) ? Estimate.NOTHING : stop(state, instance);
    }

    private boolean isMeasured(InstanceRow instance) {
        return migrations.containsKey(Migrations.serviceId(instance));
    }

    Estimate fence(ClusterState state, String node) {
        return measured(fences, node, fenceTimeout(state, node));
    }

    private static Estimate measured(SortedMap<String, List<Long>> samples, String key, long otherwiseMillis) {
        List<Long> of = samples.get(key);
        if (of == null) {
            return new Estimate(otherwiseMillis, 0);
        }
        List<Long> sorted = of.stream().sorted().toList();
        return new Estimate(sorted.get(sorted.size() / 2), sorted.size());
    }

    /** Members are started and stopped one after the other. */
    private static long timeouts(ClusterState state, InstanceRow instance, String operation) {
        ObjectRow unit = Units.of(state, instance);
        long sum = 0;
        if (unit != null) {
            for (ObjectRow member : Units.members(state, unit)) {
                sum += timeout(member.getResource(), operation);
            }
        }
        return sum;
    }

    private static long timeout(ResourceSpec spec, String name) {
        for (Operation operation : spec.getOperationsList()) {
            if (operation.getName().equals(name) && operation.hasTimeout()) {
                return Settings.millis(operation.getTimeout());
            }
        }
        return switch (spec.getKindCase()) {
            case OCF, KIND_NOT_SET -> OCF_TIMEOUT_MILLIS;
            case SYSTEMD -> SYSTEMD_TIMEOUT_MILLIS;
            case PROCESS ->
                name.equals("start")
                        ? PROCESS_START_MILLIS
                        : orElse(
                                spec.getProcess().hasStopGrace(),
                                spec.getProcess().getStopGrace(),
                                PROCESS_GRACE_MILLIS);
        };
    }

    private static long orElse(boolean given, Duration duration, long otherwiseMillis) {
        return given ? Settings.millis(duration) : otherwiseMillis;
    }

    /** The devices of the first level that can switch the node, one after the other. */
    private static long fenceTimeout(ClusterState state, String node) {
        List<List<String>> levels = FencePaths.levels(state, node);
        long sum = 0;
        for (String device : levels.isEmpty() ? List.<String>of() : levels.get(0)) {
            ObjectRow row = state.object(Keys.FENCE_DEVICES + device);
            boolean given = row != null && row.getFenceDevice().hasTimeout();
            sum += row == null
                    ? 0
                    : orElse(
                            given,
                            row.getFenceDevice().getTimeout(),
                            state.settings().fenceAttemptTimeoutMillis());
        }
        return sum;
    }
}
