package io.quorate.statemachine.policy;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What of a party has to be there for what an order puts after it. A unit that is one instance has to be there itself. Of a
 * clone it is the copy, or the promotion, on the same node where it has to be near that, or where one of the two interleaves;
 * else as many as its {@code min}; without a min, to start, all that can run, and to stay, any.
 */
final class Needs {
    private final Survey survey;
    private final Scoring scoring;

    Needs(Survey survey, Scoring scoring) {
        this.survey = survey;
        this.scoring = scoring;
    }

    /**
     * One that is missing; empty when nothing is.
     *
     * @param first the party that comes first
     * @param node where what comes after is, or goes
     * @param starts it is about to start, not to stay
     * @param fine whether one instance is as it has to be
     */
    Optional<UnitView> lacking(UnitView then, String first, String node, boolean starts, Predicate<UnitView> fine) {
        List<UnitView> all = survey.party(first);
        if (all.isEmpty()) {
            return Optional.empty();
        }
        UnitView any = all.get(0);
        if (!any.isSlot()) {
            return fine.test(any) ? Optional.empty() : Optional.of(any);
        }
        List<UnitView> counted = all.stream().filter(this::counts).toList();
        int min = any.isCopy() ? any.row().getClone().getMin() : 0;
        if (isBeside(then, any) && min == 0) {
            List<UnitView> here =
                    counted.stream().filter(slot -> isOn(slot, node)).toList();
            if (!here.isEmpty() || mustBeNear(then, first)) {
                return here.stream().anyMatch(fine)
                        ? Optional.empty()
                        : Optional.of(here.isEmpty() ? any : here.get(0));
            }
        }
        int needed = Math.max(1, min > 0 ? min : starts ? counted.size() : 1);
        List<UnitView> missing =
                counted.stream().filter(slot -> !fine.test(slot)).toList();
        return counted.size() - missing.size() >= needed
                ? Optional.empty()
                : Optional.of(missing.isEmpty() ? any : missing.get(0));
    }

    /** One that can run: it is owned where that can be seen, or is about to be. */
    private boolean counts(UnitView slot) {
        return slot.instance().hasOwnership()
                ? Standing.isInContact(survey, slot)
                : scoring.aim(slot).isPresent();
    }

    private boolean isOn(UnitView slot, String node) {
        return slot.instance().hasOwnership()
                ? slot.isOwnedBy(node)
                : scoring.aim(slot).equals(Optional.of(node));
    }

    /** Whether the one on its own node is meant. */
    boolean isBeside(UnitView then, UnitView first) {
        boolean interleaves =
                first.row().getClone().getInterleave() || then.row().getClone().getInterleave();
        return interleaves || mustBeNear(then, first.party());
    }

    private boolean mustBeNear(UnitView then, String first) {
        return survey.relations().nearsOf(then.party()).stream()
                .anyMatch(near -> near.isMust()
                        && near.dependent().equals(then.party())
                        && near.primary().equals(first));
    }
}
