package io.quorate.server.agent.exec;

import io.quorate.v1.Role;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
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

    /** Whether it names an action, in whatever role. */
    public boolean has(String actionName) {
        return actions.stream().anyMatch(action -> action.name().equals(actionName));
    }

    /** The advised action of that name for a role; where none is, the one without a role, or the first. */
    public Optional<Action> action(String actionName, Role role) {
        List<Action> named = actions.stream()
                .filter(action -> action.name().equals(actionName))
                .toList();
        return named.stream()
                .filter(action -> roleOf(action.role()) == role)
                .findFirst()
                .or(() -> named.stream()
                        .filter(action -> roleOf(action.role()) == Role.ROLE_UNSPECIFIED)
                        .findFirst())
                .or(() -> named.stream().findFirst());
    }

    /** Roles under their names of today and of before Pacemaker 2.1. */
    private static Role roleOf(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "promoted", "master" -> Role.ROLE_PROMOTED;
            case "unpromoted", "slave" -> Role.ROLE_UNPROMOTED;
            case "started" -> Role.ROLE_STARTED;
            default -> Role.ROLE_UNSPECIFIED;
        };
    }
}
