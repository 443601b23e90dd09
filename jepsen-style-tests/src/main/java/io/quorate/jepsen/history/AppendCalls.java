package io.quorate.jepsen.history;

import io.quorate.jepsen.check.AppendCall;
import io.quorate.jepsen.check.AppendCall.Append;
import io.quorate.jepsen.check.AppendCall.Get;
import io.quorate.jepsen.check.AppendCall.Put;
import io.quorate.jepsen.check.AppendModel;
import io.quorate.jepsen.check.Model;
import java.util.Optional;

/** {@code get}, {@code put VALUE} and {@code append VALUE}. */
final class AppendCalls implements Calls<String, AppendCall> {
    @Override
    public Model<String, AppendCall> model() {
        return new AppendModel();
    }

    @Override
    public AppendCall answered(Event invoked, Event answer) throws HistoryException {
        return invoked.function().equals("get") ? new Get(answer.value()) : write(invoked);
    }

    @Override
    public Optional<AppendCall> unanswered(Event invoked) throws HistoryException {
        return invoked.function().equals("get") ? Optional.empty() : Optional.of(write(invoked));
    }

    private static AppendCall write(Event invoked) throws HistoryException {
        return switch (invoked.function()) {
            case "put" -> new Put(invoked.value());
            case "append" -> new Append(invoked.value());
            default -> throw invoked.bad("a text knows get, put and append, not " + invoked.function());
        };
    }
}
