package io.quorate.statemachine.policy;

import io.quorate.statemachine.placement.Machine;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.policy.Relations.Near;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;

/** What a unit that is about to come to a node does not find there: what it must be near, distance, or room. */
final class Places {
    private final Survey survey;
    private final Scoring scoring;
    /** What a unit is doing, after its name. */
    private final Function<UnitView, String> words;

    Places(Survey survey, Scoring scoring, Function<UnitView, String> words) {
        this.survey = survey;
        this.scoring = scoring;
        this.words = words;
    }

    /** What it must be near is not there, or what it must be apart from is; empty when nothing of that holds. */
    Optional<Reason> lacking(UnitView unit, String node) {
        return lacking(unit, node, (other, place) -> false);
    }

    /** @param willBeThere whether a unit that is not in this place yet counts as if it were */
    Optional<Reason> lacking(UnitView unit, String node, BiPredicate<UnitView, String> willBeThere) {
        String id = unit.party();
        for (Near near : survey.relations().nearsOf(id)) {
            boolean isDependent = near.dependent().equals(id);
            List<UnitView> others = survey.party(isDependent ? near.primary() : near.dependent());
            if (others.isEmpty()) {
                continue;
            }
            Predicate<UnitView> isMeant = other -> isAt(other, near.place(), node)
                    && !(isDependent && near.unpromoted() && survey.clone(other).promotionOf(other) != null);
            if (isDependent
                    && near.isMust()
                    && others.stream()
                            .noneMatch(isMeant.and(this::stays).or(other -> willBeThere.test(other, near.place())))) {
                UnitView other = others.stream().filter(isMeant).findFirst().orElse(others.get(0));
                return Optional.of(SequenceReasons.near(unit, other, node, words.apply(other)));
            }
            Optional<UnitView> there = near.isNever()
                    ? others.stream()
                            .filter(isMeant.or(other -> isArrivingAt(other, near.place(), node)))
                            .findFirst()
                    : Optional.empty();
            if (there.isPresent()) {
                return Optional.of(SequenceReasons.apart(unit, there.get(), node, words.apply(there.get())));
            }
        }
        return Optional.empty();
    }

    private boolean stays(UnitView owned) {
        return !owned.instance().getOwnership().getReleasing()
                && !survey.migration(owned).isAlive();
    }

    /** Whether a unit is owned in the place of a node. */
    private boolean isAt(UnitView unit, String place, String node) {
        return unit.instance().hasOwnership()
                && isSame(unit.instance().getOwnership().getNode(), node, place);
    }

    private boolean isArrivingAt(UnitView unit, String place, String node) {
        UnitView arrival = survey.arrivalOf(unit);
        return arrival != null && isAt(arrival, place, node);
    }

    /** Whether two nodes are one place. */
    boolean isSame(String one, String other, String place) {
        Optional<String> there = name(one, place);
        return there.isPresent() && there.equals(name(other, place));
    }

    private Optional<String> name(String node, String place) {
        return scoring.aims().builder().machine(node).flatMap(machine -> machine.attribute(place));
    }

    /** Where room counts, what is on its way out of a node still takes some. */
    Optional<Reason> lackingRoom(UnitView unit, String node) {
        ProblemBuilder builder = scoring.aims().builder();
        // A promotion takes nothing beside what its copy takes.
        if (ProblemBuilder.strategy(survey.state()) == Options.Strategy.DEFAULT || unit.isPromotion()) {
            return Optional.empty();
        }
        Machine machine = builder.machine(node).orElseThrow();
        SortedMap<String, Integer> needs = builder.utilization(unit);
        for (String what : needs.keySet()) {
            long used = 0;
            for (String id : survey.ownedBy(node)) {
                UnitView other = survey.unit(id);
                used += other == null || other.isPromotion()
                        ? 0
                        : builder.utilization(other).getOrDefault(what, 0);
            }
            long left = machine.capacity().getOrDefault(what, 0) - used;
            if (left < needs.getOrDefault(what, 0)) {
                return Optional.of(SequenceReasons.room(unit, node, what, needs.getOrDefault(what, 0), left));
            }
        }
        return Optional.empty();
    }
}
