package io.quorate.statemachine.policy;

import io.quorate.v1.Reason;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What to do next.
 *
 * @param decisions in the order in which they should be proposed: fences first, then units by priority. At most one for
 *     each instance and each node to be fenced
 * @param waiting by unit key, why a unit that wants something gets no decision
 * @param backoffEndsAtLogMillis the earliest log time at which something that waits after a failure is tried again; empty
 *     when nothing does
 * @param forgetsAtLogMillis the same for failures that will be old enough to be forgotten
 * @param datesChangeAtLogMillis the same for rules with dates: the next instant at which one of them begins or ceases to hold,
 *     as long as nobody sets the wall clock; empty when no rule has dates, or none changes any more
 */
public record Plan(
        List<Decision> decisions,
        SortedMap<String, List<Reason>> waiting,
        OptionalLong backoffEndsAtLogMillis,
        OptionalLong forgetsAtLogMillis,
        OptionalLong datesChangeAtLogMillis) {

    /** Why something is not decided yet that will be by itself, as soon as what goes on beside it is over. */
    private static final List<String> PASSING = Stream.of(
                    ReasonCode.MOVES_LATER,
                    ReasonCode.STARTING,
                    ReasonCode.RELEASING,
                    ReasonCode.STOPS_AFTER,
                    ReasonCode.TAKES_TURNS,
                    ReasonCode.ONE_BY_ONE,
                    ReasonCode.WAITING_FOR_SLOT)
            .map(ReasonCode::name)
            .toList();

    public Plan {
        decisions = List.copyOf(decisions);
        waiting = Collections.unmodifiableSortedMap(new TreeMap<>(waiting));
    }

    /** The earliest log time at which the plan can change although the state does not; empty when there is none. */
    public OptionalLong askAgainAtLogMillis() {
        return LongStream.concat(backoffEndsAtLogMillis.stream(), forgetsAtLogMillis.stream())
                .min();
    }

    /** Keys of units that something will be done about once what goes on beside them is over. */
    public List<String> putOff() {
        return waiting.entrySet().stream()
                .filter(entry -> entry.getValue().stream().anyMatch(reason -> PASSING.contains(reason.getCode())))
                .map(Map.Entry::getKey)
                .toList();
    }
}
