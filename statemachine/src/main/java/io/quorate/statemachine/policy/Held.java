package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.Keys;
import io.quorate.v1.Contribution;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Reason;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What keeps a unit as it is wherever it might run: an order, a ticket, a failure that waits for a person, a verb. While it
 * does, neither a score nor a move is of any use.
 *
 * @param lifts what ends it, each once
 * @param whole whether all of the unit is held: of a clone it may be some copies only
 */
record Held(List<Reason> lifts, boolean whole) {
    private static final Set<ReasonCode> HOLDING = EnumSet.of(
            ReasonCode.STOPPED_BY_FILE,
            ReasonCode.DISABLED,
            ReasonCode.DELETING,
            ReasonCode.TICKET_LOST,
            ReasonCode.TICKET_NOT_GRANTED,
            ReasonCode.TICKET_IN_STANDBY,
            ReasonCode.TICKET_FROZEN,
            ReasonCode.TICKET_FENCE,
            ReasonCode.ORDER_STOP,
            ReasonCode.STARTS_AFTER,
            ReasonCode.STOPS_AFTER,
            ReasonCode.ON_FAIL_STOP,
            ReasonCode.ON_FAIL_BLOCK,
            ReasonCode.ON_FAIL_FENCE,
            ReasonCode.STOP_FAILED,
            ReasonCode.MULTIPLE_ACTIVE,
            ReasonCode.MAINTENANCE,
            ReasonCode.PAUSED,
            ReasonCode.WAITING_FOR_PROBE,
            ReasonCode.WAITING_FOR_JOIN,
            ReasonCode.WAITING_FOR_FENCE,
            ReasonCode.WAITING_FOR_LEASE,
            ReasonCode.PROBE_NEEDS_FENCE,
            ReasonCode.NO_EVIDENCE_PATH,
            ReasonCode.FORMER_LIFE,
            ReasonCode.STORM_BRAKE,
            ReasonCode.STARTUP_GRACE);

    Held {
        lifts = List.copyOf(lifts);
    }

    /** @param units one, or the slots of a clone that have, or could have, a place */
    static Held of(Collection<UnitView> units, Function<UnitView, List<Reason>> reasons) {
        Map<String, Reason> lifts = new LinkedHashMap<>();
        boolean whole = !units.isEmpty();
        for (UnitView unit : units) {
            Optional<Reason> holds =
                    reasons.apply(unit).stream().filter(Held::holds).findFirst();
            holds.map(why -> lift(unit, why)).ifPresent(lift -> lifts.putIfAbsent(lift.getMessage(), lift));
            whole &= holds.isPresent();
        }
        return new Held(List.copyOf(lifts.values()), whole);
    }

    private static boolean holds(Reason reason) {
        ReasonCode code = Explainer.code(reason);
        return code != null && HOLDING.contains(code);
    }

    /** It is about no node, so it names none. */
    private static Reason lift(UnitView unit, Reason why) {
        List<String> objects = why.getObjectsList().stream()
                .filter(key -> !key.startsWith(Keys.NODES))
                .toList();
        return why.toBuilder()
                .setMessage(words(unit, why))
                .clearObjects()
                .addAllObjects(objects)
                .build();
    }

    private static String words(UnitView unit, Reason why) {
        ReasonCode code = Explainer.code(why);
        List<String> others = why.getObjectsList().stream()
                .filter(key -> !key.equals(unit.key()))
                .map(Keys::bare)
                .toList();
        if ((code == ReasonCode.STARTS_AFTER || code == ReasonCode.ORDER_STOP) && !others.isEmpty()) {
            return String.join(" or ", others) + " has to run first";
        }
        boolean failed = code == ReasonCode.ON_FAIL_STOP || code == ReasonCode.ON_FAIL_BLOCK;
        return failed ? why.getMessage() + "; repair the cause and forget the failure" : why.getMessage();
    }

    /** The same verdict, which says what holds the unit where no rule about the node speaks against it. */
    NodeVerdict explained(NodeVerdict verdict) {
        if (verdict.getAllowed() || verdict.getContributionsCount() > 0 || lifts.isEmpty()) {
            return verdict;
        }
        String codes = lifts.stream().map(Reason::getCode).distinct().collect(Collectors.joining(", "));
        return verdict.toBuilder()
                .addContributions(Contribution.newBuilder()
                        .setRule(Scoring.HELD)
                        .setForbids(true)
                        .setText(codes))
                .build();
    }
}
