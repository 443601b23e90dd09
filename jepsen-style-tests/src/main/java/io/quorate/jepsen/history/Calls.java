package io.quorate.jepsen.history;

import io.quorate.jepsen.check.Model;
import java.util.Optional;

/** What events mean to one model. */
interface Calls<S, C> {
    Model<S, C> model();

    /** The call with its answer. */
    C answered(Event invoked, Event answer) throws HistoryException;

    /** What a definite failure says of the state; empty when nothing. */
    default Optional<C> failed(Event invoked, Event answer) throws HistoryException {
        return Optional.empty();
    }

    /** The call without an answer; empty when it changes nothing, so that it says nothing. */
    Optional<C> unanswered(Event invoked) throws HistoryException;
}
