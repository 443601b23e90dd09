package io.quorate.statemachine.placement;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that a decision depends on. Names of resources in rules are ids of primitives, groups or clones; what a rule
 * says of something that is not there is left out.
 *
 * @param machines in the order of the configuration
 * @param resources top level, in the order of the configuration; what is no longer configured comes last
 * @param promotionScores resource, then node: what its agent thinks of being promoted there
 * @param failCounts resource, then node: failures that count
 * @param parts what is active of the parts of bundles' replicas, and of connections to guests, by their own ids
 */
public record Problem(
        Options options,
        List<Machine> machines,
        List<Resource> resources,
        List<Location> locations,
        List<Colocation> colocations,
        List<Order> orders,
        List<Ticketed> ticketed,
        List<Activity> activities,
        SortedMap<String, SortedMap<String, Integer>> promotionScores,
        SortedMap<String, SortedMap<String, Integer>> failCounts,
        List<Activity> parts) {
    public Problem(
            Options options,
            List<Machine> machines,
            List<Resource> resources,
            List<Location> locations,
            List<Colocation> colocations,
            List<Order> orders,
            List<Ticketed> ticketed,
            List<Activity> activities,
            SortedMap<String, SortedMap<String, Integer>> promotionScores,
            SortedMap<String, SortedMap<String, Integer>> failCounts) {
        this(
                options,
                machines,
                resources,
                locations,
                colocations,
                orders,
                ticketed,
                activities,
                promotionScores,
                failCounts,
                List.of());
    }

    public Problem {
        parts = List.copyOf(parts);
        machines = List.copyOf(machines);
        resources = List.copyOf(resources);
        locations = List.copyOf(locations);
        colocations = List.copyOf(colocations);
        orders = List.copyOf(orders);
        ticketed = List.copyOf(ticketed);
        activities = List.copyOf(activities);
        promotionScores = Collections.unmodifiableSortedMap(new TreeMap<>(promotionScores));
        failCounts = Collections.unmodifiableSortedMap(new TreeMap<>(failCounts));
    }

    /** The same with these nodes in a state that nobody knows. */
    Problem withUnclean(Set<String> names) {
        return new Problem(
                options,
                machines.stream()
                        .map(machine -> names.contains(machine.name()) ? machine.asUnclean() : machine)
                        .toList(),
                resources,
                locations,
                colocations,
                orders,
                ticketed,
                activities,
                promotionScores,
                failCounts,
                parts);
    }

    /**
     * How much a resource wants to be on nodes.
     *
     * @param role empty: whatever it is there
     * @param scores by node
     * @param exclusive it is looked for, and may be, on these nodes only
     */
    public record Location(
            String id, String resource, Optional<Role> role, Map<String, Integer> scores, boolean exclusive) {
        public Location {
            scores = Collections.unmodifiableSortedMap(new TreeMap<>(scores));
        }
    }

    /**
     * A dependent wants to be where a primary is, or where it is not.
     *
     * @param attribute nodes count as the same where its value is the same; {@code #uname}: the very node
     * @param influence whether what is good for the dependent counts when the primary is placed
     */
    public record Colocation(
            String id,
            String dependent,
            Optional<Role> dependentRole,
            String primary,
            Optional<Role> primaryRole,
            int score,
            String attribute,
            boolean influence) {}

    /**
     * A resource runs, or is promoted, only while the site holds a ticket.
     *
     * @param role empty: it runs at all
     * @param granted the site holds it
     * @param standby it holds it, but is about to give it back: nothing new
     */
    public record Ticketed(
            String id, String resource, Optional<Role> role, LossPolicy lossPolicy, boolean granted, boolean standby) {
        boolean isForPromotion() {
            return role.isPresent() && role.get() == Role.PROMOTED;
        }
    }

    /** What happens to what runs when its ticket is lost. */
    public enum LossPolicy {
        STOP,
        DEMOTE,
        FENCE,
        FREEZE
    }

    /** What somebody does, for an order. */
    public enum Step {
        START,
        STOP,
        PROMOTE,
        DEMOTE
    }

    /** How much an order binds. */
    public enum Kind {
        /** What comes after cannot be without what comes first. */
        MANDATORY,
        /** Only when both happen. */
        OPTIONAL,
        /** Never both at once. */
        SERIALIZE
    }

    /**
     * One thing happens before another.
     *
     * @param firsts of these; one is enough when {@code any}
     * @param any one of the firsts is enough
     * @param symmetrical what undoes the second happens before what undoes the first
     */
    public record Order(
            String id,
            List<String> firsts,
            boolean any,
            Step firstStep,
            String then,
            Step thenStep,
            Kind kind,
            boolean symmetrical) {
        public Order {
            firsts = List.copyOf(firsts);
        }
    }

    /**
     * What a primitive is on a node now.
     *
     * @param resource the primitive
     * @param instance its number, for one of a clone whose instances differ
     * @param failed it has to be stopped before anything else
     * @param blocked nothing may be done with it
     * @param banned a failure says that it may not run there
     * @param stop it may not run anywhere
     * @param starting its start was ordered, and nobody knows yet what became of it
     * @param leftover it moved away while it ran, and what is left of it has yet to be stopped
     * @param arriving it was sent there while it ran, and nobody knows whether it arrived
     * @param outdated it runs with parameters that are others by now, and that only a restart can change
     * @param kept it stays unless it may not: no score moves it, and nobody hears of that
     */
    public record Activity(
            String resource,
            OptionalInt instance,
            String machine,
            Role role,
            boolean failed,
            boolean blocked,
            boolean banned,
            boolean stop,
            boolean starting,
            boolean leftover,
            boolean arriving,
            boolean outdated,
            boolean kept) {
        public Activity(
                String resource,
                OptionalInt instance,
                String machine,
                Role role,
                boolean failed,
                boolean blocked,
                boolean banned,
                boolean stop) {
            this(resource, instance, machine, role, failed, blocked, banned, stop, false, false, false, false, false);
        }

        /** The same, which stays unless it may not. */
        public Activity asKept() {
            return new Activity(
                    resource, instance, machine, role, failed, blocked, banned, stop, starting, leftover, arriving,
                    outdated, true);
        }
    }
}
