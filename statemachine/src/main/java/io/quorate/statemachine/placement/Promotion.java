package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which instances of a promotable clone are promoted: those that their agents, and the rules for that role, want most. */
final class Promotion {
    private final Problem problem;

    Promotion(Problem problem) {
        this.problem = problem;
    }

    /** What an instance's agent said of being promoted on a node; for a group, what its members said together. */
    private int score(Slot instance, Machine machine) {
        int sum = 0;
        for (Single single : instance.singles().toList()) {
            SortedMap<String, Integer> byNode = problem.promotionScores().getOrDefault(single.of.id(), new TreeMap<>());
            sum = Score.add(sum, byNode.getOrDefault(machine.name(), 0));
        }
        return sum;
    }

    private boolean isKnown(Slot instance, Machine machine) {
        return instance.singles()
                .anyMatch(single -> problem.promotionScores()
                        .getOrDefault(single.of.id(), new TreeMap<>())
                        .containsKey(machine.name()));
    }

    /** Nodes where an instance would rather be promoted are better nodes for it. */
    void addScores(Copies copies) {
        for (Slot instance : copies.instances) {
            Single first = instance.singles().findFirst().orElseThrow();
            for (Machine machine : new ArrayList<>(first.view().keySet())) {
                int score = score(instance, machine);
                if (first.score(machine) >= 0 && score != 0) {
                    first.add(machine, score);
                    instance.priority = Math.max(instance.priority, score);
                }
            }
        }
    }

    void promote(Copies copies) {
        Map<Slot, Integer> wishes = new LinkedHashMap<>();
        for (Slot instance : copies.instances) {
            Machine node = CloneSpread.node(instance);
            if (node != null) {
                wishes.put(instance, wish(copies, instance, node));
            }
        }
        Map<Machine, Integer> ranks = ranks(copies, wishes);
        List<Slot> order = new ArrayList<>(wishes.keySet());
        order.sort(Comparator.comparing((Slot instance) -> -ranks.getOrDefault(CloneSpread.node(instance), 0))
                .thenComparing(instance -> isPromoted(instance) ? 0 : 1));
        Map<Machine, Integer> perNode = new LinkedHashMap<>();
        int promoted = 0;
        for (Slot instance : order) {
            Machine node = CloneSpread.node(instance);
            boolean may = promoted < copies.of.promotedMax()
                    && wishes.getOrDefault(instance, -1) >= 0
                    && node != null
                    && perNode.getOrDefault(node, 0) < copies.of.promotedPerNode();
            boolean unmanaged = instance.singles().anyMatch(single -> !single.managed);
            boolean promotes = unmanaged ? isPromoted(instance) : may;
            if (promotes && node != null) {
                promoted++;
                perNode.merge(node, 1, Integer::sum);
            }
            instance.singles()
                    .filter(single -> single.assignedTo != null && single.managed)
                    .forEach(single -> single.nextRole = promotes ? Role.PROMOTED : Role.UNPROMOTED);
        }
    }

    /** What the nodes are worth for a promotion: what the clone likes, what the instances say, and what depends on the role. */
    private static Map<Machine, Integer> ranks(Copies copies, Map<Slot, Integer> wishes) {
        Map<Machine, Integer> ranks = new LinkedHashMap<>();
        wishes.forEach((instance, wish) -> {
            Machine node = CloneSpread.node(instance);
            if (node != null) {
                ranks.merge(node, Score.add(Math.max(0, copies.score(node)), wish), Math::max);
            }
        });
        Map<Machine, Integer> heard = ranks;
        for (Bond bond : Attraction.dependentsOf(copies)) {
            if (bond.primaryRole().equals(Optional.of(Role.PROMOTED)) && bond.hasInfluence()) {
                heard = Attraction.heard(heard, copies, bond);
            }
        }
        return heard;
    }

    private static boolean isPromoted(Slot instance) {
        return instance.singles().anyMatch(single -> single.role() == Role.PROMOTED);
    }

    /** Negative: not to be promoted. */
    private int wish(Copies copies, Slot instance, Machine node) {
        Single first = instance.singles().findFirst().orElseThrow();
        boolean limited = copies.meta
                        .targetRole()
                        .map(role -> role != Role.PROMOTED)
                        .orElse(false)
                || first.meta.targetRole().map(role -> role != Role.PROMOTED).orElse(false);
        if (limited || instance.singles().anyMatch(single -> single.noPromotion)) {
            return -Score.INFINITY;
        }
        int wish = isKnown(instance, node) ? score(instance, node) : -1;
        for (Problem.Location location : problem.locations()) {
            boolean about = location.resource().equals(copies.id)
                    || location.resource().equals(first.of.id())
                    || first.parent instanceof Series series
                            && location.resource().equals(series.id);
            if (about && location.role().equals(Optional.of(Role.PROMOTED))) {
                Integer score = location.scores().get(node.name());
                if (score != null) {
                    wish = wish < 0 && !isKnown(instance, node) ? score : Score.add(wish, score);
                }
            }
        }
        for (Bond bond : Attraction.bondsOf(copies)) {
            if (bond.dependentRole().equals(Optional.of(Role.PROMOTED))) {
                wish = near(bond, node)
                        ? Score.add(wish, bond.score())
                        : bond.score() >= Score.INFINITY ? -Score.INFINITY : wish;
            }
        }
        return wish;
    }

    private static boolean near(Bond bond, Machine node) {
        return bond.primary()
                .singles()
                .filter(single -> single.assignedTo != null)
                .filter(single -> bond.primaryRole()
                        .map(role -> role.compareTo(Role.UNPROMOTED) < 0 || single.nextRole == role)
                        .orElse(true))
                .anyMatch(single ->
                        single.assignedTo.attribute(bond.attribute()).equals(node.attribute(bond.attribute())));
    }
}
