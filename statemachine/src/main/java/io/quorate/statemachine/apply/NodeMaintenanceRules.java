package io.quorate.statemachine.apply;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.EndNodeMaintenance;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.NodeMaintenance;
import java.util.List;
import java.util.Objects;

/** A person works on a node: what it owns stays its own and is let be, and it gets nothing new. */
final class NodeMaintenanceRules {
    private NodeMaintenanceRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(
                        CommandKind.MAINTAIN_NODE,
                        Command::getMaintainNode,
                        List.of(NodeGuards.known(MaintainNode::getNode)),
                        NodeMaintenanceRules::begin),
                new Rule<>(
                        CommandKind.END_NODE_MAINTENANCE,
                        Command::getEndNodeMaintenance,
                        List.of(NodeGuards.known(EndNodeMaintenance::getNode)),
                        NodeMaintenanceRules::end));
    }

    private static void begin(Draft draft, MaintainNode maintain, CommandResult.Builder result) {
        NodeRow node = Objects.requireNonNull(draft.state().node(maintain.getNode()));
        draft.put(node.toBuilder()
                .setMaintenance(NodeMaintenance.newBuilder()
                        .setBy(draft.actor().getName())
                        .setReason(draft.command().getReason())
                        .setSince(Times.timestamp(draft.now()))));
        draft.event(Events.of("NODE_MAINTENANCE", Keys.node(maintain.getNode()))
                .setText(maintain.getNode() + " in maintenance" + UnitRules.because(draft)));
    }

    private static void end(Draft draft, EndNodeMaintenance end, CommandResult.Builder result) {
        NodeRow node = Objects.requireNonNull(draft.state().node(end.getNode()));
        if (!node.hasMaintenance()) {
            return;
        }
        draft.put(node.toBuilder().clearMaintenance());
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            // anything may have been started by hand there meanwhile, and what it owns anywhere
            if (instance.getOwnership().getNode().equals(end.getNode())) {
                Sightings.probeAnew(draft, instance);
            } else {
                Sightings.probeAgain(draft, instance);
            }
        }
        draft.event(Events.of("NODE_MAINTENANCE_OVER", Keys.node(end.getNode()))
                .setText("maintenance of " + end.getNode() + " is over" + UnitRules.because(draft)));
    }
}
