package io.quorate.jepsen.history;

import io.quorate.jepsen.check.Model;
import io.quorate.jepsen.check.RegisterCall;
import io.quorate.jepsen.check.RegisterCall.CompareAndSet;
import io.quorate.jepsen.check.RegisterCall.Read;
import io.quorate.jepsen.check.RegisterCall.Write;
import io.quorate.jepsen.check.RegisterModel;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code read}, {@code write VALUE} and {@code cas [FROM TO]}. */
final class RegisterCalls implements Calls<String, RegisterCall> {
    /** Value of a failure that has nothing to do with the register's. */
    private static final String UNAVAILABLE = "unavailable";

    private static final Pattern FROM_TO = Pattern.compile("\\[(\\S+)\\s+(\\S+)]");

    @Override
    public Model<String, RegisterCall> model() {
        return new RegisterModel();
    }

    @Override
    public RegisterCall answered(Event invoked, Event answer) throws HistoryException {
        return invoked.function().equals("read") ? new Read(answer.value()) : write(invoked, true);
    }

    /** A value that was not what it was compared with says so much of it; that a service could not be had says nothing. */
    @Override
    public Optional<RegisterCall> failed(Event invoked, Event answer) throws HistoryException {
        boolean compared = invoked.function().equals("cas") && !answer.value().equals(UNAVAILABLE);
        return compared ? Optional.of(write(invoked, false)) : Optional.empty();
    }

    @Override
    public Optional<RegisterCall> unanswered(Event invoked) throws HistoryException {
        return invoked.function().equals("read") ? Optional.empty() : Optional.of(write(invoked, true));
    }

    private static RegisterCall write(Event invoked, boolean done) throws HistoryException {
        return switch (invoked.function()) {
            case "write" -> new Write(invoked.value());
            case "cas" -> {
                Matcher values = FROM_TO.matcher(invoked.value());
                if (!values.matches()) {
                    throw invoked.bad("cas takes [FROM TO], not " + invoked.value());
                }
                yield new CompareAndSet(values.group(1), values.group(2), done);
            }
            default -> throw invoked.bad("a register knows read, write and cas, not " + invoked.function());
        };
    }
}
