package io.quorate.statemachine.policy;

import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Burdens;
import io.quorate.statemachine.placement.Machine;
import io.quorate.statemachine.placement.Meta;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Problem.Activity;
import io.quorate.statemachine.placement.Problem.Location;
import io.quorate.statemachine.placement.Resource;
import io.quorate.statemachine.placement.Role;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.NodePhase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Says in the terms of the placement engine what a look at a cluster found: nodes are machines, units are primitives (a
 * group moves as one, so it is one) or clones of such, what owns what is what runs where.
 */
final class ProblemBuilder {
    /** Stands between the rule and the object that says it in the id of a location. */
    private static final String OF = "|";

    private static final SortedMap<String, SortedMap<String, Integer>> NONE = Collections.emptySortedMap();

    private final Survey survey;
    private final ClusterState state;
    private final List<Machine> machines = new ArrayList<>();
    private final SortedMap<String, SortedMap<String, Integer>> utilizations = new TreeMap<>();
    private final List<Location> longForms = new ArrayList<>();
    private final SortedMap<String, Integer> health = new TreeMap<>();

    /** The same for a later look, which differs from that of another one in instances only. */
    ProblemBuilder(Survey survey, ProblemBuilder last) {
        this.survey = survey;
        this.state = survey.state();
        this.machines.addAll(last.machines);
        this.longForms.addAll(last.longForms);
        this.utilizations.putAll(last.utilizations);
        this.health.putAll(last.health);
    }

    ProblemBuilder(Survey survey) {
        this.survey = survey;
        this.state = survey.state();
        SortedMap<String, SortedMap<String, String>> attributes = new TreeMap<>();
        for (AttributeRow attribute : state.attributes().values()) {
            attributes
                    .computeIfAbsent(attribute.getNode(), node -> new TreeMap<>())
                    .put(attribute.getName(), attribute.getValue());
        }
        for (NodeRow node : survey.nodes()) {
            machines.add(machine(node, attributes.getOrDefault(node.getName(), new TreeMap<>())));
            int well = HealthView.score(state, node.getName());
            if (well != 0) {
                health.put(node.getName(), well);
            }
        }
        for (ObjectRow row : state.objects().values()) {
            if (row.hasLocation()) {
                longForm(row);
            }
        }
    }

    private Machine machine(NodeRow node, Map<String, String> attributes) {
        ObjectRow spec = state.object(Keys.nodeSpec(node.getName()));
        Map<String, String> labels =
                spec == null ? Collections.emptySortedMap() : spec.getNode().getLabelsMap();
        SortedMap<String, Integer> capacity = new TreeMap<>();
        if (spec != null) {
            spec.getNode().getUtilizationMap().forEach((what, amount) -> capacity.put(what, limited(amount)));
        }
        return new Machine(
                node.getName(),
                node.getPhase() == NodePhase.NODE_PHASE_UP,
                false,
                node.getPhase() == NodePhase.NODE_PHASE_JOINING,
                node.hasDrain(),
                node.hasMaintenance(),
                false,
                false,
                Optional.empty(),
                Relations.places(labels, attributes),
                capacity);
    }

    private static int limited(long amount) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, amount));
    }

    private void longForm(ObjectRow row) {
        String unit = Relations.unit(state, row.getLocation().getResource());
        if (unit == null) {
            return;
        }
        SortedMap<String, Integer> scores = new TreeMap<>();
        for (Machine machine : machines) {
            NodeMatching.score(row.getLocation(), machine, survey.nowWallMillis())
                    .ifPresent(score -> scores.put(machine.name(), score));
        }
        ObjectRow clone = state.object(Keys.clone(unit));
        boolean promoted = row.getLocation().getRole() == io.quorate.v1.Role.ROLE_PROMOTED
                && clone != null
                && Clones.isPromotable(clone);
        longForms.add(location(
                Scoring.LOCATION,
                row.getKey(),
                unit,
                promoted ? Optional.of(Role.PROMOTED) : Optional.empty(),
                scores));
    }

    ClusterState state() {
        return state;
    }

    /** The clones that some of these units are slots of, by bare name. */
    SortedMap<String, CloneView> clones(List<UnitView> units) {
        if (survey.clones().isEmpty()) {
            return Collections.emptySortedMap();
        }
        SortedMap<String, CloneView> clones = new TreeMap<>();
        for (UnitView unit : units) {
            if (unit.isSlot()) {
                clones.putIfAbsent(unit.unitName(), survey.clone(unit));
            }
        }
        return clones;
    }

    /**
     * The problem of some units as these standings have it.
     *
     * @param kept those of them that stay unless they may not
     * @param lost a node that is looked at as if it were off; empty: none
     */
    Problem build(List<UnitView> units, SortedMap<String, Standing> standings, Set<String> kept, String lost) {
        List<Resource> running = new ArrayList<>();
        List<Resource> free = new ArrayList<>();
        SortedMap<String, CloneView> clones = clones(units);
        Predicate<String> isThere = id -> standings.containsKey(id) || clones.containsKey(Relations.unitOf(id));
        List<Location> locations = new ArrayList<>(longForms);
        locations.removeIf(location -> !isThere.test(location.resource()));
        List<Activity> activities = new ArrayList<>();
        SortedMap<String, SortedMap<String, Integer>> promotionScores = new TreeMap<>();
        SortedSet<String> begun = new TreeSet<>();
        for (UnitView unit : units) {
            String id = unit.instance().getId();
            Standing standing = standings.get(id);
            if (standing == null) {
                continue;
            }
            if (unit.isSlot()) {
                if (begun.add(unit.unitName())) {
                    CloneProblem clone = new CloneProblem(survey, survey.clone(unit), standings);
                    (clone.runs() ? running : free).add(clone.resource(takes(unit)));
                    activities.addAll(clone.activities(kept));
                    clone.promotionScores(promotionScores);
                    locate(clone, locations);
                }
                continue;
            }
            // Among equals those that run come first: the others see how much each node carries.
            (standing.node().isEmpty() ? free : running).add(primitive(unit, standing));
            if (!standing.node().isEmpty()) {
                Activity activity = activity(id, standing);
                activities.add(kept.contains(id) ? activity.asKept() : activity);
            }
            if (standing.wanted()) {
                locate(unit, standing, locations);
            }
        }
        running.addAll(free);
        kept.forEach(id -> keepOthersApart(id, standings, locations));
        return new Problem(
                options(),
                machinesWithout(lost),
                running,
                locations,
                colocations(isThere),
                orders(isThere),
                survey.tickets().forEngine(isThere),
                activities,
                promotionScores,
                NONE);
    }

    /**
     * The turn of a resource among those that are placed.
     *
     * @param free it runs nowhere: among equals those come last
     */
    private record Turn(String resource, UnitView unit, boolean free, int position) {
        static final Comparator<Turn> IN_ORDER = Comparator.comparingInt(
                        (Turn turn) -> -Units.priority(turn.unit.row()))
                .thenComparing(Turn::free)
                .thenComparingInt(Turn::position);

        /** Whether what rests was placed before. */
        boolean isAfter(Resting resting, Survey survey) {
            UnitView other = survey.units().get(resting.turn());
            return resting.turn() < position || (free && Units.priority(other.row()) == Units.priority(unit.row()));
        }
    }

    /** What the nodes carry of units at rest when these are placed: as much as if the engine had placed those as well. */
    Burdens burdens(List<UnitView> units, SortedMap<String, Standing> standings) {
        if (survey.resting().isEmpty()) {
            return Burdens.NONE;
        }
        List<Turn> turns = new ArrayList<>();
        SortedSet<String> begun = new TreeSet<>();
        for (UnitView unit : units) {
            String id = unit.instance().getId();
            if (!unit.isSlot()) {
                boolean free =
                        standings.getOrDefault(id, Standing.NOWHERE).node().isEmpty();
                turns.add(new Turn(id, unit, free, survey.position(unit)));
            } else if (begun.add(unit.unitName())) {
                CloneProblem clone = new CloneProblem(survey, survey.clone(unit), standings);
                turns.add(new Turn(clone.resource(takes(unit)).id(), unit, !clone.runs(), survey.position(unit)));
            }
        }
        turns.sort(Turn.IN_ORDER);
        Iterator<Resting> resting = survey.resting().stream()
                .sorted(Comparator.comparingInt(Resting::turn))
                .iterator();
        @Nullable Resting next = resting.next();
        SortedMap<String, SortedMap<String, Integer>> burdens = new TreeMap<>();
        for (Turn turn : turns) {
            SortedMap<String, Integer> carried = new TreeMap<>();
            while (next != null && turn.isAfter(next, survey)) {
                carried.merge(next.node(), size(next.unit()), Integer::sum);
                next = resting.hasNext() ? resting.next() : null;
            }
            burdens.put(turn.resource, carried);
        }
        return new Burdens(burdens);
    }

    /** As how many instances a unit counts on its node. */
    private static int size(UnitView unit) {
        return Math.max(1, unit.row().getGroup().getMembersCount());
    }

    /** What is kept where it is keeps those away that must be apart from it: they are elsewhere, or nowhere. */
    private void keepOthersApart(String id, SortedMap<String, Standing> standings, List<Location> locations) {
        UnitView unit = survey.unit(id);
        String node = standings.getOrDefault(id, Standing.NOWHERE).node();
        if (unit == null || node.isEmpty()) {
            return;
        }
        for (Relations.Near near : survey.relations().nearsOf(unit.party())) {
            String other = near.dependent().equals(unit.party()) ? near.primary() : near.dependent();
            if (near.isNever()) {
                locations.add(location(
                        Scoring.APART,
                        near.source(),
                        Relations.unitOf(other),
                        role(other),
                        bansNear(node, near.place())));
            }
        }
    }

    private SortedMap<String, Integer> bansNear(String node, String place) {
        Optional<String> there = machine(node).flatMap(machine -> machine.attribute(place));
        SortedMap<String, Integer> bans = new TreeMap<>();
        for (Machine machine : machines) {
            if (there.isPresent() && machine.attribute(place).equals(there)) {
                bans.put(machine.name(), -Score.INFINITY);
            }
        }
        return bans;
    }

    private Options options() {
        return new Options(
                false, true, Options.NoQuorum.IGNORE, true, false, false, false, true, strategy(state), true, true);
    }

    static Options.Strategy strategy(ClusterState state) {
        return switch (state.settings().placementStrategy()) {
            case PLACEMENT_STRATEGY_UTILIZATION -> Options.Strategy.UTILIZATION;
            case PLACEMENT_STRATEGY_BALANCED -> Options.Strategy.BALANCED;
            case PLACEMENT_STRATEGY_MINIMAL -> Options.Strategy.MINIMAL;
            case PLACEMENT_STRATEGY_DEFAULT, PLACEMENT_STRATEGY_UNSPECIFIED, UNRECOGNIZED -> Options.Strategy.DEFAULT;
        };
    }

    private Resource primitive(UnitView unit, Standing standing) {
        return new Resource.Primitive(
                unit.instance().getId(),
                meta(unit.row(), standing.wanted(), standing.stickiness()),
                "",
                false,
                takes(unit),
                Optional.empty(),
                size(unit));
    }

    static Meta meta(ObjectRow unit, boolean wanted, int stickiness) {
        return new Meta(
                Units.priority(unit),
                true,
                false,
                Units.isCritical(unit),
                wanted ? Optional.empty() : Optional.of(Role.STOPPED),
                OptionalInt.of(stickiness),
                Meta.Requires.NOTHING,
                OptionalInt.empty(),
                OptionalLong.empty(),
                Meta.MultipleActive.BLOCK,
                false,
                Units.allowsUnhealthyNodes(unit));
    }

    private SortedMap<String, Integer> takes(UnitView unit) {
        return strategy(state) == Options.Strategy.DEFAULT ? Collections.emptySortedMap() : utilization(unit);
    }

    /** What a unit, or one copy, takes of each thing: the sum of its members. */
    SortedMap<String, Integer> utilization(UnitView unit) {
        return utilizations.computeIfAbsent(unit.key(), key -> {
            SortedMap<String, Integer> sum = new TreeMap<>();
            for (ObjectRow member : Units.members(state, unit.row())) {
                member.getResource()
                        .getUtilizationMap()
                        .forEach((what, amount) ->
                                sum.merge(what, limited(amount), (one, other) -> limited((long) one + other)));
            }
            return sum;
        });
    }

    private static Activity activity(String id, Standing standing) {
        return new Activity(
                id, OptionalInt.empty(), standing.node(), Role.STARTED, false, standing.fixed(), false, false);
    }

    private void locate(UnitView unit, Standing standing, List<Location> locations) {
        locateByFile(unit, locations);
        if (!standing.pinned().isEmpty()) {
            add(locations, Scoring.PIN, unit, bansBut(standing.pinned()));
        }
        if (standing.node().isEmpty() && standing.stickiness() > 0) {
            add(locations, Scoring.STICKINESS, unit, only(Scoring.formerNode(unit), standing.stickiness()));
        }
        add(locations, Scoring.AUTOSTART, unit, autostart(unit, standing));
        add(locations, Scoring.FAILURES, unit, failures(unit, standing));
        add(locations, Scoring.HEALTH, unit, health(unit));
        OperationRow move = standing.move();
        if (move == null) {
            add(locations, Scoring.PREFER, unit, Units.placement(unit.row()).getPreferMap());
        } else if (move.getNode().isEmpty()) {
            add(locations, Scoring.MOVE, unit, only(Scoring.formerNode(unit), -Score.INFINITY));
            add(locations, Scoring.PREFER, unit, Units.placement(unit.row()).getPreferMap());
        } else {
            // A move to a node wins against every preference.
            add(locations, Scoring.MOVE, unit, only(move.getNode(), Score.INFINITY));
        }
    }

    private void locateByFile(UnitView unit, List<Location> locations) {
        if (Obstacles.hasFileRules(unit)) {
            SortedMap<String, SortedMap<String, Integer>> byRule = new TreeMap<>();
            for (Machine machine : machines) {
                Obstacles.ofFile(state, unit, machine.name())
                        .forEach((rule, text) -> byRule.computeIfAbsent(rule, key -> new TreeMap<>())
                                .put(machine.name(), -Score.INFINITY));
            }
            byRule.forEach((rule, scores) -> add(locations, rule, unit, scores));
        }
    }

    /** What keeps copies from nodes, and promotions, is said once for all of them. */
    private void locate(CloneProblem clone, List<Location> locations) {
        List<UnitView> copies = clone.view().copies();
        if (copies.isEmpty()) {
            return;
        }
        UnitView any = copies.get(0);
        locateByFile(any, locations);
        SortedMap<String, Integer> former = clone.formerNodes();
        if (!former.isEmpty()) {
            // Of the copies, not of the clone: others hear what the clone likes, and nothing that runs moves for it.
            locations.add(location(
                    Scoring.STICKINESS, any.key(), CloneSlots.definition(clone.view()), Optional.empty(), former));
        }
        SortedMap<String, Integer> autostart = autostart(any, Standing.NOWHERE);
        autostart.keySet().removeAll(clone.occupied());
        add(locations, Scoring.AUTOSTART, any, autostart);
        add(locations, Scoring.FOUND, any, clone.found());
        add(locations, Scoring.FAILURES, any, clone.failures(machines));
        add(locations, Scoring.HEALTH, any, health(any));
        add(locations, Scoring.PREFER, any, Units.placement(any.row()).getPreferMap());
        SortedMap<String, Integer> unpromotable = clone.failuresOfPromotions(machines);
        if (!unpromotable.isEmpty()) {
            locations.add(
                    location(Scoring.FAILURES, any.key(), any.unitName(), Optional.of(Role.PROMOTED), unpromotable));
        }
        clone.promotedWishes()
                .forEach((rule, scores) ->
                        locations.add(location(rule, any.key(), any.unitName(), Optional.of(Role.PROMOTED), scores)));
    }

    private SortedMap<String, Integer> health(UnitView unit) {
        return Units.allowsUnhealthyNodes(unit.row()) ? Collections.emptySortedMap() : health;
    }

    private static void add(List<Location> locations, String rule, UnitView unit, Map<String, Integer> scores) {
        if (!scores.isEmpty()) {
            locations.add(location(rule, unit.key(), unit.unitName(), Optional.empty(), scores));
        }
    }

    private static Location location(
            String rule, String source, String id, Optional<Role> role, Map<String, Integer> scores) {
        return new Location(rule + OF + source, id, role, scores, false);
    }

    /** The rule in the id of a location. */
    static String rule(String location) {
        int end = location.indexOf(OF);
        return end < 0 ? location : location.substring(0, end);
    }

    /** The key of the object in the id of a location. */
    static String source(String location) {
        return location.substring(location.indexOf(OF) + 1);
    }

    private static SortedMap<String, Integer> only(String node, int score) {
        SortedMap<String, Integer> scores = new TreeMap<>();
        scores.put(node, score);
        return scores;
    }

    private SortedMap<String, Integer> bansBut(String node) {
        SortedMap<String, Integer> bans = new TreeMap<>();
        machines.forEach(machine -> bans.put(machine.name(), -Score.INFINITY));
        bans.remove(node);
        return bans;
    }

    /** Where it runs already, nothing is gained by keeping it from there. */
    private SortedMap<String, Integer> autostart(UnitView unit, Standing standing) {
        SortedMap<String, Integer> bans = new TreeMap<>();
        if (!survey.hasAutostart()) {
            return bans;
        }
        for (NodeRow node : survey.nodes()) {
            if (!node.getName().equals(standing.node())
                    && !Obstacles.autostart(state, unit, node).isEmpty()) {
                bans.put(node.getName(), -Score.INFINITY);
            }
        }
        return bans;
    }

    /** What runs well again is not moved because of failures on record. */
    private SortedMap<String, Integer> failures(UnitView unit, Standing standing) {
        SortedMap<String, Integer> bans = new TreeMap<>();
        if (unit.failures().isEmpty()) {
            return bans;
        }
        for (Machine machine : machines) {
            boolean counts = standing.leavesFailures() || !machine.name().equals(standing.node());
            if (counts && Failures.bans(state, unit, machine.name())) {
                bans.put(machine.name(), -Score.INFINITY);
            }
        }
        return bans;
    }

    private List<Problem.Colocation> colocations(Predicate<String> isThere) {
        List<Problem.Colocation> colocations = new ArrayList<>();
        for (Relations.Near near : survey.relations().nears()) {
            if (!isThere.test(near.dependent())) {
                continue;
            }
            Optional<Role> primaryRole = near.unpromoted() ? Optional.of(Role.UNPROMOTED) : role(near.primary());
            colocations.add(new Problem.Colocation(
                    near.id(),
                    Relations.unitOf(near.dependent()),
                    role(near.dependent()),
                    Relations.unitOf(near.primary()),
                    primaryRole,
                    near.score(),
                    near.place(),
                    near.influence()));
        }
        return colocations;
    }

    private static Optional<Role> role(String party) {
        return Relations.isPromoted(party) ? Optional.of(Role.PROMOTED) : Optional.empty();
    }

    private List<Problem.Order> orders(Predicate<String> isThere) {
        List<Problem.Order> orders = new ArrayList<>();
        for (Relations.Ordered order : survey.relations().orders()) {
            if (!isThere.test(order.then())) {
                continue;
            }
            SortedMap<Problem.Step, List<String>> firsts = new TreeMap<>();
            for (String first : order.firsts()) {
                firsts.computeIfAbsent(step(order.firstStep(), first), step -> new ArrayList<>())
                        .add(Relations.unitOf(first));
            }
            // The engine has one step for all that comes first; where these differ, each has a rule of its own.
            firsts.forEach((step, units) -> orders.add(new Problem.Order(
                    order.source(),
                    units,
                    order.any(),
                    step,
                    Relations.unitOf(order.then()),
                    step(order.thenStep(), order.then()),
                    order.kind(),
                    order.symmetrical())));
        }
        return orders;
    }

    /** For a promotion, to start is to promote. */
    private static Problem.Step step(Problem.Step plain, String party) {
        if (!Relations.isPromoted(party)) {
            return plain;
        }
        return plain == Problem.Step.STOP ? Problem.Step.DEMOTE : Problem.Step.PROMOTE;
    }

    private List<Machine> machinesWithout(String lost) {
        return lost.isEmpty()
                ? machines
                : machines.stream()
                        .map(machine -> machine.name().equals(lost) ? machine.asOff() : machine)
                        .toList();
    }

    Optional<Machine> machine(String node) {
        return machines.stream().filter(machine -> machine.name().equals(node)).findFirst();
    }
}
