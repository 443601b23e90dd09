package io.quorate.jepsen.history;

import io.quorate.jepsen.check.LockCall;
import io.quorate.jepsen.check.LockCall.Acquire;
import io.quorate.jepsen.check.LockCall.Refused;
import io.quorate.jepsen.check.LockCall.Release;
import io.quorate.jepsen.check.LockCall.Validate;
import io.quorate.jepsen.check.LockModel;
import io.quorate.jepsen.check.Model;
import java.util.Optional;

/** {@code acquire}, answered with a token; {@code release TOKEN}; {@code validate TOKEN}, answered with true or false. */
final class LockCalls implements Calls<LockModel.State, LockCall> {
    @Override
    public Model<LockModel.State, LockCall> model() {
        return new LockModel();
    }

    @Override
    public LockCall answered(Event invoked, Event answer) throws HistoryException {
        return switch (invoked.function()) {
            case "acquire" -> new Acquire(token(answer));
            case "release" -> new Release(token(invoked));
            case "validate" -> new Validate(token(invoked), held(answer));
            default -> throw unknown(invoked);
        };
    }

    /** Who does not get a lock knows that it is held; a release that failed says nothing. */
    @Override
    public Optional<LockCall> failed(Event invoked, Event answer) {
        return invoked.function().equals("acquire") ? Optional.of(new Refused()) : Optional.empty();
    }

    @Override
    public Optional<LockCall> unanswered(Event invoked) throws HistoryException {
        return switch (invoked.function()) {
            case "acquire" -> Optional.of(new Acquire(0));
            case "release" -> Optional.of(new Release(token(invoked)));
            case "validate" -> Optional.empty();
            default -> throw unknown(invoked);
        };
    }

    private static HistoryException unknown(Event event) {
        return event.bad("a lock knows acquire, release and validate, not " + event.function());
    }

    private static long token(Event event) throws HistoryException {
        try {
            return Long.parseLong(event.value());
        } catch (NumberFormatException e) {
            throw event.bad("a token is a number, not '" + event.value() + "'");
        }
    }

    private static boolean held(Event event) throws HistoryException {
        return switch (event.value()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw event.bad("validate answers true or false, not '" + event.value() + "'");
        };
    }
}
