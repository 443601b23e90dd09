package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Activity;
import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import io.quorate.statemachine.placement.Transition.Operation;
import io.quorate.statemachine.placement.Transition.Ordering;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A small problem, said in few words, and its transition as text. */
final class TransitionScenario {
    private final List<Machine> machines = new ArrayList<>();
    private final List<Resource> resources = new ArrayList<>();
    private final List<Problem.Location> locations = new ArrayList<>();
    private final List<Problem.Colocation> colocations = new ArrayList<>();
    private final List<Order> orders = new ArrayList<>();
    private final List<Activity> activities = new ArrayList<>();
    private final List<Activity> parts = new ArrayList<>();
    private final SortedMap<String, SortedMap<String, Integer>> promotionScores = new TreeMap<>();
    private Options.Strategy strategy = Options.Strategy.DEFAULT;
    private boolean concurrentFencing = true;

    static TransitionScenario of(String... nodes) {
        TransitionScenario scenario = new TransitionScenario();
        Stream.of(nodes).forEach(name -> scenario.machine(name, true, false, false));
        return scenario;
    }

    private void machine(String name, boolean online, boolean unclean, boolean standby) {
        SortedMap<String, Integer> capacity = new TreeMap<>(Map.of("memory", 2));
        machines.add(new Machine(
                name,
                online,
                unclean,
                false,
                standby,
                false,
                false,
                true,
                Optional.empty(),
                new TreeMap<>(),
                capacity));
    }

    TransitionScenario lost(String name) {
        machine(name, false, true, false);
        return this;
    }

    TransitionScenario standby(String name) {
        machine(name, true, false, true);
        return this;
    }

    TransitionScenario balancing() {
        strategy = Options.Strategy.UTILIZATION;
        return this;
    }

    TransitionScenario fencingOneByOne() {
        concurrentFencing = false;
        return this;
    }

    static Meta meta(Optional<Role> target, boolean allowMigrate, Meta.MultipleActive several) {
        return new Meta(
                0,
                true,
                false,
                true,
                target,
                OptionalInt.empty(),
                Meta.Requires.FENCING,
                OptionalInt.empty(),
                OptionalLong.empty(),
                several,
                allowMigrate,
                false);
    }

    static Resource.Primitive primitive(String id) {
        return primitive(id, meta(Optional.empty(), false, Meta.MultipleActive.STOP_START));
    }

    static Resource.Primitive primitive(String id, Meta meta) {
        return new Resource.Primitive(id, meta, "ocf:test:Dummy", false, new TreeMap<>(Map.of("memory", 1)));
    }

    static Resource.Primitive migratable(String id) {
        return primitive(id, meta(Optional.empty(), true, Meta.MultipleActive.STOP_START));
    }

    static Resource.Primitive unwanted(String id) {
        return primitive(id, meta(Optional.of(Role.STOPPED), false, Meta.MultipleActive.STOP_START));
    }

    static Resource.Primitive fenceDevice(String id) {
        return new Resource.Primitive(
                id,
                meta(Optional.empty(), false, Meta.MultipleActive.STOP_START),
                "stonith:test",
                true,
                new TreeMap<>());
    }

    static Resource.Clone copies(Resource of, int max, boolean promotable) {
        return new Resource.Clone(
                of.id() + "-clone", of.meta(), of, max, 1, 0, false, false, false, promotable, promotable ? 1 : 0, 1);
    }

    TransitionScenario with(Resource... more) {
        resources.addAll(List.of(more));
        return this;
    }

    TransitionScenario group(String id, Resource.Primitive... members) {
        resources.add(new Resource.Group(
                id, meta(Optional.empty(), false, Meta.MultipleActive.STOP_START), List.of(members)));
        return this;
    }

    TransitionScenario runs(String resource, String node) {
        return runs(resource, node, Role.STARTED, false);
    }

    TransitionScenario failed(String resource, String node) {
        return runs(resource, node, Role.STARTED, true);
    }

    TransitionScenario runs(String resource, String node, Role role, boolean failed) {
        activities.add(new Activity(resource, OptionalInt.empty(), node, role, failed, false, false, false));
        return this;
    }

    TransitionScenario activity(String resource, String node, Role role, boolean starting, boolean leftover) {
        activities.add(new Activity(
                resource,
                OptionalInt.empty(),
                node,
                role,
                false,
                false,
                false,
                false,
                starting,
                leftover,
                false,
                false,
                false));
        return this;
    }

    TransitionScenario outdated(String resource, String node) {
        activities.add(new Activity(
                resource,
                OptionalInt.empty(),
                node,
                Role.STARTED,
                false,
                false,
                false,
                false,
                false,
                false,
                false,
                true,
                false));
        return this;
    }

    /** A guest: a node that a resource is. */
    TransitionScenario guest(String name, String container) {
        machines.add(new Machine(
                name,
                true,
                false,
                false,
                false,
                false,
                false,
                true,
                Optional.of(container),
                new TreeMap<>(),
                new TreeMap<>()));
        return this;
    }

    TransitionScenario part(String id, String node, Role role, boolean failed) {
        parts.add(new Activity(id, OptionalInt.empty(), node, role, failed, false, false, false));
        return this;
    }

    /** A replica with its container, its connection and what runs inside. */
    TransitionScenario replica(String bundle, int number, String inner, String node, boolean failed) {
        activities.add(new Activity(bundle, OptionalInt.of(number), node, Role.STARTED, failed, false, false, false));
        part(bundle + "-podman-" + number, node, Role.STARTED, false);
        part(bundle + "-" + number, node, Role.STARTED, false);
        return part(inner, bundle + "-" + number, Role.STARTED, failed);
    }

    static Resource.Clone bundle(String id, String inner, int replicas) {
        Resource.Primitive replica = new Resource.Primitive(
                id,
                meta(Optional.empty(), false, Meta.MultipleActive.STOP_START),
                "podman",
                false,
                new TreeMap<>(),
                Optional.of(new Resource.Container("podman", Optional.of(inner), Optional.empty())));
        return new Resource.Clone(id, replica.meta(), replica, replicas, 1, 0, false, false, true, false, 0, 1);
    }

    TransitionScenario prefers(String resource, String node, int score) {
        locations.add(
                new Problem.Location(resource + "-" + node, resource, Optional.empty(), Map.of(node, score), false));
        return this;
    }

    TransitionScenario promotion(String resource, String node, int score) {
        promotionScores.computeIfAbsent(resource, id -> new TreeMap<>()).put(node, score);
        return this;
    }

    TransitionScenario apart(String dependent, String primary) {
        colocations.add(new Problem.Colocation(
                dependent + "-" + primary,
                dependent,
                Optional.empty(),
                primary,
                Optional.empty(),
                -Score.INFINITY,
                "#uname",
                true));
        return this;
    }

    TransitionScenario order(String first, String then) {
        return order(first, Step.START, then, Step.START, Kind.MANDATORY, true);
    }

    TransitionScenario order(String first, Step step, String then, Step thenStep, Kind kind, boolean symmetrical) {
        orders.add(new Order(first + "-" + then, List.of(first), false, step, then, thenStep, kind, symmetrical));
        return this;
    }

    Transition plan() {
        Options options = new Options(
                true, true, Options.NoQuorum.STOP, true, false, false, true, true, strategy, concurrentFencing, false);
        return Engine.plan(new Problem(
                options,
                machines,
                resources,
                locations,
                colocations,
                orders,
                List.of(),
                activities,
                promotionScores,
                new TreeMap<>(),
                parts));
    }

    /** {@code restart a n1}, {@code move a n1 n2}, {@code promote a n1 UNPROMOTED PROMOTED}, {@code blocked start a n1}. */
    static List<String> actions(Transition transition) {
        return transition.actions().stream()
                .map(action -> Stream.of(
                                Optional.of(action.blocked() ? "blocked" : ""),
                                Optional.of(action.kind().name().toLowerCase(Locale.ROOT)),
                                Optional.of(action.resource()),
                                action.from(),
                                action.to().filter(to -> !action.from().equals(action.to())),
                                action.fromRole().map(Role::name),
                                action.toRole().map(Role::name))
                        .flatMap(Optional::stream)
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.joining(" ")))
                .sorted()
                .toList();
    }

    /** {@code stop a n1}. */
    static List<String> operations(Transition transition) {
        return transition.operations().stream()
                .map(TransitionScenario::text)
                .sorted()
                .toList();
    }

    private static String text(Operation operation) {
        return Stream.of(operation.verb().name().toLowerCase(Locale.ROOT), operation.resource(), operation.machine())
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" "));
    }

    /** Whether each of these operations is done before the next one begins. */
    static boolean inOrder(Transition transition, String... operations) {
        List<String> texts =
                transition.operations().stream().map(TransitionScenario::text).toList();
        for (int i = 0; i + 1 < operations.length; i++) {
            int before = texts.indexOf(operations[i]);
            int after = texts.indexOf(operations[i + 1]);
            if (before < 0 || after < 0 || !after(transition, before).contains(after)) {
                return false;
            }
        }
        return true;
    }

    /** Everything that waits for an operation, itself too if the order goes round. */
    static Set<Integer> after(Transition transition, int operation) {
        Set<Integer> found = new TreeSet<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(operation));
        while (!open.isEmpty()) {
            int next = open.removeFirst();
            for (Ordering ordering : transition.order()) {
                if (ordering.before() == next && found.add(ordering.after())) {
                    open.add(ordering.after());
                }
            }
        }
        return found;
    }
}
