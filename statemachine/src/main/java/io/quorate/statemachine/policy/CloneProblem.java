package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Machine;
import io.quorate.statemachine.placement.Problem.Activity;
import io.quorate.statemachine.placement.Resource;
import io.quorate.statemachine.placement.Role;
import io.quorate.statemachine.placement.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a clone is in the terms of the placement engine, as these standings have its slots. */
final class CloneProblem {
    private final Survey survey;
    private final ClusterState state;
    private final CloneView clone;
    private final SortedMap<String, Standing> standings;
    private final CloneSlots slots;

    CloneProblem(Survey survey, CloneView clone, SortedMap<String, Standing> standings) {
        this.survey = survey;
        this.state = survey.state();
        this.clone = clone;
        this.standings = standings;
        this.slots = new CloneSlots(state, clone, standings);
    }

    CloneView view() {
        return clone;
    }

    private Standing standing(UnitView slot) {
        return standings.getOrDefault(slot.name(), Standing.NOWHERE);
    }

    boolean runs() {
        return slots.copies().stream().anyMatch(copy -> !standing(copy).node().isEmpty());
    }

    /** @param takes what one copy takes of each thing */
    Resource resource(SortedMap<String, Integer> takes) {
        var spec = clone.row().getClone();
        boolean wanted = !slots.copies().isEmpty();
        var meta = ProblemBuilder.meta(clone.row(), wanted, Units.stickiness(clone.row()));
        return new Resource.Clone(
                clone.row().getMeta().getName(),
                meta,
                new Resource.Primitive(
                        CloneSlots.definition(clone),
                        meta,
                        "",
                        false,
                        takes,
                        Optional.empty(),
                        Math.max(1, Units.members(state, clone.row()).size())),
                // One that is wanted nowhere is there all the same, for those that must be with it.
                Math.max(1, slots.max()),
                Clones.maxPerNode(clone.row()),
                spec.getMin(),
                spec.getInterleave(),
                spec.getOrdered(),
                spec.getGloballyUnique(),
                Clones.isPromotable(clone.row()),
                slots.maxPromoted(),
                Clones.maxPromotedPerNode(clone.row()));
    }

    /** @param kept what stays where it is unless it may not */
    List<Activity> activities(Set<String> kept) {
        List<Activity> activities = new ArrayList<>();
        List<UnitView> copies = slots.copies();
        for (int number = 0; number < copies.size(); number++) {
            Standing standing = standing(copies.get(number));
            if (!standing.node().isEmpty()) {
                Activity activity = new Activity(
                        CloneSlots.definition(clone),
                        OptionalInt.of(number),
                        standing.node(),
                        role(copies.get(number)),
                        false,
                        standing.fixed(),
                        false,
                        false);
                boolean stays = kept.contains(copies.get(number).name())
                        || promotionsOf(copies.get(number)).stream().anyMatch(each -> kept.contains(each.name()));
                activities.add(stays ? activity.asKept() : activity);
            }
        }
        return activities;
    }

    private Role role(UnitView copy) {
        if (!Clones.isPromotable(clone.row())) {
            return Role.STARTED;
        }
        return promotionsOf(copy).isEmpty() ? Role.UNPROMOTED : Role.PROMOTED;
    }

    /** The promotion of a copy where both are supposed to be; one that is not owned there is that of any copy there. */
    private List<UnitView> promotionsOf(UnitView copy) {
        String node = standing(copy).node();
        return clone.promotions().stream()
                .filter(promotion -> standing(promotion).node().equals(node))
                .filter(promotion -> !promotion.isOwnedBy(node) || promotion.isOfCopy(copy.name()))
                .toList();
    }

    /** What is promoted where nothing can be done now goes on counting: no score is higher. */
    void promotionScores(SortedMap<String, SortedMap<String, Integer>> into) {
        if (!Clones.isPromotable(clone.row())) {
            return;
        }
        SortedMap<String, Integer> scores = new TreeMap<>();
        for (NodeRow node : survey.nodes()) {
            Clones.promotionScore(state, clone.row(), node.getName())
                    .ifPresent(score -> scores.put(node.getName(), score));
        }
        fixedPromotions().forEach(node -> scores.put(node, Score.INFINITY));
        into.put(CloneSlots.definition(clone), scores);
    }

    private SortedSet<String> fixedPromotions() {
        SortedSet<String> nodes = new TreeSet<>();
        for (UnitView promotion : clone.promotions()) {
            if (standing(promotion).fixed()) {
                nodes.add(standing(promotion).node());
            }
        }
        return nodes;
    }

    /** Nodes that own a copy, in whichever of their lives. */
    SortedSet<String> occupied() {
        SortedSet<String> nodes = new TreeSet<>();
        clone.copies().stream()
                .filter(copy -> copy.instance().hasOwnership())
                .forEach(copy -> nodes.add(copy.instance().getOwnership().getNode()));
        return nodes;
    }

    /** What was stopped for the sake of others goes back to where it was when nothing speaks against it. */
    SortedMap<String, Integer> formerNodes() {
        SortedMap<String, Integer> scores = new TreeMap<>();
        for (UnitView copy : slots.copies()) {
            Standing standing = standing(copy);
            String former = Scoring.formerNode(copy);
            if (standing.node().isEmpty() && standing.stickiness() > 0 && !former.isEmpty()) {
                scores.put(former, standing.stickiness());
            }
        }
        return scores;
    }

    /** Where a copy runs that nobody owns, no other one may start. */
    SortedMap<String, Integer> found() {
        SortedMap<String, Integer> bans = new TreeMap<>();
        if (!clone.copies().isEmpty() && clone.copies().get(0).isAnonymousCopy()) {
            survey.likeItFoundOn(clone.copies().get(0)).forEach(node -> bans.put(node, -Score.INFINITY));
            bans.keySet().removeAll(occupied());
        }
        return bans;
    }

    /** What runs well again is not moved because of failures on record. */
    SortedMap<String, Integer> failures(List<Machine> machines) {
        SortedSet<String> stays = new TreeSet<>();
        for (UnitView copy : clone.copies()) {
            if (!standing(copy).leavesFailures()) {
                stays.add(standing(copy).node());
            }
        }
        return bans(clone.copies(), machines, stays);
    }

    /** Where promotions failed too often nothing is promoted, but what is promoted there and goes well. */
    SortedMap<String, Integer> failuresOfPromotions(List<Machine> machines) {
        SortedSet<String> stays = new TreeSet<>();
        clone.promotions().forEach(promotion -> stays.add(standing(promotion).node()));
        return bans(clone.promotions(), machines, stays);
    }

    /** Where verbs want a copy promoted, or not promoted any more, by rule. */
    SortedMap<String, SortedMap<String, Integer>> promotedWishes() {
        SortedMap<String, SortedMap<String, Integer>> wishes = new TreeMap<>();
        for (UnitView promotion : clone.promotions()) {
            for (NodeRow node : survey.nodes()) {
                standing(promotion)
                        .wishes(survey, promotion, node.getName())
                        .forEach((rule, score) -> wishes.computeIfAbsent(rule, key -> new TreeMap<>())
                                .put(node.getName(), score));
            }
        }
        return wishes;
    }

    private SortedMap<String, Integer> bans(List<UnitView> slots, List<Machine> machines, SortedSet<String> stays) {
        SortedMap<String, Integer> bans = new TreeMap<>();
        if (slots.isEmpty() || slots.get(0).failures().isEmpty()) {
            return bans;
        }
        for (Machine machine : machines) {
            if (!stays.contains(machine.name()) && Failures.bans(state, slots.get(0), machine.name())) {
                bans.put(machine.name(), -Score.INFINITY);
            }
        }
        return bans;
    }
}
