package io.quorate.server.agent.exec;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an OCF agent says about itself. */
public record OcfMetadata(String name, SortedMap<String, Parameter> parameters, List<Action> actions) {

    public OcfMetadata {
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        actions = List.copyOf(actions);
    }

    /** A parameter; secret when its name says that its value is a password or a key. */
    public record Parameter(String name, boolean required, boolean secret) {}

    public record Action(String name, Duration timeout, Duration interval, int depth, String role) {}

    /** The advised action of that name; of several, the one without a role, or the first. */
    public Optional<Action> action(String actionName) {
        List<Action> named = actions.stream()
                .filter(action -> action.name().equals(actionName))
                .toList();
        return named.stream()
                .filter(action -> action.role().isEmpty())
                .findFirst()
                .or(() -> named.stream().findFirst());
    }
}
