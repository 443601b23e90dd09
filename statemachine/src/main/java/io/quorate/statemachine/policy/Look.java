package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Options;
import io.quorate.v1.OnFail;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** One look at all units that are concerned: what to do next with each, and which of them rest. */
final class Look {
    private final Survey survey;
    private final UnitPlanner planner;
    private final SortedMap<String, Decision> fences = new TreeMap<>();
    private final List<Decision> others = new ArrayList<>();
    private final SortedMap<String, List<Reason>> waiting = new TreeMap<>();
    private final List<UnitView> settled = new ArrayList<>();
    private long backoffEnds = Outcome.NEVER;
    private long forgets = Outcome.NEVER;

    Look(Survey survey) {
        this.survey = survey;
        this.planner = new UnitPlanner(survey);
        survey.concerned().stream()
                .filter(unit -> !survey.isInFlight(Keys.instance(unit.instance().getId())))
                .filter(unit -> !isOtherHalfInFlight(unit))
                .forEach(this::take);
        survey.arrivals().stream()
                .filter(arrival -> !survey.isInFlight(Keys.instance(arrival.name())))
                .forEach(this::take);
    }

    /** The two halves of a live migration rely on each other: they take turns. */
    private boolean isOtherHalfInFlight(UnitView unit) {
        UnitView arrival = survey.arrivalOf(unit);
        return arrival != null && survey.isInFlight(Keys.instance(arrival.name()));
    }

    Survey survey() {
        return survey;
    }

    Plan plan() {
        List<Decision> decisions = new ArrayList<>(fences.values());
        decisions.addAll(others);
        return new Plan(
                decisions, waiting, unlessNever(backoffEnds), unlessNever(forgets), survey.datesChangeAtLogMillis());
    }

    private static OptionalLong unlessNever(long logMillis) {
        return logMillis == Outcome.NEVER ? OptionalLong.empty() : OptionalLong.of(logMillis);
    }

    private void take(UnitView unit) {
        Outcome outcome = planner.look(unit);
        backoffEnds = Math.min(backoffEnds, outcome.askAgainAtLogMillis());
        Decision decision = outcome.decision();
        if (decision instanceof Decision.Fence fence) {
            if (!survey.isInFlight(fence.subject())) {
                fences.putIfAbsent(fence.node(), fence);
            }
        } else if (decision != null
                && unit.isArrival()
                && survey.isBeingDecided(Migrations.serviceId(unit.instance()))) {
            return; // it is looked at again once that is decided
        } else if (decision != null) {
            survey.decided(unit.instance().getId());
            others.add(decision);
        } else {
            if (!outcome.reasons().isEmpty()) {
                waiting.merge(unit.key(), outcome.reasons(), Look::both);
            } else if (outcome.askAgainAtLogMillis() == Outcome.NEVER && staysAsItIs(unit)) {
                settled.add(unit);
            }
            forgets = Math.min(forgets, forget(unit));
        }
    }

    private static List<Reason> both(List<Reason> some, List<Reason> more) {
        List<Reason> all = new ArrayList<>(some);
        more.stream().filter(reason -> !some.contains(reason)).forEach(all::add);
        return all;
    }

    /** Forgets the first failure that is old enough; says when the next one will be. */
    private long forget(UnitView unit) {
        if (survey.state().isPaused()) {
            return Outcome.NEVER;
        }
        long next = Outcome.NEVER;
        for (FailureRow failure : unit.instance().getFailuresList()) {
            if (failure.getCount() == 0 || isHeld(unit, failure)) {
                continue;
            }
            long due = failure.getLastAt().getLogMillis() + Units.forgetAfterMillis(unit.row());
            if (due <= survey.nowLogMillis()) {
                survey.decided(unit.instance().getId());
                others.add(new Decision.ForgetFailures(
                        unit.instance().getId(),
                        failure.getNode(),
                        failure.getMember(),
                        Reasons.limited(List.of(UnitReasons.forgotten(unit, failure))),
                        survey.readSet(List.of(Keys.instance(unit.instance().getId()), unit.key()))));
                return next;
            }
            next = Math.min(next, due);
        }
        return next;
    }

    /** A failure that still lasts, or that a person has to look at, is not forgotten by time. */
    private boolean isHeld(UnitView unit, FailureRow failure) {
        OnFail onFail = Failures.onFail(survey.state(), failure);
        if (onFail == OnFail.ON_FAIL_STOP || onFail == OnFail.ON_FAIL_BLOCK) {
            return true;
        }
        for (MemberRowStatus member : unit.instance().getMembersList()) {
            if (member.getResource().equals(failure.getMember())
                    && member.getState() == RunState.RUN_STATE_FAILED
                    && unit.isOwnedBy(failure.getNode())) {
                return true;
            }
        }
        return false;
    }

    // ---- what rests

    /** It is where the engine wants it, for its own sake, and asks for nothing; copies of clones are told apart too hardly. */
    private boolean staysAsItIs(UnitView unit) {
        if (unit.isSlot() || !unit.instance().hasOwnership() || unit.instance().getFailuresCount() > 0) {
            return false;
        }
        String id = unit.instance().getId();
        Aims aims = planner.scoring().aims();
        Standing standing = aims.standing(id);
        return standing.wanted()
                && !standing.fixed()
                && !standing.asks()
                && unit.isOwnedBy(standing.node())
                && aims.target(id).filter(standing.node()::equals).isPresent()
                && !aims.isKept(id);
    }

    /**
     * Those that the next look may leave out, in the order of all units: what it left out and what has come to rest with
     * all that it is bound to. Where room is limited everybody's place is everybody's affair, and nothing rests.
     */
    List<Resting> resting() {
        if (ProblemBuilder.strategy(survey.state()) != Options.Strategy.DEFAULT) {
            return List.of();
        }
        SortedSet<String> calm = new TreeSet<>();
        settled.forEach(unit -> calm.add(unit.instance().getId()));
        List<Resting> resting = new ArrayList<>(survey.resting());
        for (UnitView unit : settled) {
            boolean all = !survey.relations().isBound(unit.party())
                    || survey.boundTogether(unit).stream()
                            .allMatch(bound -> calm.contains(bound.instance().getId()));
            if (all) {
                resting.add(resting(unit));
            }
        }
        resting.sort(Comparator.comparingInt(Resting::position));
        return List.copyOf(resting);
    }

    private Resting resting(UnitView unit) {
        int position = survey.position(unit);
        String turn =
                planner.scoring().aims().solution().turns().get(unit.instance().getId());
        UnitView other = turn == null ? null : survey.unit(turn);
        return new Resting(unit, position, other == null ? position : survey.position(other));
    }
}
