package io.quorate.client.cli.text;

import io.quorate.statemachine.cib.Simulation;
import io.quorate.statemachine.cib.Snapshot;
import io.quorate.statemachine.cib.Snapshot.NodeState;
import io.quorate.statemachine.cib.Snapshot.Running;
import io.quorate.statemachine.placement.Role;
import io.quorate.statemachine.placement.Transition;
import io.quorate.statemachine.placement.Transition.Action;
import io.quorate.statemachine.placement.Transition.ActionKind;
import io.quorate.statemachine.placement.Transition.Operation;
import io.quorate.statemachine.placement.Transition.Verb;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A simulation as JSON, in the words of Pacemaker; docs/placement.md describes the form. */
public final class SimulationText {
    private SimulationText() {}

    /** The whole answer for one file. */
    public static String json(String name, Simulation simulation) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", name);
        all.put("now", simulation.now().toString());
        all.put("before", snapshot(simulation.before()));
        Transition transition = simulation.transition();
        all.put(
                "actions",
                transition.actions().stream().map(SimulationText::action).toList());
        all.put(
                "fenced",
                transition.answer().fenced().stream()
                        .map(node -> fenced(node, simulation.fencingAction()))
                        .toList());
        all.put(
                "ops",
                transition.operations().stream()
                        .map(operation -> operation(operation, simulation.fencingAction()))
                        .toList());
        all.put(
                "order",
                transition.order().stream()
                        .map(order -> List.of(order.before(), order.after()))
                        .toList());
        Map<String, Object> after = snapshot(simulation.after());
        after.put("stopped", simulation.stopped());
        all.put("after", after);
        all.put("warnings", simulation.warnings());
        return JsonText.lines(all);
    }

    private static Map<String, Object> snapshot(Snapshot snapshot) {
        Map<String, Object> nodes = new LinkedHashMap<>();
        snapshot.nodes().forEach((name, state) -> nodes.put(name, node(state)));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("nodes", nodes);
        all.put(
                "running",
                snapshot.running().stream().map(SimulationText::running).toList());
        return all;
    }

    private static Map<String, Object> node(NodeState state) {
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("state", state.online() ? "online" : "offline");
        flag(node, "unclean", state.unclean());
        flag(node, "pending", state.pending());
        flag(node, "standby", state.standby());
        flag(node, "maintenance", state.maintenance());
        state.health().ifPresent(health -> node.put("health", health));
        return node;
    }

    private static void flag(Map<String, Object> to, String name, boolean holds) {
        if (holds) {
            to.put(name, true);
        }
    }

    private static Map<String, Object> running(Running running) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("rsc", running.resource());
        row.put("node", running.node());
        row.put("role", running.starting() ? "Starting" : role(running.role()));
        if (!running.flags().isEmpty()) {
            row.put("flags", running.flags());
        }
        return row;
    }

    private static Map<String, Object> fenced(String node, String how) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("node", node);
        row.put("how", how);
        return row;
    }

    private static Map<String, Object> action(Action action) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("op", action.kind() == ActionKind.REPROMOTE ? "re-promote" : lower(action.kind()));
        row.put("rsc", action.resource());
        action.from().ifPresent(node -> row.put("from", node));
        action.to().ifPresent(node -> row.put("to", node));
        action.fromRole().ifPresent(role -> row.put("fromRole", role(role)));
        action.toRole().ifPresent(role -> row.put("toRole", role(role)));
        flag(row, "blocked", action.blocked());
        return row;
    }

    private static List<String> operation(Operation operation, String fencing) {
        return operation.verb() == Verb.FENCE
                ? List.of("fence", operation.machine(), fencing)
                : List.of(lower(operation.verb()), operation.resource(), operation.machine());
    }

    private static String role(Role role) {
        return role.name().charAt(0) + lower(role).substring(1);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What is decided, for people: nodes that are fenced, and the actions. */
    public static String table(Simulation simulation) {
        List<String> fenced = simulation.transition().answer().fenced();
        StringBuilder text = new StringBuilder();
        fenced.forEach(node -> text.append("fence ").append(node).append('\n'));
        Table table = new Table("ACTION", "RESOURCE", "FROM", "TO");
        for (Action action : simulation.transition().actions()) {
            Map<String, Object> row = action(action);
            List<String> cells = new ArrayList<>();
            cells.add(row.get("op") + (action.blocked() ? " (blocked)" : ""));
            cells.add(action.resource());
            cells.add(action.from().orElse(""));
            cells.add(action.to().orElse("")
                    + action.toRole().map(role -> " " + role(role)).orElse(""));
            table.row(cells.toArray(String[]::new));
        }
        return text + (table.isEmpty() ? "" : table.render());
    }
}
