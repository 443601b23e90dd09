package io.quorate.statemachine.policy;

import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Recorder;
import java.util.ArrayList;
import java.util.Iterator;
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
    /** Each of so many that leave together is also looked at alone: with more that would take too long. */
    private static final int TURNS = 8;

    private final SortedMap<String, Standing> standings = new TreeMap<>();
    private final Survey survey;
    private final ProblemBuilder builder;
    private final List<UnitView> units;
    private final String lost;
    private Solution solution;
    private @Nullable Recorder recorder;

    Aims(Survey survey) {
        this(survey, new ProblemBuilder(survey), survey.units(), "");
    }

    private Aims(Survey survey, ProblemBuilder builder, List<UnitView> units, String lost) {
        this.survey = survey;
        this.builder = builder;
        this.units = units;
        this.lost = lost;
        for (UnitView unit : units) {
            standings.put(unit.instance().getId(), standing(survey, unit, false));
        }
        solution = solve();
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
            solution = solve();
        }
        keepThoseThatWouldComeBack();
    }

    /**
     * Where a unit is counts for where it and others go, and so does that it runs: what is better as long as it runs where it
     * is may look different once it is free, or there. So a unit leaves a place where it may stay only if it is then given
     * another one, and stays there.
     */
    private void keepThoseThatWouldComeBack() {
        SortedSet<String> kept = new TreeSet<>();
        for (int round = 1; ; round++) {
            SortedSet<String> leaving = leaving();
            leaving.removeAll(kept);
            SortedSet<String> back = round < ROUNDS ? wouldComeBack(leaving) : leaving;
            if (back.isEmpty()) {
                return;
            }
            for (UnitView unit : units) {
                if (back.contains(unit.instance().getId())) {
                    standings.put(
                            unit.instance().getId(),
                            standing(survey, unit, true).staying());
                }
            }
            kept.addAll(back);
            solution = solve();
        }
    }

    /** Units that go elsewhere although they might stay, or because of what they ask for. */
    private SortedSet<String> leaving() {
        SortedSet<String> leaving = new TreeSet<>();
        standings.forEach((id, standing) -> {
            String target = target(id).orElse("");
            boolean moves = !standing.fixed()
                    && !standing.node().isEmpty()
                    && !target.isEmpty()
                    && !target.equals(standing.node());
            if (moves && !isSlot(id) && (standing.asks() || solution.hasLeft(id)) && isBound(id)) {
                leaving.add(id);
            }
        });
        return leaving;
    }

    /** Copies of a clone stay where they may anyway. */
    private boolean isSlot(String id) {
        UnitView unit = survey.unit(id);
        return unit != null && unit.isSlot();
    }

    /** Without rules between units, and without room to share, a unit's place is its own affair. */
    private boolean isBound(String id) {
        return isRoomShared() || !survey.relations().nearsOf(id).isEmpty();
    }

    private boolean isRoomShared() {
        return ProblemBuilder.strategy(survey.state()) != Options.Strategy.DEFAULT;
    }

    private SortedSet<String> wouldComeBack(SortedSet<String> leaving) {
        SortedSet<String> back = new TreeSet<>();
        for (SortedSet<String> unbound : inTurns(leaving)) {
            back.addAll(wouldComeBackOf(unbound));
        }
        return back.isEmpty() && !leaving.isEmpty() ? wouldComeBackOf(leaving) : back;
    }

    /** Of those that are bound together, one after the other: they do not leave at the same moment. */
    private List<SortedSet<String>> inTurns(SortedSet<String> leaving) {
        List<SortedSet<String>> turns = new ArrayList<>();
        SortedSet<String> open = new TreeSet<>(leaving);
        while (!open.isEmpty()) {
            Iterator<String> bound =
                    survey.relations().boundTogether(open.first()).iterator();
            for (int turn = 0; bound.hasNext(); ) {
                String id = bound.next();
                if (open.remove(id) && turn < TURNS) {
                    if (turn == turns.size()) {
                        turns.add(new TreeSet<>());
                    }
                    turns.get(turn++).add(id);
                }
            }
        }
        return turns.size() == 1 ? List.of() : turns;
    }

    /**
     * Those which, if only these left, would no longer do so once what has to stop before them has stopped, or would not be
     * given another place once they are free, or would not stay there.
     */
    private SortedSet<String> wouldComeBackOf(SortedSet<String> leaving) {
        List<UnitView> concerned = isRoomShared() ? units : boundTo(leaving);
        SortedMap<String, Standing> then = new TreeMap<>(standings);
        then.keySet().retainAll(idsOf(concerned));
        SortedSet<String> stopping = survey.relations().stoppingWith(leaving);
        stopping.stream().filter(id -> !leaving.contains(id)).forEach(id -> release(then, id));
        SortedMap<String, String> before = stopping.equals(leaving) ? solution.targets() : placed(concerned, then);
        leaving.forEach(id -> release(then, id));
        SortedMap<String, String> free = placed(concerned, then);
        for (UnitView unit : concerned) {
            String id = unit.instance().getId();
            Standing usual = standing(survey, unit, false);
            then.put(
                    id,
                    usual.fixed() || unit.isSlot()
                            ? usual
                            : usual.arrivedOn(free.getOrDefault(id, ""), Units.stickiness(unit.row())));
        }
        SortedMap<String, String> there = placed(concerned, then);
        SortedSet<String> back = new TreeSet<>();
        for (String id : leaving) {
            String present = standing(id).node();
            String target = free.getOrDefault(id, "");
            boolean goes = !target.isEmpty() && !target.equals(present) && !present.equals(before.getOrDefault(id, ""));
            if (!goes || !target.equals(there.get(id))) {
                back.add(id);
            }
        }
        return back;
    }

    /** What is fixed, or does not run, stays as it is. */
    private static void release(SortedMap<String, Standing> standings, String id) {
        standings.computeIfPresent(
                id, (same, standing) -> standing.fixed() || standing.node().isEmpty() ? standing : standing.released());
    }

    private static SortedSet<String> idsOf(List<UnitView> units) {
        SortedSet<String> ids = new TreeSet<>();
        units.forEach(unit -> ids.add(unit.instance().getId()));
        return ids;
    }

    private List<UnitView> boundTo(SortedSet<String> ids) {
        SortedSet<String> bound = new TreeSet<>();
        for (String id : ids) {
            if (!bound.contains(id)) {
                bound.addAll(survey.relations().boundTogether(id));
            }
        }
        return units.stream()
                .filter(unit -> bound.contains(unit.party()))
                .toList();
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

    private Solution solve() {
        return new Solution(builder, units, standings, lost);
    }

    private SortedMap<String, String> placed(List<UnitView> some, SortedMap<String, Standing> stand) {
        return new Solution(builder, some, stand, lost).targets();
    }

    /** Units that asked for something that cannot be had. */
    private SortedSet<String> contented() {
        SortedSet<String> contented = new TreeSet<>();
        standings.forEach((id, standing) -> {
            if (standing.asks() && !isHonoured(standing, target(id).orElse(""))) {
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
        return Optional.ofNullable(solution.targets().get(instance));
    }

    Standing standing(String instance) {
        return standings.getOrDefault(instance, Standing.NOWHERE);
    }

    /** What was decided, beyond the targets. */
    Solution solution() {
        return solution;
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
