package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Activity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes what is done with a replica of a bundle, or with a guest, apart into what is done with its parts. */
final class Parts {
    private final Outcome outcome;
    private final Map<Single, Change> changes;
    /** By id of the part. */
    private final Map<String, List<Activity>> activities = new LinkedHashMap<>();

    Parts(Outcome outcome, Map<Single, Change> changes) {
        this.outcome = outcome;
        this.changes = changes;
        for (Activity activity : outcome.problem().parts()) {
            activities
                    .computeIfAbsent(activity.resource(), id -> new ArrayList<>())
                    .add(activity);
        }
    }

    /** In the order in which they start; for a guest only what comes on top of what it is. */
    List<Part> of(Change change) {
        if (change.stuck || change.migrate) {
            return List.of();
        }
        Optional<Resource.Container> container = change.single.of.container();
        return container.isPresent() ? replica(change, container.get()) : connections(change);
    }

    private List<Part> replica(Change change, Resource.Container container) {
        String bundle = change.single.of.id();
        int number = number(change.single);
        String inside = inside(change.single);
        List<Part> parts = new ArrayList<>();
        String runner = bundle + "-" + container.runner() + "-" + number;
        @Nullable Activity running = activity(runner, null);
        boolean own = change.start
                && !change.stops.isEmpty()
                && !change.forced
                && !change.lost
                && change.from() == change.to
                && running != null
                && !running.failed();
        boolean down = !own && !change.stops.isEmpty();
        Part first = part(runner, running, name(change.to), down, change.lost);
        parts.add(first);
        boolean broken = first.start();
        for (String address : container.address(number).map(text -> bundle + "-ip-" + text).stream()
                .toList()) {
            @Nullable Activity held = activity(address, null);
            Part part = part(address, held, name(change.to), change.to == null || isElsewhere(held, change.to), false);
            parts.add(part);
        }
        if (container.inner().isEmpty()) {
            return parts;
        }
        @Nullable Activity connected = activity(inside, null);
        boolean lost = connected != null && connected.failed();
        Part connection = part(inside, connected, host(change.to), down || broken || (own && lost), change.lost);
        parts.add(connection);
        broken |= connection.start();
        @Nullable Activity inner = activity(container.inner().get(), inside);
        boolean again = down || broken || (own && inner != null && inner.failed());
        parts.add(inner(container.inner().get(), inside, inner, change, again));
        return parts;
    }

    private static int number(Single replica) {
        return Integer.parseInt(replica.id.substring(replica.id.lastIndexOf(':') + 1));
    }

    /** What the inside of a replica is called as a node, and so the connection to it. */
    static String inside(Single replica) {
        return replica.of.id() + "-" + number(replica);
    }

    private Part inner(String id, String inside, @Nullable Activity inner, Change change, boolean down) {
        boolean active = inner != null;
        @Nullable String to = change.to == null ? null : inside;
        boolean stop = active && (down || to == null);
        return new Part(
                id,
                active ? inside : null,
                to,
                inner == null ? Role.STOPPED : inner.role(),
                to == null ? Role.STOPPED : change.after,
                change.lost || (inner != null && inner.failed()),
                stop,
                to != null && (!active || stop),
                true);
    }

    private static boolean isElsewhere(@Nullable Activity activity, Node to) {
        return activity != null && !activity.machine().equals(to.name());
    }

    private static Part part(String id, @Nullable Activity activity, @Nullable String to, boolean down, boolean lost) {
        boolean active = activity != null;
        boolean stop = active && (down || to == null);
        return new Part(
                id,
                activity == null ? null : activity.machine(),
                to,
                active ? Role.STARTED : Role.STOPPED,
                to == null ? Role.STOPPED : Role.STARTED,
                lost || (activity != null && activity.failed()),
                stop,
                to != null && (!active || stop),
                false);
    }

    private @Nullable Activity activity(String id, @Nullable String machine) {
        for (Activity activity : activities.getOrDefault(id, List.of())) {
            if (activity.role().isActive() && (machine == null || machine.equals(activity.machine()))) {
                return activity;
            }
        }
        return null;
    }

    private static @Nullable String name(@Nullable Node node) {
        return node == null ? null : node.name();
    }

    /** Connections run on members of the cluster: for what is on a remote node, where the connection to that is. */
    private @Nullable String host(@Nullable Node node) {
        if (node == null) {
            return null;
        }
        Optional<String> carrier = node.machine.container();
        if (carrier.isPresent() && outcome.layout().find(carrier.get()).orElse(null) instanceof Single single) {
            @Nullable Change change = changes.get(single);
            return change == null ? node.name() : name(change.to);
        }
        return node.name();
    }

    private List<Part> connections(Change change) {
        List<Part> parts = new ArrayList<>();
        for (Node node : outcome.layout().nodes.carriedBy(change.single)) {
            if (node.machine.isGuest()) {
                @Nullable Activity connected = activity(node.name(), null);
                Part part =
                        part(node.name(), connected, host(change.to), change.isStopped() || change.isStarted(), false);
                if (part.isAny()) {
                    parts.add(part);
                }
            }
        }
        return parts;
    }
}
