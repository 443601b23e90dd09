package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Location;
import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which instances of a promotable clone are promoted: those that their agents, and the rules for that role, want most. */
final class Promotion {
    private final Problem problem;
    private final Nodes nodes;
    private final Trace trace;
    /** Resource: the rules about where it is promoted. */
    private final Map<String, List<Location>> locations = new TreeMap<>();

    Promotion(Problem problem, Nodes nodes, Trace trace) {
        this.problem = problem;
        this.nodes = nodes;
        this.trace = trace;
        for (Location location : problem.locations()) {
            if (location.role().equals(Optional.of(Role.PROMOTED))) {
                locations
                        .computeIfAbsent(location.resource(), id -> new ArrayList<>())
                        .add(location);
            }
        }
    }

    /** What an instance's agent said of being promoted on a node; for a group, what its members said together. */
    private int score(Slot instance, Node node) {
        return instance.singles()
                .map(single -> Optional.ofNullable(scores(single).get(where(single, node)))
                        .or(() -> Optional.ofNullable(scores(single).get(node.name())))
                        .orElse(0))
                .reduce(0, Score::add);
    }

    private boolean isKnown(Slot instance, Node node) {
        return instance.singles()
                .anyMatch(single -> scores(single).containsKey(where(single, node))
                        || scores(single).containsKey(node.name()));
    }

    /** The node that an instance is promoted on: for a bundle's replica its inside, for others where it is. */
    private String where(Slot instance, Node node) {
        return nodes.insideOf(instance).orElse(node.name());
    }

    private SortedMap<String, Integer> scores(Single single) {
        return problem.promotionScores().getOrDefault(single.of.id(), Collections.emptySortedMap());
    }

    /** Nodes where an instance would rather be promoted are better nodes for it. */
    void addScores(Copies copies) {
        for (Slot instance : copies.instances) {
            Single first = instance.first();
            for (Node node : nodes.all) {
                int score = score(instance, node);
                if (first.score(node) >= 0 && score > 0) {
                    first.add(node, score);
                    instance.priority = Math.max(instance.priority, score);
                }
            }
            trace.scored(first, Trace.Cause.PROMOTION);
        }
    }

    void promote(Copies copies) {
        Map<Slot, Integer> wishes = new LinkedHashMap<>();
        for (Slot instance : copies.instances) {
            @Nullable Node node = CloneSpread.node(instance);
            if (node != null) {
                wishes.put(instance, wish(copies, instance, node));
            }
        }
        int[] ranks = ranks(copies, wishes);
        List<Slot> order = new ArrayList<>(wishes.keySet());
        order.sort(Comparator.comparing((Slot instance) -> !isKept(instance))
                .thenComparing(instance -> -rank(ranks, instance))
                .thenComparing(instance -> !isPromotedThere(copies, instance)));
        int[] perNode = new int[nodes.size()];
        int promoted = 0;
        for (Slot instance : order) {
            @Nullable Node node = CloneSpread.node(instance);
            boolean may = promoted < copies.of.promotedMax()
                    && wishes.getOrDefault(instance, -1) >= 0
                    && node != null
                    && perNode[node.index] < copies.of.promotedPerNode();
            boolean unmanaged = instance.singles().anyMatch(single -> !single.managed);
            boolean promotes = unmanaged ? isPromoted(instance) : may;
            if (promotes && node != null) {
                trace.promoted(instance);
                promoted++;
                perNode[node.index]++;
            } else if (wishes.getOrDefault(instance, -1) >= 0 && isPromotedThere(copies, instance)) {
                trace.demoted(instance);
            }
            instance.singles()
                    .filter(single -> single.assignedTo != null && single.managed)
                    .forEach(single -> single.nextRole = promotes ? Role.PROMOTED : Role.UNPROMOTED);
        }
    }

    /** What is promoted where it is kept stays so unless it may not. */
    private static boolean isKept(Slot instance) {
        return isPromoted(instance)
                && instance.singles().anyMatch(single -> single.isKept() && single.assignedTo == single.current());
    }

    /** What the nodes are worth for a promotion: what the clone likes, what the instances say, and what depends on the role. */
    private int[] ranks(Copies copies, Map<Slot, Integer> wishes) {
        int[] ranks = new int[nodes.size()];
        Arrays.fill(ranks, -Score.INFINITY);
        wishes.forEach((instance, wish) -> {
            @Nullable Node node = CloneSpread.node(instance);
            if (node != null) {
                int rank = Score.add(Math.max(0, copies.score(node)), wish);
                ranks[node.index] = Math.max(ranks[node.index], rank);
            }
        });
        Hearing hearing = new Hearing(nodes, ranks, false);
        Attraction.dependentsOf(copies).stream()
                .filter(bond -> bond.primaryRole().equals(Optional.of(Role.PROMOTED)))
                .forEach(hearing::hear);
        return hearing.scores();
    }

    private static int rank(int[] ranks, Slot instance) {
        @Nullable Node node = CloneSpread.node(instance);
        return node == null ? 0 : ranks[node.index];
    }

    /** Instances that do not differ: whichever it is that is promoted on the node that this one was given. */
    private static boolean isPromotedThere(Copies copies, Slot instance) {
        if (copies.of.unique()) {
            return isPromoted(instance);
        }
        @Nullable Node node = CloneSpread.node(instance);
        return copies.singles().anyMatch(single -> {
            int here = single.nodes.indexOf(node);
            return here >= 0 && single.running.get(here).role() == Role.PROMOTED;
        });
    }

    private static boolean isPromoted(Slot instance) {
        return instance.singles().anyMatch(single -> single.role() == Role.PROMOTED);
    }

    /** Negative: not to be promoted. */
    private int wish(Copies copies, Slot instance, Node node) {
        Single first = instance.first();
        boolean limited = isLimited(copies.meta) || isLimited(first.meta);
        if (limited || instance.singles().anyMatch(single -> single.noPromotion)) {
            return -Score.INFINITY;
        }
        boolean known = isKnown(instance, node);
        int wish = known ? score(instance, node) : -1;
        for (Location location : locationsOf(copies, first)) {
            Integer score = location.scores().get(where(first, node));
            if (score != null) {
                wish = wish < 0 && !known ? score : Score.add(wish, score);
            }
        }
        for (Bond bond : Attraction.bondsOf(copies)) {
            if (bond.isForPromotion()) {
                wish = isNear(bond, node) ? Score.add(wish, bond.score()) : bond.isMandatory() ? -Score.INFINITY : wish;
            }
        }
        return wish;
    }

    private static boolean isLimited(Meta meta) {
        return meta.targetRole().map(role -> role != Role.PROMOTED).orElse(false);
    }

    /** What is said of the clone, of what it multiplies, and of the instance's group. */
    private List<Location> locationsOf(Copies copies, Single first) {
        Set<String> ids = new LinkedHashSet<>(List.of(copies.id, first.of.id()));
        if (first.parent instanceof Series series) {
            ids.add(series.id);
        }
        List<Location> found = new ArrayList<>();
        ids.forEach(id -> found.addAll(locations.getOrDefault(id, List.of())));
        return found;
    }

    private static boolean isNear(Bond bond, Node node) {
        return bond.primary().singles().anyMatch(single -> {
            @Nullable Node there = single.assignedTo;
            return there != null
                    && bond.isAbout(single.nextRole)
                    && bond.sites().alike(there, node);
        });
    }
}
