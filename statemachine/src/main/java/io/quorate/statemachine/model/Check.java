package io.quorate.statemachine.model;

/** Assertions that stay on in production: a failed one halts the replica rather than let it diverge. */
public final class Check {
    private Check() {}

    /** Throws {@link InvariantViolation} when {@code holds} is false. */
    public static void invariant(boolean holds, String name, Object detail) {
        if (!holds) {
            throw new InvariantViolation(name + ": " + detail);
        }
    }

    /** A defect: the state machine reached a state that it must not be able to express. */
    public static final class InvariantViolation extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvariantViolation(String message) {
            super(message);
        }
    }
}
