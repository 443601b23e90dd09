package io.quorate.jepsen.check;

import org.jspecify.annotations.Nullable;

/**
 * A service as it would be if it did one operation at a time.
 *
 * @param <S> its state: immutable, with equals and hashCode
 * @param <C> its calls, each with its answer
 */
public interface Model<S, C> {
    S initial();

    /**
     * The state after a call whose answer is known; null when the service could not have answered so in this state.
     */
    @Nullable
    S step(S state, C call);

    /**
     * The state after a call whose answer nobody knows, when it took effect; null when it changes nothing in this state.
     * That it took no effect is always possible, too.
     */
    @Nullable
    S stepOfOpen(S state, C call);

    /** Whether this call, answered so, changes no state in which it is right. */
    boolean isRead(C call);

    /** In few words, with the answer when it is known. */
    String describe(C call, boolean open);

    /** In few words. */
    default String describeState(S state) {
        return state.toString();
    }
}
