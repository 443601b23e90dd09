package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Transition.Action;
import io.quorate.statemachine.placement.Transition.ActionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says of each change what a person would call it. */
final class Actions {
    private final List<Action> actions = new ArrayList<>();

    private Actions() {}

    static List<Action> of(Collection<Change> changes, Parts parts) {
        Actions actions = new Actions();
        for (Change change : changes) {
            if (change.single.of.container().isEmpty()) {
                actions.add(change);
            }
            parts.of(change).forEach(part -> actions.add(part, change.single.isPromotable()));
        }
        return actions.actions;
    }

    private void add(Part part, boolean promotable) {
        Optional<String> from = Optional.ofNullable(part.from());
        Optional<String> to = Optional.ofNullable(part.to());
        kind(part).ifPresent(kind -> {
            boolean roles = promotable && part.inner() && kind != ActionKind.START;
            actions.add(new Action(
                    kind,
                    part.id(),
                    from,
                    kind == ActionKind.STOP ? Optional.empty() : to,
                    roles ? Optional.of(part.before()) : Optional.empty(),
                    roles && kind != ActionKind.STOP ? Optional.of(part.after()) : Optional.empty(),
                    false));
        });
    }

    private static Optional<ActionKind> kind(Part part) {
        if (part.stop() && part.start()) {
            boolean moves = !Optional.ofNullable(part.from()).equals(Optional.ofNullable(part.to()));
            return Optional.of(part.failed() ? ActionKind.RECOVER : moves ? ActionKind.MOVE : ActionKind.RESTART);
        }
        if (part.stop()) {
            return Optional.of(ActionKind.STOP);
        }
        if (part.promotes()) {
            return Optional.of(ActionKind.PROMOTE);
        }
        if (part.start()) {
            return Optional.of(ActionKind.START);
        }
        return part.demotes() ? Optional.of(ActionKind.DEMOTE) : Optional.empty();
    }

    private void add(Change change) {
        if (change.stuck) {
            return;
        }
        @Nullable Node to = change.to;
        boolean waitsForRole = change.single.nextRole == Role.PROMOTED && change.after == change.single.active();
        if (to != null && waitsForRole && change.stops.isEmpty()) {
            // It comes up as far as it can.
            Node from = change.from();
            actions.add(new Action(
                    ActionKind.PROMOTE,
                    change.single.of.id(),
                    Optional.ofNullable(from).map(Node::name),
                    Optional.of(to.name()),
                    Optional.of(change.before),
                    Optional.of(Role.PROMOTED),
                    true));
        } else if (to != null && change.isActive()) {
            kind(change).ifPresent(kind -> add(kind, change, change.from(), to, false));
        } else if (to != null) {
            add(change.promote ? ActionKind.PROMOTE : ActionKind.START, change, null, to, false);
        } else if (change.isActive()) {
            change.nodes.forEach(node -> add(ActionKind.STOP, change, node, null, false));
        } else if (change.waits) {
            add(ActionKind.START, change, null, change.single.assignedTo, true);
        }
    }

    private static Optional<ActionKind> kind(Change change) {
        if (change.migrate) {
            return Optional.of(ActionKind.MIGRATE);
        }
        if (!change.stops.isEmpty()) {
            boolean moves = change.to != change.from();
            return Optional.of(change.failed ? ActionKind.RECOVER : moves ? ActionKind.MOVE : ActionKind.RESTART);
        }
        if (change.demote && change.promote) {
            return Optional.of(ActionKind.REPROMOTE);
        }
        return change.demote
                ? Optional.of(ActionKind.DEMOTE)
                : change.promote ? Optional.of(ActionKind.PROMOTE) : Optional.empty();
    }

    private void add(ActionKind kind, Change change, @Nullable Node from, @Nullable Node to, boolean blocked) {
        boolean stays = from == to || to == null;
        boolean roles =
                change.single.isPromotable() && kind != ActionKind.START && (stays || change.before != change.after);
        actions.add(new Action(
                kind,
                change.single.of.id(),
                Optional.ofNullable(from).map(Node::name),
                Optional.ofNullable(to).map(Node::name),
                roles ? Optional.of(change.before) : Optional.empty(),
                roles && to != null ? Optional.of(change.after) : Optional.empty(),
                blocked));
    }
}
