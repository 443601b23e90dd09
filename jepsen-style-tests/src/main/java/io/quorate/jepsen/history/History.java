package io.quorate.jepsen.history;

import io.quorate.jepsen.check.Model;
import io.quorate.jepsen.check.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What clients saw of a service.
 *
 * @param model of each of its objects
 * @param objects the operations on each, by its key
 */
public record History<S, C>(Model<S, C> model, SortedMap<String, List<Operation<C>>> objects) {
    public History {
        objects = Collections.unmodifiableSortedMap(objects);
    }

    public int size() {
        return objects.values().stream().mapToInt(List::size).sum();
    }

    /** Puts calls and answers together. */
    static <S, C> History<S, C> of(Calls<S, C> calls, List<Event> events) throws HistoryException {
        SortedMap<String, List<Operation<C>>> objects = new TreeMap<>();
        Map<String, Event> asking = new HashMap<>();
        for (Event event : events) {
            if (event.type() == Event.Type.INVOKE) {
                Event before = asking.put(event.client(), event);
                if (before != null) {
                    throw event.bad("client " + event.client() + " asks while its call of line " + before.line()
                            + " has no answer");
                }
                continue;
            }
            Event invoked = asking.remove(event.client());
            if (invoked == null
                    || !invoked.function().equals(event.function())
                    || !invoked.key().equals(event.key())) {
                throw event.bad("client " + event.client() + " has asked for no such " + event.function());
            }
            Optional<C> call = switch (event.type()) {
                case OK -> Optional.of(calls.answered(invoked, event));
                case FAIL -> calls.failed(invoked, event);
                case INFO, INVOKE -> calls.unanswered(invoked);
            };
            long returned = event.type() == Event.Type.INFO ? Operation.OPEN : event.line();
            call.ifPresent(known -> add(objects, invoked, known, returned));
        }
        for (Event invoked : asking.values()) {
            calls.unanswered(invoked).ifPresent(call -> add(objects, invoked, call, Operation.OPEN));
        }
        return new History<>(calls.model(), objects);
    }

    private static <C> void add(SortedMap<String, List<Operation<C>>> objects, Event invoked, C call, long returned) {
        objects.computeIfAbsent(invoked.key(), key -> new ArrayList<>())
                .add(new Operation<>(invoked.client(), call, invoked.line(), returned, invoked.line()));
    }
}
