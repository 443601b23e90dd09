package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.OnFail;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The placement engine says where each unit should be; this says what to do next to get there, one unit after the other, by
 * priority and then by name: it stays where it is as long as no other node scores strictly higher, is started again in
 * place before it is moved, and waits for what orders and colocations put before it. Stateless, so safe for use by several
 * threads.
 */
public final class DefaultPolicy implements Policy {
    @java.lang.Override
    public Plan plan(PolicyInput input) {
        Survey survey = new Survey(input);
        UnitPlanner planner = new UnitPlanner(survey);
        SortedMap<String, Decision> fences = new TreeMap<>();
        List<Decision> others = new ArrayList<>();
        SortedMap<String, List<Reason>> waiting = new TreeMap<>();
        long askAgain = Outcome.NEVER;
        for (UnitView unit : survey.units()) {
            if (input.inFlight().contains(Keys.instance(unit.instance().getId()))) {
                continue;
            }
            Outcome outcome = planner.look(unit);
            askAgain = Math.min(askAgain, outcome.askAgainAtLogMillis());
            Decision decision = outcome.decision();
            if (decision instanceof Decision.Fence fence) {
                if (!input.inFlight().contains(fence.subject())) {
                    fences.putIfAbsent(fence.node(), fence);
                }
            } else if (decision != null) {
                survey.decided(unit.instance().getId());
                others.add(decision);
            } else {
                if (!outcome.reasons().isEmpty()) {
                    waiting.merge(unit.key(), outcome.reasons(), DefaultPolicy::both);
                }
                askAgain = Math.min(askAgain, forget(survey, unit, others));
            }
        }
        List<Decision> decisions = new ArrayList<>(fences.values());
        decisions.addAll(others);
        return new Plan(
                decisions,
                waiting,
                askAgain == Outcome.NEVER ? OptionalLong.empty() : OptionalLong.of(askAgain),
                DatedRules.nextChangeAtLogMillis(survey));
    }

    private static List<Reason> both(List<Reason> some, List<Reason> more) {
        List<Reason> all = new ArrayList<>(some);
        more.stream().filter(reason -> !some.contains(reason)).forEach(all::add);
        return all;
    }

    /** Forgets the first failure that is old enough; says when the next one will be. */
    private static long forget(Survey survey, UnitView unit, List<Decision> decisions) {
        if (survey.state().isPaused()) {
            return Outcome.NEVER;
        }
        long next = Outcome.NEVER;
        for (FailureRow failure : unit.instance().getFailuresList()) {
            if (failure.getCount() == 0 || isHeld(survey, unit, failure)) {
                continue;
            }
            long due = failure.getLastAt().getLogMillis() + Units.forgetAfterMillis(unit.row());
            if (due <= survey.nowLogMillis()) {
                survey.decided(unit.instance().getId());
                decisions.add(new Decision.ForgetFailures(
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
    private static boolean isHeld(Survey survey, UnitView unit, FailureRow failure) {
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
}
