package io.quorate.jepsen.sim;

import io.quorate.statemachine.apply.RuleTable;
import org.jspecify.annotations.Nullable;

/**
 * A guard that a simulation does without, to see that its absence is found: one of the table of rules, or one of the leader or the
 * agent, in place of which the simulated world has a fake. The product's own code has no such switch.
 */
final class Mutation {
    private static final char MARK = '~';

    /** Everything as it is. */
    static final Mutation NONE = new Mutation("", null);

    /** Guards that are no rules, and what stands in for them. */
    enum Fake {
        /** A read barrier is answered by who believes to lead, from what it has applied. */
        Confirmed,
        /** What a deposed leader had not proposed yet is proposed by it when it leads again, and the rule is gone too. */
        TermBound,
        /** The same request is executed as often as it arrives. */
        Ledger,
        /** Operations of an earlier agent are not ended, and said to be gone. */
        OneOp,
        /** Who asks whether a fence ticket is open is told yes. */
        TicketFreshAgent
    }

    private final String name;
    private final @Nullable Fake fake;

    private Mutation(String name, @Nullable Fake fake) {
        this.name = name;
        this.fake = fake;
    }

    /**
     * @param name of a guard of the rules, or of a fake
     * @throws IllegalArgumentException when there is none of that name
     */
    static Mutation without(String name) {
        for (Fake fake : Fake.values()) {
            if (fake.name().equals(name)) {
                return new Mutation(name, fake);
            }
        }
        boolean known = RuleTable.standard().envelope().stream()
                        .anyMatch(guard -> guard.name().equals(name))
                || RuleTable.standard().all().stream()
                        .anyMatch(rule -> rule.guards().stream()
                                .anyMatch(guard -> guard.name().equals(name)));
        if (!known) {
            throw new IllegalArgumentException("there is no guard of the name " + name);
        }
        return new Mutation(name, null);
    }

    /** The same request under another id. */
    static String again(String requestId, long number) {
        return requestId + MARK + number;
    }

    /** What {@link #again} was given. */
    static String originalOf(String requestId) {
        int mark = requestId.indexOf(MARK);
        return mark < 0 ? requestId : requestId.substring(0, mark);
    }

    String name() {
        return name;
    }

    RuleTable rules() {
        return name.isEmpty() || (fake != null && fake != Fake.TermBound)
                ? RuleTable.standard()
                : RuleTable.standard().without(name);
    }

    boolean is(Fake what) {
        return fake == what;
    }
}
