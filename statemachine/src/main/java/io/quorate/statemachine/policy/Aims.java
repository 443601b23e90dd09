package io.quorate.statemachine.policy;

import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.placement.Answer;
import io.quorate.statemachine.placement.Choices;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Recorder;
import io.quorate.statemachine.placement.Role;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where every unit should be, by the placement engine: asked once for a look. What units ask for (a move, a pin to another
 * node, to leave a node where they failed too often) is heard as long as there is a place for them that honours it; those
 * for which there is none stay as they are, and the engine is asked again.
 */
final class Aims {
    /** Units whose wishes cannot be had show themselves at once; those that only these shut out, in the rounds after. */
    private static final int ROUNDS = 4;

    private final SortedMap<String, Standing> standings = new TreeMap<>();
    private final SortedMap<String, String> targets = new TreeMap<>();
    /** The node that would be the target if what has to come first were up, of slots; of others {@link Choices} has it. */
    private final SortedMap<String, String> slotChoices = new TreeMap<>();

    private final SortedMap<String, String> copies = new TreeMap<>();
    private final SortedMap<String, String> copyChoices = new TreeMap<>();
    private final SortedMap<String, CloneSlots> clones = new TreeMap<>();
    private final ProblemBuilder builder;
    private final List<UnitView> units;
    private final String lost;
    private Choices choices;
    private @Nullable Recorder recorder;

    Aims(Survey survey) {
        this(survey, new ProblemBuilder(survey), survey.units(), "");
    }

    private Aims(Survey survey, ProblemBuilder builder, List<UnitView> units, String lost) {
        this.builder = builder;
        this.units = units;
        this.lost = lost;
        for (UnitView unit : units) {
            standings.put(unit.instance().getId(), standing(survey, unit, false));
        }
        choices = solve();
        for (int round = 1; round < ROUNDS; round++) {
            SortedSet<String> contented = contented();
            if (contented.isEmpty()) {
                break;
            }
            for (UnitView unit : units) {
                if (contented.contains(unit.instance().getId())) {
                    standings.put(unit.instance().getId(), standing(survey, unit, true));
                }
            }
            choices = solve();
        }
        keepThoseThatWouldComeBack(survey);
    }

    /**
     * Where room is short, a unit that runs has its place before those that are free. So one that is stopped to go to a
     * better node may find, once it is free, that others have that room: such a unit stays.
     */
    private void keepThoseThatWouldComeBack(Survey survey) {
        if (ProblemBuilder.strategy(survey.state()) == Options.Strategy.DEFAULT) {
            return;
        }
        SortedMap<String, Standing> present = new TreeMap<>(standings);
        SortedMap<String, String> wishes = new TreeMap<>();
        standings.forEach((id, standing) -> {
            String target = targets.getOrDefault(id, "");
            if (!standing.fixed()
                    && !isSlot(survey, id)
                    && !standing.node().isEmpty()
                    && !target.isEmpty()
                    && !target.equals(standing.node())) {
                wishes.put(id, target);
            }
        });
        if (wishes.isEmpty()) {
            return;
        }
        wishes.keySet().forEach(id -> standings.computeIfPresent(id, (same, standing) -> standing.released()));
        solve();
        SortedMap<String, String> once = new TreeMap<>(targets);
        standings.putAll(present);
        wishes.forEach((id, target) -> {
            if (!target.equals(once.get(id))) {
                standings.computeIfPresent(id, (same, standing) -> standing.staying());
            }
        });
        choices = solve();
    }

    private static boolean isSlot(Survey survey, String id) {
        UnitView unit = survey.unit(id);
        return unit != null && unit.isSlot();
    }

    /** The same for these units alone, if a node were off and all that it owns free. */
    Aims without(Survey survey, List<UnitView> others, String node) {
        return new Aims(survey, builder, others, node);
    }

    private Standing standing(Survey survey, UnitView unit, boolean contented) {
        Standing standing = Standing.of(survey, unit, contented);
        boolean loses = standing.wanted() && !lost.isEmpty() && standing.node().equals(lost);
        return loses ? standing.freed() : standing;
    }

    private Choices solve() {
        Problem problem = builder.build(units, standings, lost);
        Choices made = new Choices();
        Answer answer = Engine.solve(problem, made);
        targets.clear();
        answer.placed().forEach(placed -> targets.put(placed.resource(), placed.machine()));
        List.of(slotChoices, copies, copyChoices).forEach(SortedMap::clear);
        clones.clear();
        builder.clones(units).forEach((name, clone) -> {
            targets.remove(CloneSlots.definition(clone));
            clones.put(name, aims(made, clone));
        });
        return made;
    }

    private CloneSlots aims(Choices made, CloneView clone) {
        CloneSlots slots = new CloneSlots(builder.state(), clone, standings);
        CloneSlots.Targets placed = slots.targets(id -> made.placed(id).map(Aims::place));
        targets.putAll(placed.nodes());
        copies.putAll(placed.copies());
        CloneSlots.Targets chosen = slots.targets(id -> made.of(id)
                .map(node -> new CloneSlots.Place(node, made.isPromoted(id)))
                .or(() -> made.placed(id).map(Aims::place)));
        slotChoices.putAll(chosen.nodes());
        copyChoices.putAll(chosen.copies());
        return slots;
    }

    private static CloneSlots.Place place(Answer.Placed placed) {
        return new CloneSlots.Place(placed.machine(), placed.role() == Role.PROMOTED);
    }

    /** Units that asked for something that cannot be had. */
    private SortedSet<String> contented() {
        SortedSet<String> contented = new TreeSet<>();
        standings.forEach((id, standing) -> {
            if (standing.asks() && !isHonoured(standing, targets.getOrDefault(id, ""))) {
                contented.add(id);
            }
        });
        return contented;
    }

    private static boolean isHonoured(Standing standing, String target) {
        OperationRow move = standing.move();
        return !target.isEmpty()
                && (move == null || move.getNode().isEmpty() || move.getNode().equals(target));
    }

    /** The node where an instance should be; empty: nowhere. */
    Optional<String> target(String instance) {
        return Optional.ofNullable(targets.get(instance));
    }

    Standing standing(String instance) {
        return standings.getOrDefault(instance, Standing.NOWHERE);
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

    /** The id by which the engine knows a unit, or a copy; of a copy that it does not place, that of the clone. */
    String engineId(UnitView unit) {
        CloneSlots slots = unit.isSlot() ? clones.get(unit.unitName()) : null;
        return slots == null ? unit.name() : slots.instance(unit.name()).orElse(unit.unitName());
    }

    /** How the scores came about: decided once more, as only reasons need it. */
    Recorder recorder() {
        if (recorder == null) {
            Problem problem = builder.build(units, standings, lost);
            recorder = new Recorder(problem);
            Engine.solve(problem, recorder);
        }
        return recorder;
    }

    ProblemBuilder builder() {
        return builder;
    }
}
