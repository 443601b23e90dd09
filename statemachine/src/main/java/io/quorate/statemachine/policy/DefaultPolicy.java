package io.quorate.statemachine.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The placement engine says where each unit should be; this says what to do next to get there, one unit after the other, by
 * priority and then by name: it stays where it is as long as no other node scores strictly higher, is started again in
 * place before it is moved, and waits for what orders and colocations put before it. Stateless, so safe for use by several
 * threads.
 */
public final class DefaultPolicy implements Policy {
    @Override
    public Plan plan(PolicyInput input) {
        return new Look(new Survey(input)).plan();
    }

    @Override
    public Policy remembering() {
        return new Remembering();
    }

    /** Knows what rested at the last look, and does not look at it again while only other instances change. */
    private static final class Remembering implements Policy {
        private @Nullable Survey last;
        private List<Resting> rested = List.of();

        @Override
        public Plan plan(PolicyInput input) {
            Look look = new Look(last == null ? new Survey(input) : Survey.after(last, rested, input));
            Plan plan = look.plan();
            rested = look.resting();
            last = look.survey();
            return plan;
        }
    }
}
