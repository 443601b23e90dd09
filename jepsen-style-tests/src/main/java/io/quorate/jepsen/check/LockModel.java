package io.quorate.jepsen.check;

import io.quorate.jepsen.check.LockCall.Acquire;
import io.quorate.jepsen.check.LockCall.Refused;
import io.quorate.jepsen.check.LockCall.Release;
import io.quorate.jepsen.check.LockCall.Validate;
import org.jspecify.annotations.Nullable;

/** A lock that one client holds at a time, under tokens that rise. */
public final class LockModel implements Model<LockModel.State, LockCall> {
    private static final long UNKNOWN_TOKEN = -1;

    /**
     * Who holds it.
     *
     * @param last the newest token; {@value #UNKNOWN_TOKEN} while the holder's is not known, since nobody saw its answer
     * @param floor the newest token that somebody saw
     */
    public record State(boolean held, long last, long floor) {}

    @Override
    public State initial() {
        return new State(false, 0, 0);
    }

    @Override
    public @Nullable State step(State state, LockCall call) {
        if (call instanceof Acquire acquire) {
            return state.held() || acquire.token() <= state.floor()
                    ? null
                    : new State(true, acquire.token(), acquire.token());
        }
        if (call instanceof Validate validate) {
            return validate(state, validate);
        }
        if (call instanceof Refused) {
            return state.held() ? state : null;
        }
        return released(state, (Release) call);
    }

    private static @Nullable State validate(State state, Validate validate) {
        if (!validate.held()) {
            return state.held() && state.last() == validate.token() ? null : state;
        }
        State known = known(state, validate.token());
        return known.held() && known.last() == validate.token() ? known : null;
    }

    /** A holder whose token nobody saw may be the one with this token. */
    private static State known(State state, long token) {
        return state.held() && state.last() == UNKNOWN_TOKEN && token > state.floor()
                ? new State(true, token, token)
                : state;
    }

    private static @Nullable State released(State state, Release release) {
        State known = known(state, release.token());
        return known.held() && known.last() == release.token() ? new State(false, known.last(), known.floor()) : null;
    }

    @Override
    public @Nullable State stepOfOpen(State state, LockCall call) {
        if (call instanceof Acquire) {
            return state.held() ? null : new State(true, UNKNOWN_TOKEN, state.floor());
        }
        return call instanceof Release release ? released(state, release) : null;
    }

    @Override
    public boolean isRead(LockCall call) {
        return call instanceof Refused;
    }

    @Override
    public String describe(LockCall call, boolean open) {
        if (call instanceof Acquire acquire) {
            return "acquire " + (open ? "?" : acquire.token());
        }
        if (call instanceof Validate validate) {
            return "validate " + validate.token() + (open ? " ?" : validate.held() ? " held" : " not held");
        }
        return call instanceof Release release ? "release " + release.token() : "acquire refused";
    }
}
