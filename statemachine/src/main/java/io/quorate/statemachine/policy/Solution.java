package io.quorate.statemachine.policy;

import io.quorate.statemachine.placement.Answer;
import io.quorate.statemachine.placement.Burdens;
import io.quorate.statemachine.placement.Choices;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Role;
import io.quorate.statemachine.policy.CloneSlots.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What one answer of the placement engine means for units, and for the slots of clones. */
final class Solution {
    private final SortedMap<String, String> targets = new TreeMap<>();
    private final SortedMap<String, String> copies = new TreeMap<>();
    /** Where slots would be if what has to come first were up; of other units {@link Choices} says that. */
    private final SortedMap<String, String> slotChoices = new TreeMap<>();

    private final SortedMap<String, String> copyChoices = new TreeMap<>();
    private final SortedSet<String> left = new TreeSet<>();
    private final SortedMap<String, CloneSlots> clones = new TreeMap<>();
    private final Choices choices = new Choices();

    /**
     * @param kept units that stay where they are unless they may not
     * @param lost a node that is looked at as if it were off; empty: none
     * @param burdens what nodes carry of other units
     */
    Solution(
            ProblemBuilder builder,
            List<UnitView> units,
            SortedMap<String, Standing> standings,
            Set<String> kept,
            String lost,
            Burdens burdens) {
        Engine.solve(builder.build(units, standings, kept, lost), burdens, choices)
                .placed()
                .forEach(placed -> targets.put(placed.resource(), placed.machine()));
        left.addAll(choices.left());
        builder.clones(units).forEach((name, clone) -> {
            targets.remove(CloneSlots.definition(clone));
            CloneSlots slots = new CloneSlots(builder.state(), clone, standings);
            clones.put(name, slots);
            read(slots);
        });
    }

    private void read(CloneSlots slots) {
        List<Place> answered = new ArrayList<>();
        List<Place> waiting = new ArrayList<>();
        List<Place> others = new ArrayList<>();
        for (String id : slots.instances()) {
            Optional<Place> answer = choices.placed(id).map(Solution::place);
            answer.ifPresent(answered::add);
            choices.of(id)
                    .map(node -> new Place(node, choices.isPromoted(id)))
                    .ifPresent((answer.isEmpty() ? waiting : others)::add);
        }
        CloneSlots.Targets placed = slots.targets(answered, List.of(), Collections.emptySortedMap());
        targets.putAll(placed.nodes());
        copies.putAll(placed.copies());
        int more = waiting.size();
        waiting.addAll(others);
        // Instances may have changed places since: what is up is where the answer says, whichever it is.
        List<Place> up = new ArrayList<>(answered);
        up.removeIf(place -> !waiting.remove(place));
        List<Place> changed = new ArrayList<>(answered);
        up.forEach(changed::remove);
        changed.forEach(place -> up.add(chosen(place, waiting)));
        CloneSlots.Targets chosen =
                slots.targets(up, waiting.stream().limit(more).toList(), placed.copies());
        slotChoices.putAll(chosen.nodes());
        copyChoices.putAll(chosen.copies());
        left.addAll(
                slots.left(choices.left()::contains, id -> choices.isDemoted(id) ? choices.of(id) : Optional.empty()));
    }

    /** The choice that came true, with its role, which may not have; it is taken from the others. */
    private static Place chosen(Place answer, List<Place> choices) {
        for (Place choice : choices) {
            if (choice.node().equals(answer.node())) {
                choices.remove(choice);
                return choice;
            }
        }
        return answer;
    }

    private static Place place(Answer.Placed placed) {
        return new Place(placed.machine(), placed.role() == Role.PROMOTED);
    }

    /** Instances and the nodes where they should be; those that should be nowhere are not in it. */
    SortedMap<String, String> targets() {
        return targets;
    }

    /** The target, or the node that would be it if what has to come first were up; empty: nowhere. */
    String aim(String instance) {
        return Optional.ofNullable(targets.get(instance))
                .or(() -> choice(instance))
                .orElse("");
    }

    /** The node that would be the target if what has to come first were up; empty: none. */
    Optional<String> choice(String instance) {
        return choices.of(instance).or(() -> Optional.ofNullable(slotChoices.get(instance)));
    }

    /** The copy that should be promoted by a promotion; empty: none. */
    Optional<String> copy(String promotion) {
        return Optional.ofNullable(copies.get(promotion));
    }

    /** The copy that would be promoted by it if what has to come first were up; empty: none. */
    Optional<String> copyChoice(String promotion) {
        return Optional.ofNullable(copyChoices.get(promotion));
    }

    /** Whether a unit, or a slot, was given another place although where it is there was one for it. */
    boolean hasLeft(String instance) {
        return left.contains(instance);
    }

    /** The units in whose turns others were placed, by the others. */
    SortedMap<String, String> turns() {
        return choices.turns();
    }

    /** The id by which the engine knows a unit, or a copy; of a copy that it does not place, that of the clone. */
    String engineId(UnitView unit) {
        CloneSlots slots = unit.isSlot() ? clones.get(unit.unitName()) : null;
        return slots == null ? unit.name() : slots.instance(unit.name()).orElse(unit.unitName());
    }
}
