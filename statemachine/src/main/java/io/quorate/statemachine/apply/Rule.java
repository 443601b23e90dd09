package io.quorate.statemachine.apply;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.statemachine.command.CommandKind;
import java.util.List;
import java.util.function.Function;

/**
 * What one kind of command does: guards in order of precedence, then the effect.
 *
 * @param <P> payload of the command
 */
public record Rule<P>(CommandKind kind, Function<Command, P> payload, List<Guard<P>> guards, Effect<P> effect) {
    public Rule {
        guards = List.copyOf(guards);
    }

    /** Turns an accepted command into changes. It cannot refuse: whatever can go wrong is a guard. */
    @FunctionalInterface
    public interface Effect<P> {
        void run(Draft draft, P payload, CommandResult.Builder result);
    }

    /** The same rule without the guards of this name. */
    public Rule<P> without(String guard) {
        return new Rule<>(
                kind,
                payload,
                guards.stream().filter(g -> !g.name().equals(guard)).toList(),
                effect);
    }
}
