package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** Problems for tests: a cluster with fencing and quorum, of nodes that are up, with stickiness 100 unless said otherwise. */
final class ProblemBuilder {
    static final int STICKINESS = 100;

    private final List<Machine> machines = new ArrayList<>();
    private final List<Resource> resources = new ArrayList<>();
    private final List<Problem.Location> locations = new ArrayList<>();
    private final List<Problem.Colocation> colocations = new ArrayList<>();
    private final List<Problem.Order> orders = new ArrayList<>();
    private final List<Problem.Activity> activities = new ArrayList<>();
    private final SortedMap<String, SortedMap<String, Integer>> promotionScores = new TreeMap<>();

    Problem build() {
        Options options = new Options(
                true, true, Options.NoQuorum.STOP, true, false, false, true, true, Options.Strategy.DEFAULT);
        return new Problem(
                options,
                machines,
                resources,
                locations,
                colocations,
                orders,
                List.of(),
                activities,
                promotionScores,
                new TreeMap<>());
    }

    ProblemBuilder node(String name) {
        machines.add(machine(name, true, false));
        return this;
    }

    /** Nobody knows what it does, and it can be fenced. */
    ProblemBuilder lostNode(String name) {
        machines.add(machine(name, false, true));
        return this;
    }

    static Machine machine(String name, boolean online, boolean unclean) {
        return new Machine(
                name,
                online,
                unclean,
                false,
                false,
                false,
                false,
                true,
                Optional.empty(),
                new TreeMap<>(),
                new TreeMap<>());
    }

    static Resource.Primitive primitive(String id, int priority) {
        return new Resource.Primitive(id, meta(priority), "ocf:test:Dummy", false, new TreeMap<>());
    }

    static Meta meta(int priority) {
        return new Meta(
                priority,
                true,
                false,
                true,
                Optional.empty(),
                OptionalInt.of(STICKINESS),
                Meta.Requires.FENCING,
                OptionalInt.of(Score.INFINITY),
                OptionalLong.empty(),
                Meta.MultipleActive.STOP_START,
                false,
                false);
    }

    ProblemBuilder resource(Resource resource) {
        resources.add(resource);
        return this;
    }

    ProblemBuilder location(String resource, String node, int score) {
        SortedMap<String, Integer> scores = new TreeMap<>();
        scores.put(node, score);
        locations.add(new Problem.Location("l" + locations.size(), resource, Optional.empty(), scores, false));
        return this;
    }

    ProblemBuilder colocation(String dependent, String primary, int score) {
        colocations.add(new Problem.Colocation(
                "c" + colocations.size(),
                dependent,
                Optional.empty(),
                primary,
                Optional.empty(),
                score,
                "#uname",
                true));
        return this;
    }

    ProblemBuilder order(String first, String then, Problem.Kind kind) {
        orders.add(new Problem.Order(
                "o" + orders.size(), List.of(first), false, Problem.Step.START, then, Problem.Step.START, kind, true));
        return this;
    }

    ProblemBuilder active(String primitive, String node, Role role) {
        activities.add(new Problem.Activity(primitive, OptionalInt.empty(), node, role, false, false, false, false));
        return this;
    }

    ProblemBuilder promotionScore(String primitive, String node, int score) {
        promotionScores.computeIfAbsent(primitive, id -> new TreeMap<>()).put(node, score);
        return this;
    }
}
