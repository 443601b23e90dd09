package io.quorate.statemachine.policy;

import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Follow;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rules that bind units to each other, with the short forms ({@code near}, {@code apartFrom}, {@code follow}) and the
 * sets written out, collected once for a look. A rule about a member of a group is about its group, one about what a clone
 * copies about the clone; a rule about something that is not there says nothing.
 *
 * <p>Rules are between parties: a unit that is one instance, the copies of a clone ({@code db}), or its promotions
 * ({@code db:promoted}), for which to start is to be promoted and to stop is to be demoted.
 */
final class Relations {
    private static final String LABEL = "label ";
    private static final String ATTRIBUTE = "attribute ";
    private static final String NODE_NAME = "#uname";
    private static final String PROMOTED = ":promoted";

    private final ClusterState state;
    private final List<Near> nears = new ArrayList<>();
    private final List<Ordered> orders = new ArrayList<>();
    private final SortedMap<String, List<Near>> nearsOf = new TreeMap<>();
    private final SortedMap<String, List<Ordered>> ordersOf = new TreeMap<>();
    private final SortedMap<String, SortedSet<String>> locationsOf = new TreeMap<>();

    /**
     * A dependent that is placed where a primary is, or where it is not; both are parties.
     *
     * @param source key of the object that says so
     * @param unpromoted it is about copies of the primary that are not promoted
     * @param place the node attribute whose value makes nodes one place
     */
    record Near(
            String id,
            String source,
            String dependent,
            String primary,
            boolean unpromoted,
            int score,
            String place,
            boolean influence) {
        boolean isMust() {
            return score >= Score.INFINITY;
        }

        boolean isNever() {
            return score <= -Score.INFINITY;
        }
    }

    /**
     * One party starts, or stops, before another.
     *
     * @param firsts all of them come first; with {@code any} one is enough
     * @param symmetrical what was started first is stopped last
     */
    record Ordered(
            String source,
            List<String> firsts,
            boolean any,
            Problem.Step firstStep,
            String then,
            Problem.Step thenStep,
            Problem.Kind kind,
            boolean symmetrical) {
        Ordered {
            firsts = List.copyOf(firsts);
        }

        boolean isOfStarts() {
            return firstStep == Problem.Step.START && thenStep == Problem.Step.START;
        }

        /** It runs only while what comes first does. */
        boolean binds() {
            return kind == Problem.Kind.MANDATORY && isOfStarts();
        }
    }

    Relations(ClusterState state) {
        this.state = state;
        for (ObjectRow row : state.objects().values()) {
            switch (row.getSpecCase()) {
                case RESOURCE, GROUP, CLONE -> shortForms(row);
                case COLOCATION -> colocation(row.getKey(), row.getColocation());
                case ORDER -> order(row.getKey(), row.getOrder());
                case LOCATION -> location(row);
                case TICKET_CONSTRAINT, FENCE_DEVICE, FENCE_PLAN, NODE, SPEC_NOT_SET -> {}
            }
        }
    }

    List<Near> nears() {
        return nears;
    }

    List<Ordered> orders() {
        return orders;
    }

    /** The party that the promotions of a clone are. */
    static String promoted(String clone) {
        return clone + PROMOTED;
    }

    /** The bare name of the unit that a party is, or is a part of. */
    static String unitOf(String party) {
        return isPromoted(party) ? party.substring(0, party.length() - PROMOTED.length()) : party;
    }

    static boolean isPromoted(String party) {
        return party.endsWith(PROMOTED);
    }

    /** Those that a party is the dependent or the primary of. */
    List<Near> nearsOf(String party) {
        return nearsOf.getOrDefault(party, List.of());
    }

    /** Those in which a party comes first or after. */
    List<Ordered> ordersOf(String party) {
        return ordersOf.getOrDefault(party, List.of());
    }

    /** Parties that a step of this one has to agree with: a must, a never, or an order binds them. */
    SortedSet<String> partners(String party) {
        SortedSet<String> partners = new TreeSet<>();
        for (Near near : nearsOf(party)) {
            if (near.isMust() || near.isNever()) {
                partners.add(near.dependent());
                partners.add(near.primary());
            }
        }
        for (Ordered order : ordersOf(party)) {
            if (order.then().equals(party)) {
                partners.addAll(order.firsts());
            } else {
                partners.add(order.then());
            }
        }
        partners.remove(party);
        return partners;
    }

    /** A party and all that rules bind it to, directly or through others; the copies of a clone are bound to its promotions. */
    SortedSet<String> boundTogether(String party) {
        SortedSet<String> found = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>();
        open.add(party);
        while (!open.isEmpty()) {
            String next = open.remove();
            if (found.add(next)) {
                if (isClone(unitOf(next))) {
                    open.add(unitOf(next));
                    open.add(promoted(unitOf(next)));
                }
                for (Near near : nearsOf(next)) {
                    open.add(near.dependent());
                    open.add(near.primary());
                }
                for (Ordered order : ordersOf(next)) {
                    open.addAll(order.firsts());
                    open.add(order.then());
                }
            }
        }
        return found;
    }

    /** Whether any rule binds a party to another. */
    boolean isBound(String party) {
        return isClone(unitOf(party))
                || !nearsOf(party).isEmpty()
                || !ordersOf(party).isEmpty();
    }

    /** Units that have to stop before some others do, or with them, and these themselves. */
    SortedSet<String> stoppingWith(Collection<String> units) {
        SortedSet<String> found = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(units);
        while (!open.isEmpty()) {
            String next = open.remove();
            if (found.add(next)) {
                nearsOf(next).stream().filter(Near::isMust).map(Near::dependent).forEach(open::add);
                ordersOf(next).stream()
                        .filter(order -> order.binds() && order.symmetrical())
                        .map(Ordered::then)
                        .forEach(open::add);
            }
        }
        return found;
    }

    /** Keys of the objects, beside its own, that bind a party to others or to nodes. */
    SortedSet<String> sources(String party) {
        SortedSet<String> sources = new TreeSet<>(locationsOf.getOrDefault(unitOf(party), new TreeSet<>()));
        nearsOf(party).forEach(near -> sources.add(near.source()));
        ordersOf(party).forEach(order -> sources.add(order.source()));
        return sources;
    }

    /** The rule behind a colocation of the engine, by its id there. */
    Near near(String id) {
        return nears.get(Integer.parseInt(id.substring(0, id.indexOf(' '))));
    }

    /** The unit that a name in a rule is about: of a member, its group; of what is copied, the clone; null: none. */
    static @Nullable String unit(ClusterState state, String name) {
        if (state.object(Keys.clone(name)) != null) {
            return name;
        }
        ObjectRow group = state.object(Keys.group(name));
        if (group != null) {
            return group.getCloneOf().isEmpty() ? name : group.getCloneOf();
        }
        ObjectRow resource = state.object(Keys.resource(name));
        if (resource == null) {
            return null;
        }
        if (!resource.getCloneOf().isEmpty()) {
            return resource.getCloneOf();
        }
        return resource.getMemberOf().isEmpty() ? name : unit(state, resource.getMemberOf());
    }

    private boolean isClone(String unit) {
        return state.object(Keys.clone(unit)) != null;
    }

    /** The party that a name in a rule is about; promotions only of what can be promoted. */
    private @Nullable String party(String name, boolean promoted) {
        String unit = unit(state, name);
        if (unit == null || !promoted) {
            return unit;
        }
        ObjectRow clone = state.object(Keys.clone(unit));
        return clone != null && Clones.isPromotable(clone) ? promoted(unit) : unit;
    }

    private void location(ObjectRow row) {
        String unit = unit(state, row.getLocation().getResource());
        if (unit != null) {
            locationsOf.computeIfAbsent(unit, id -> new TreeSet<>()).add(row.getKey());
        }
    }

    private void shortForms(ObjectRow row) {
        if (!Units.isUnit(row)) {
            return;
        }
        String name = Keys.bare(row.getKey());
        Placement placement = Units.placement(row);
        new TreeMap<>(placement.getNearMap())
                .forEach((other, score) ->
                        near(row.getKey(), Spot.of(name), Spot.of(other), score, NODE_NAME, Influence.IF_CRITICAL));
        new TreeMap<>(placement.getApartFromMap())
                .forEach((other, score) ->
                        near(row.getKey(), Spot.of(name), Spot.of(other), -score, NODE_NAME, Influence.IF_CRITICAL));
        Follow follow = Units.follow(row);
        if (!follow.getResource().isEmpty()) {
            Spot followed = new Spot(follow.getResource(), follow.getRole());
            near(row.getKey(), Spot.of(name), followed, Score.INFINITY, NODE_NAME, Influence.IF_CRITICAL);
            order(
                    row.getKey(),
                    List.of(follow.getResource()),
                    false,
                    follow.getRole() == Role.ROLE_PROMOTED ? Problem.Step.PROMOTE : Problem.Step.START,
                    name,
                    Problem.Step.START,
                    Problem.Kind.MANDATORY,
                    true);
        }
    }

    private void colocation(String source, ColocationSpec spec) {
        int score = spec.hasScore() ? spec.getScore() : Score.INFINITY;
        String place = switch (spec.getPlaceCase()) {
            case NODE_LABEL -> label(spec.getNodeLabel());
            case NODE_ATTRIBUTE -> attribute(spec.getNodeAttribute());
            case PLACE_NOT_SET -> NODE_NAME;
        };
        Influence influence = Influence.of(spec);
        if (spec.getSetsCount() == 0) {
            near(
                    source,
                    new Spot(spec.getResource(), spec.getRole()),
                    new Spot(spec.getWithResource(), spec.getWithRole()),
                    score,
                    place,
                    influence);
            return;
        }
        for (int i = 0; i < spec.getSetsCount(); i++) {
            ConstraintSet set = spec.getSets(i);
            for (int k = 1; (!set.getParallel() || score < 0) && k < set.getResourcesCount(); k++) {
                // What keeps apart keeps every two of them apart, not only neighbours, in sequence or not.
                for (int other = score < 0 ? 0 : k - 1; other < k; other++) {
                    near(
                            source,
                            new Spot(set.getResources(k), set.getRole()),
                            new Spot(set.getResources(other), set.getRole()),
                            score,
                            place,
                            influence);
                }
            }
            if (i + 1 < spec.getSetsCount()) {
                ConstraintSet next = spec.getSets(i + 1);
                for (String dependent : firstOf(set)) {
                    for (String primary : lastOf(next)) {
                        near(
                                source,
                                new Spot(dependent, set.getRole()),
                                new Spot(primary, next.getRole()),
                                score,
                                place,
                                influence);
                    }
                }
            }
        }
    }

    private static List<String> firstOf(ConstraintSet set) {
        List<String> all = set.getResourcesList();
        return set.getParallel() || all.isEmpty() ? all : all.subList(0, 1);
    }

    private static List<String> lastOf(ConstraintSet set) {
        List<String> all = set.getResourcesList();
        return set.getParallel() || all.isEmpty() ? all : all.subList(all.size() - 1, all.size());
    }

    private void order(String source, OrderSpec spec) {
        Problem.Kind kind = kind(spec.getKind());
        boolean symmetrical = !spec.getAsymmetrical();
        if (spec.getSetsCount() == 0) {
            Problem.Step firstStep = step(spec.getFirstAction(), Problem.Step.START);
            order(
                    source,
                    List.of(spec.getFirst()),
                    false,
                    firstStep,
                    spec.getThen(),
                    step(spec.getThenAction(), firstStep),
                    kind,
                    symmetrical);
            return;
        }
        for (int i = 0; i < spec.getSetsCount(); i++) {
            ConstraintSet set = spec.getSets(i);
            Problem.Step step = step(set.getAction(), Problem.Step.START);
            for (int k = 1; !set.getParallel() && k < set.getResourcesCount(); k++) {
                List<String> before = List.of(set.getResources(k - 1));
                order(source, before, false, step, set.getResources(k), step, kind, symmetrical);
            }
            if (i + 1 < spec.getSetsCount()) {
                ConstraintSet next = spec.getSets(i + 1);
                for (String then : firstOf(next)) {
                    Problem.Step thenStep = step(next.getAction(), Problem.Step.START);
                    order(source, lastOf(set), set.getAny(), step, then, thenStep, kind, symmetrical);
                }
            }
        }
    }

    /** A name in a rule, with the role that is meant. */
    private record Spot(String name, Role role) {
        static Spot of(String name) {
            return new Spot(name, Role.ROLE_UNSPECIFIED);
        }
    }

    /** Whether what is good for the dependent counts when the primary is placed. */
    private enum Influence {
        ALWAYS,
        NEVER,
        IF_CRITICAL;

        static Influence of(ColocationSpec spec) {
            if (spec.getNoInfluence()) {
                return NEVER;
            }
            return spec.getInfluence() ? ALWAYS : IF_CRITICAL;
        }
    }

    private boolean isCritical(String unit) {
        ObjectRow row = Units.find(state, unit);
        return row == null || Units.isCritical(row);
    }

    private void near(String source, Spot dependent, Spot primary, int score, String place, Influence influence) {
        String one = party(dependent.name, dependent.role == Role.ROLE_PROMOTED);
        String other = party(primary.name, primary.role == Role.ROLE_PROMOTED);
        if (one == null || other == null || unitOf(one).equals(unitOf(other)) || score == 0) {
            return;
        }
        boolean unpromoted = primary.role == Role.ROLE_UNPROMOTED && isClone(other);
        boolean influences =
                influence == Influence.ALWAYS || (influence == Influence.IF_CRITICAL && isCritical(unitOf(one)));
        Near near = new Near(nears.size() + " " + source, source, one, other, unpromoted, score, place, influences);
        nears.add(near);
        nearsOf.computeIfAbsent(one, id -> new ArrayList<>()).add(near);
        nearsOf.computeIfAbsent(other, id -> new ArrayList<>()).add(near);
    }

    private void order(
            String source,
            List<String> firsts,
            boolean any,
            Problem.Step firstStep,
            String then,
            Problem.Step thenStep,
            Problem.Kind kind,
            boolean symmetrical) {
        String after = party(then, isOfRole(thenStep));
        SortedSet<String> before = new TreeSet<>();
        for (String first : firsts) {
            String party = party(first, isOfRole(firstStep));
            if (party != null && after != null && !unitOf(party).equals(unitOf(after))) {
                before.add(party);
            }
        }
        if (after == null || before.isEmpty()) {
            return;
        }
        add(source, before, any, plain(firstStep), after, plain(thenStep), kind, symmetrical);
    }

    private static boolean isOfRole(Problem.Step step) {
        return step == Problem.Step.PROMOTE || step == Problem.Step.DEMOTE;
    }

    /** What a promotion does by the words of everything else. */
    private static Problem.Step plain(Problem.Step step) {
        return switch (step) {
            case START, PROMOTE -> Problem.Step.START;
            case STOP, DEMOTE -> Problem.Step.STOP;
        };
    }

    private void add(
            String source,
            SortedSet<String> before,
            boolean any,
            Problem.Step firstStep,
            String after,
            Problem.Step thenStep,
            Problem.Kind kind,
            boolean symmetrical) {
        boolean bothStop = firstStep == Problem.Step.STOP && thenStep == Problem.Step.STOP;
        if (bothStop && symmetrical && before.size() == 1) {
            // "a stops before b" is the way back of "b starts before a"
            add(new Ordered(
                    source, List.of(after), false, Problem.Step.START, before.first(), Problem.Step.START, kind, true));
        } else {
            add(new Ordered(source, List.copyOf(before), any, firstStep, after, thenStep, kind, symmetrical));
        }
    }

    private void add(Ordered order) {
        orders.add(order);
        ordersOf.computeIfAbsent(order.then(), id -> new ArrayList<>()).add(order);
        for (String first : order.firsts()) {
            ordersOf.computeIfAbsent(first, id -> new ArrayList<>()).add(order);
        }
    }

    private static Problem.Kind kind(OrderKind kind) {
        return switch (kind) {
            case ORDER_KIND_OPTIONAL -> Problem.Kind.OPTIONAL;
            case ORDER_KIND_SERIALIZE -> Problem.Kind.SERIALIZE;
            case ORDER_KIND_MANDATORY, ORDER_KIND_UNSPECIFIED, UNRECOGNIZED -> Problem.Kind.MANDATORY;
        };
    }

    private static Problem.Step step(OrderAction action, Problem.Step otherwise) {
        return switch (action) {
            case ORDER_ACTION_START -> Problem.Step.START;
            case ORDER_ACTION_STOP -> Problem.Step.STOP;
            case ORDER_ACTION_PROMOTE -> Problem.Step.PROMOTE;
            case ORDER_ACTION_DEMOTE -> Problem.Step.DEMOTE;
            case ORDER_ACTION_UNSPECIFIED, UNRECOGNIZED -> otherwise;
        };
    }

    /** The name of a label among a machine's attributes. */
    static String label(String name) {
        return LABEL + name;
    }

    /** The name of a node attribute among a machine's attributes; the node's name is one. */
    static String attribute(String name) {
        return name.equals(NODE_NAME) ? name : ATTRIBUTE + name;
    }

    /** What a place is called on a machine: its attributes by the names above. */
    static SortedMap<String, String> places(Map<String, String> labels, Map<String, String> attributes) {
        SortedMap<String, String> places = new TreeMap<>();
        labels.forEach((name, value) -> places.put(label(name), value));
        attributes.forEach((name, value) -> places.put(attribute(name), value));
        return places;
    }
}
