package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Burdens;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Recorder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
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

    private final SortedMap<String, Standing> standings;
    private final SortedSet<String> kept = new TreeSet<>();
    private final Survey survey;
    private final ProblemBuilder builder;
    private final List<UnitView> units;
    private final String lost;
    private Solution solution;
    private @Nullable Recorder recorder;

    Aims(Survey survey) {
        this(survey, survey.problems(), survey.concerned(), "");
    }

    private Aims(Survey survey, ProblemBuilder builder, List<UnitView> units, String lost) {
        this.survey = survey;
        this.builder = builder;
        this.units = units;
        this.lost = lost;
        this.standings = usual(units);
        this.solution = settle(units, standings, kept);
        if (lost.isEmpty()) {
            keepThoseThatCameSinceTheLastChange();
        }
        keepThoseThatWouldComeBack();
    }

    private SortedMap<String, Standing> usual(List<UnitView> some) {
        SortedMap<String, Standing> usual = new TreeMap<>();
        some.forEach(unit -> usual.put(unit.instance().getId(), standing(unit, false)));
        return usual;
    }

    /** Asks the engine, until all that is asked for can be had, or was given up. */
    private Solution settle(List<UnitView> some, SortedMap<String, Standing> as, Set<String> stays) {
        Solution made = place(some, as, stays);
        for (int round = 1; round < ROUNDS; round++) {
            SortedSet<String> contented = contented(as, made);
            if (contented.isEmpty()) {
                break;
            }
            for (UnitView unit : some) {
                String id = unit.instance().getId();
                if (contented.contains(id)) {
                    as.computeIfPresent(id, (same, standing) -> contented(unit, standing));
                }
            }
            made = place(some, as, stays);
        }
        return made;
    }

    private Standing contented(UnitView unit, Standing standing) {
        Standing asking = standing(unit, false);
        return standing.equals(asking) ? standing(unit, true) : standing.contented();
    }

    /**
     * What came to its node since anything but placement changed came there for reasons that still hold. If it were to go on now
     * it could do so for ever, as where it is counts for where it and others go; so it stays, unless it may not, or fewer would
     * have a place for it. This is what ends every circle; what follows saves the first steps of most.
     */
    private void keepThoseThatCameSinceTheLastChange() {
        for (int round = 1; round < ROUNDS; round++) {
            SortedSet<String> came = leaving();
            came.addAll(displaced(came));
            came.removeAll(kept);
            came.removeIf(id -> !cameSinceTheLastChange(id));
            if (came.isEmpty()) {
                return;
            }
            Solution before = solution;
            SortedSet<String> keptBefore = new TreeSet<>(kept);
            keep(came);
            if (placesFewerThan(before)) {
                kept.retainAll(keptBefore);
                keep(Collections.emptySortedSet());
                return;
            }
        }
    }

    private boolean cameSinceTheLastChange(String id) {
        UnitView unit = survey.unit(id);
        return unit != null && survey.cameSinceTheLastChange(unit);
    }

    /** Whether fewer have a place than in another solution, of the highest priority in which the two differ. */
    private boolean placesFewerThan(Solution other) {
        SortedMap<Integer, Integer> more = new TreeMap<>(Comparator.reverseOrder());
        for (String id : standings.keySet()) {
            UnitView unit = survey.unit(id);
            int difference =
                    (solution.aim(id).isEmpty() ? 0 : 1) - (other.aim(id).isEmpty() ? 0 : 1);
            if (unit != null && difference != 0) {
                more.merge(Units.priority(unit.row()), difference, Integer::sum);
            }
        }
        return more.values().stream()
                        .filter(difference -> difference != 0)
                        .findFirst()
                        .orElse(0)
                < 0;
    }

    /** Asks the engine again, with these where they are. */
    private void keep(SortedSet<String> ids) {
        ids.forEach(id -> kept.addAll(likeIt(id)));
        standings.putAll(asking(units));
        solution = settle(units, standings, kept);
    }

    /**
     * Where a unit is counts for where it and others go, and so does that it runs: what is better as long as it runs where it
     * is may look different once it is free, or there. So a unit leaves a place where it may stay only if it is then given
     * another one, and stays there; and one that loses its place to others keeps it if it would be given it again.
     */
    private void keepThoseThatWouldComeBack() {
        for (int round = 1; ; round++) {
            SortedSet<String> leaving = leaving();
            leaving.removeAll(kept);
            SortedSet<String> displaced = displaced(leaving);
            displaced.removeAll(kept);
            SortedSet<String> back = round < ROUNDS ? wouldComeBack(leaving, displaced) : leaving;
            if (back.isEmpty()) {
                return;
            }
            keep(back);
        }
    }

    /** With the other copies on its node: which of them leaves is not the engine's choice. */
    private List<String> likeIt(String id) {
        UnitView unit = survey.unit(id);
        return unit == null || !unit.isCopy()
                ? List.of(id)
                : survey.clone(unit).copiesOn(standing(id).node()).stream()
                        .map(UnitView::name)
                        .toList();
    }

    /** All as they are; those that are kept where they are ask for nothing. */
    private SortedMap<String, Standing> asking(List<UnitView> some) {
        SortedMap<String, Standing> asking = usual(some);
        for (UnitView unit : some) {
            if (kept.contains(unit.instance().getId())) {
                asking.put(unit.instance().getId(), standing(unit, true));
            }
        }
        return asking;
    }

    /** Units that go elsewhere although they might stay, or because of what they ask for. */
    private SortedSet<String> leaving() {
        SortedSet<String> leaving = new TreeSet<>();
        standings.forEach((id, standing) -> {
            String aim = solution.aim(id);
            boolean moves =
                    !standing.fixed() && !standing.node().isEmpty() && !aim.isEmpty() && !aim.equals(standing.node());
            if (moves && (standing.asks() || solution.hasLeft(id)) && (isBound(id) || !isAwaited(id))) {
                leaving.add(id);
            }
        });
        return leaving;
    }

    /** Without rules between units, and without room to share, a unit's place is its own affair. */
    private boolean isBound(String id) {
        UnitView unit = survey.unit(id);
        return isRoomShared()
                || (unit != null
                        && !(survey.relations().nearsOf(unit.party()).isEmpty()
                                && survey.relations().nearsOf(unit.unitName()).isEmpty()));
    }

    /** Whether what a unit would leave for is there already: of a promotion, a copy that runs. */
    private boolean isAwaited(String id) {
        UnitView unit = survey.unit(id);
        UnitView copy =
                survey.unit(solution.copy(id).or(() -> solution.copyChoice(id)).orElse(""));
        return unit == null || !unit.isPromotion() || (copy != null && copy.isOwnedBy(solution.aim(id)) && runs(copy));
    }

    private boolean runs(UnitView copy) {
        return Standing.isInContact(survey, copy)
                && !copy.instance().getOwnership().getReleasing()
                && RunStates.isUp(copy.instance());
    }

    /** What does not leave by itself, and loses a place that nothing but others keeps from it. */
    private SortedSet<String> displaced(SortedSet<String> leaving) {
        SortedSet<String> displaced = new TreeSet<>();
        standings.forEach((id, standing) -> {
            UnitView unit = survey.unit(id);
            boolean loses = !standing.fixed()
                    && !standing.node().isEmpty()
                    && !standing.node().equals(solution.aim(id));
            if (unit != null && loses && isBound(id) && isOpen(unit, standing.node())) {
                displaced.add(id);
            }
        });
        displaced.removeAll(leaving);
        return displaced;
    }

    private boolean isOpen(UnitView unit, String name) {
        NodeRow node = survey.state().node(name);
        return node != null
                && !node.hasDrain()
                && Obstacles.ofFile(survey.state(), unit, name).isEmpty();
    }

    private boolean isRoomShared() {
        return ProblemBuilder.strategy(survey.state()) != Options.Strategy.DEFAULT;
    }

    private SortedSet<String> wouldComeBack(SortedSet<String> leaving, SortedSet<String> displaced) {
        SortedSet<String> back = new TreeSet<>(leaving);
        back.removeIf(this::isAwaited);
        if (!back.isEmpty()) {
            return back;
        }
        for (SortedSet<String> unbound : inTurns(leaving)) {
            back.addAll(wouldComeBackOf(unbound, displaced));
        }
        boolean nothing = leaving.isEmpty() && displaced.isEmpty();
        return back.isEmpty() && !nothing ? wouldComeBackOf(leaving, displaced) : back;
    }

    /** Of those that are bound together, one after the other: they do not leave at the same moment. */
    private List<SortedSet<String>> inTurns(SortedSet<String> leaving) {
        List<SortedSet<String>> turns = new ArrayList<>();
        NavigableSet<String> open = new TreeSet<>(leaving);
        while (!open.isEmpty()) {
            Iterator<UnitView> bound = boundTo(Collections.unmodifiableSortedSet(open.headSet(open.first(), true)))
                    .iterator();
            for (int turn = 0; bound.hasNext(); ) {
                String id = bound.next().name();
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
     * Those which, if only these left, would not do so, or not be given another place, in one of the states between: what has
     * to stop with them has stopped and they have not, they have and it has not, or all have; or which would not stay there.
     */
    private SortedSet<String> wouldComeBackOf(SortedSet<String> leaving, SortedSet<String> displaced) {
        SortedSet<String> losing = union(leaving, displaced);
        List<UnitView> concerned = isRoomShared() ? units : boundTo(losing);
        SortedSet<String> others = stoppingWith(losing);
        SortedSet<String> all = union(losing, others);
        SortedSet<String> back = new TreeSet<>();
        if (!all.equals(leaving)) {
            back.addAll(remaining(leaving, settle(concerned, released(concerned, union(displaced, others)), kept)));
            back.addAll(remaining(leaving, settle(concerned, released(concerned, leaving), kept)));
        }
        if (!others.isEmpty() && !displaced.isEmpty()) {
            back.addAll(remaining(leaving, settle(concerned, released(concerned, union(leaving, others)), kept)));
            back.addAll(keeping(displaced, settle(concerned, released(concerned, others), kept)));
        }
        SortedSet<String> demoted = butDemotedFirst(all);
        if (!demoted.equals(all)) {
            Solution between = settle(concerned, released(concerned, demoted), kept);
            back.addAll(remaining(leaving, between));
            back.addAll(keeping(displaced, between));
        }
        Solution free = settle(concerned, released(concerned, all), kept);
        back.addAll(remaining(leaving, free));
        back.addAll(keeping(displaced, free));
        Solution there = settle(concerned, arrived(concerned, free), Collections.emptySet());
        for (String id : leaving) {
            if (!there.aim(id).equals(free.aim(id))) {
                back.add(id);
            }
        }
        back.addAll(unsettled(concerned, leaving));
        return back;
    }

    /**
     * Those that move alive and would not stay where they come to: on the way they count as if they were there, and others
     * take places by that.
     */
    private SortedSet<String> unsettled(List<UnitView> concerned, SortedSet<String> leaving) {
        SortedSet<String> alive = new TreeSet<>(leaving);
        alive.removeIf(id -> !movesAlive(id));
        if (alive.isEmpty()) {
            return alive;
        }
        SortedMap<String, Standing> away = asking(concerned);
        alive.forEach(id -> away.computeIfPresent(id, (same, standing) -> Standing.fixedOn(solution.aim(id))));
        Solution meanwhile = settle(concerned, away, kept);
        SortedMap<String, Standing> arrived = usual(concerned);
        arrived(concerned, meanwhile)
                .forEach((id, standing) -> arrived.computeIfPresent(
                        id,
                        (same, usual) ->
                                usual.node().isEmpty() || standing.node().isEmpty() ? usual : standing));
        Solution there = settle(concerned, arrived, kept);
        alive.removeIf(id -> there.aim(id).equals(solution.aim(id)));
        return alive;
    }

    private boolean movesAlive(String id) {
        UnitView unit = survey.unit(id);
        return unit != null && Migrations.mayMigrate(unit.row());
    }

    /** All as they are once they have come to where they should be. */
    private SortedMap<String, Standing> arrived(List<UnitView> some, Solution at) {
        SortedMap<String, Standing> arrived = usual(some);
        for (UnitView unit : some) {
            String id = unit.instance().getId();
            int stickiness = unit.isPromotion() ? 0 : Units.stickiness(unit.row());
            String target = at.targets().getOrDefault(id, "");
            arrived.computeIfPresent(id, (same, usual) -> usual.fixed() ? usual : usual.arrivedOn(target, stickiness));
        }
        return arrived;
    }

    /** Without the copies whose promotions are among them, and end before they do. */
    private SortedSet<String> butDemotedFirst(SortedSet<String> ids) {
        SortedSet<String> first = new TreeSet<>(ids);
        for (String id : ids) {
            UnitView unit = survey.unit(id);
            if (unit != null && unit.isPromotion()) {
                first.remove(unit.instance().getOwnership().getCopy());
            }
        }
        return first;
    }

    /** Those of some whose place is where they are. */
    private SortedSet<String> keeping(SortedSet<String> displaced, Solution made) {
        SortedSet<String> keeping = new TreeSet<>(displaced);
        keeping.removeIf(id -> !made.aim(id).equals(standing(id).node()));
        return keeping;
    }

    private static SortedSet<String> union(SortedSet<String> some, SortedSet<String> more) {
        SortedSet<String> all = new TreeSet<>(some);
        all.addAll(more);
        return all;
    }

    /** Those of some whose place is where they are, or nowhere; where room is shared, not the one that they would leave for. */
    private SortedSet<String> remaining(SortedSet<String> leaving, Solution made) {
        SortedSet<String> remaining = new TreeSet<>(leaving);
        remaining.removeIf(id -> {
            String aim = made.aim(id);
            // Without the others, which of equal nodes it is says nothing.
            return isRoomShared()
                    ? aim.equals(solution.aim(id))
                    : !aim.isEmpty() && !aim.equals(standing(id).node());
        });
        return remaining;
    }

    /** All as they are, but for some that were stopped; what is fixed, or does not run, stays as it is. */
    private SortedMap<String, Standing> released(List<UnitView> some, SortedSet<String> stopped) {
        SortedMap<String, Standing> released = asking(some);
        stopped.forEach(id -> released.computeIfPresent(
                id,
                (same, standing) -> standing.fixed() || standing.node().isEmpty() ? standing : standing.released()));
        return released;
    }

    /** What has to stop before some do, or with them. */
    private SortedSet<String> stoppingWith(SortedSet<String> ids) {
        SortedSet<String> parties = new TreeSet<>();
        ids.forEach(id -> parties.add(party(id)));
        SortedSet<String> stopping = new TreeSet<>();
        for (String party : survey.relations().stoppingWith(parties)) {
            if (!parties.contains(party)) {
                survey.party(party).forEach(unit -> stopping.add(unit.name()));
            }
        }
        return stopping;
    }

    private List<UnitView> boundTo(SortedSet<String> ids) {
        SortedSet<String> bound = new TreeSet<>();
        for (String id : ids) {
            if (!bound.contains(party(id))) {
                bound.addAll(survey.relations().boundTogether(party(id)));
            }
        }
        return units.stream().filter(unit -> bound.contains(unit.party())).toList();
    }

    private String party(String id) {
        UnitView unit = survey.unit(id);
        return unit == null ? id : unit.party();
    }

    /** The same for these units alone, if a node were off and all that it owns free. */
    Aims without(List<UnitView> others, String node) {
        return new Aims(survey, builder, others, node);
    }

    private Standing standing(UnitView unit, boolean contented) {
        Standing standing = Standing.of(survey, unit, contented);
        boolean loses = standing.wanted() && !lost.isEmpty() && standing.node().equals(lost);
        return loses ? standing.freed() : standing;
    }

    private Solution place(List<UnitView> some, SortedMap<String, Standing> as, Set<String> stays) {
        // What if: of some, as if there were no others.
        Burdens burdens = some == units ? builder.burdens(some, as) : Burdens.NONE;
        return new Solution(builder, some, as, stays, lost, burdens);
    }

    /** Units that asked for something that cannot be had. */
    private static SortedSet<String> contented(SortedMap<String, Standing> as, Solution made) {
        SortedSet<String> contented = new TreeSet<>();
        as.forEach((id, standing) -> {
            if (standing.asks() && !isHonoured(standing, made.targets().getOrDefault(id, ""))) {
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

    /** Whether it stays where it is only because it would come back. */
    boolean isKept(String instance) {
        return kept.contains(instance);
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
            Problem problem = builder.build(units, standings, kept, lost);
            recorder = new Recorder(problem);
            Engine.solve(problem, builder.burdens(units, standings), recorder);
        }
        return recorder;
    }

    ProblemBuilder builder() {
        return builder;
    }
}
