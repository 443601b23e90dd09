package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Transition.Action;
import io.quorate.statemachine.placement.Transition.ActionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says of each change what a person would call it. */
final class Actions {
    private final List<Action> actions = new ArrayList<>();

    private Actions() {}

    static List<Action> of(List<Change> changes) {
        Actions actions = new Actions();
        changes.forEach(actions::add);
        return actions.actions;
    }

    private void add(Change change) {
        if (change.stuck) {
            return;
        }
        @Nullable Node to = change.to;
        if (to != null && change.isActive()) {
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
