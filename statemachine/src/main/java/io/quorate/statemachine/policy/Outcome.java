package io.quorate.statemachine.policy;

import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a unit came to.
 *
 * @param decision what to do; null when there is nothing to do or it has to wait
 * @param reasons why: the decision's, or what it waits for; empty when all is as it should be
 * @param askAgainAtLogMillis when the answer can change by itself; {@link #NEVER} when only a change can change it
 */
record Outcome(@Nullable Decision decision, List<Reason> reasons, long askAgainAtLogMillis) {
    static final long NEVER = Long.MAX_VALUE;

    Outcome {
        reasons = List.copyOf(reasons);
    }

    static Outcome settled() {
        return new Outcome(null, List.of(), NEVER);
    }

    static Outcome decided(Decision decision) {
        return new Outcome(decision, decision.reasons(), NEVER);
    }

    static Outcome because(Reason... reasons) {
        return new Outcome(null, List.of(reasons), NEVER);
    }

    Outcome andAlso(Reason reason) {
        List<Reason> more = new ArrayList<>(reasons);
        more.add(reason);
        return new Outcome(decision, more, askAgainAtLogMillis);
    }
}
