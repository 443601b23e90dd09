package io.quorate.statemachine.apply;

import org.jspecify.annotations.Nullable;

/**
 * One named check of a command against the state. The names of the protocol's guards are the names in
 * ownership-protocol; taking one out of the rule table must make a test fail.
 *
 * @param <P> payload of the command
 */
public record Guard<P>(String name, RejectCode code, Check<? super P> check) {
    /** Looks, and changes nothing. */
    @FunctionalInterface
    public interface Check<P> {
        /** The refusal, or null when this guard has nothing against the command. */
        @Nullable
        Rejection check(Situation situation, P payload);
    }
}
