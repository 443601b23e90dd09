package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Placement;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What forbids a node to a unit whatever else runs where: its file, its node's phase, verbs, and failures. */
final class Obstacles {
    private Obstacles() {}

    /** What the unit's file says against a node, in whichever phase the node is: rule and words. */
    static SortedMap<String, String> ofFile(ClusterState state, UnitView unit, String node) {
        Placement placement = Units.placement(unit.row());
        SortedMap<String, String> obstacles = new TreeMap<>();
        if (placement.getOnlyCount() > 0 && !placement.getOnlyList().contains(node)) {
            obstacles.put(Scoring.ONLY, "not in only " + placement.getOnlyList());
        }
        if (placement.getAvoidList().contains(node)) {
            obstacles.put(Scoring.AVOID, "in avoid " + placement.getAvoidList());
        }
        if (placement.getOnlyLabelsCount() > 0) {
            Map<String, String> labels = labels(state, node);
            new TreeMap<>(placement.getOnlyLabelsMap()).forEach((label, value) -> {
                if (!value.equals(labels.get(label))) {
                    obstacles.merge(
                            Scoring.ONLY_LABELS,
                            "lacks label " + label + "=" + value,
                            (one, other) -> one + ", " + other);
                }
            });
        }
        return obstacles;
    }

    private static Map<String, String> labels(ClusterState state, String node) {
        ObjectRow spec = state.object(Keys.nodeSpec(node));
        return spec == null ? new TreeMap<>() : spec.getNode().getLabelsMap();
    }

    static boolean hasFileRules(UnitView unit) {
        Placement placement = Units.placement(unit.row());
        return placement.getOnlyCount() > 0 || placement.getAvoidCount() > 0 || placement.getOnlyLabelsCount() > 0;
    }

    /** Whether the node takes anything new. */
    static boolean isOpen(NodeRow node) {
        return isPresent(node) && !node.hasDrain();
    }

    /** Whether anything may be done there. */
    static boolean isPresent(NodeRow node) {
        return node.getPhase() == NodePhase.NODE_PHASE_UP && !node.hasMaintenance();
    }

    /** The service of an exclusive unit that a node starts at boot; empty when there is none. */
    static String autostart(ClusterState state, UnitView unit, NodeRow node) {
        if (node.getAutostartUnitsCount() == 0 || !Units.isExclusive(unit.row())) {
            return "";
        }
        for (ObjectRow member : Units.members(state, unit.row())) {
            String service = member.getResource().getSystemd().getUnit();
            if (member.getResource().hasSystemd()
                    && node.getAutostartUnitsList().contains(service)) {
                return service;
            }
        }
        return "";
    }

    /** Whether nothing but other units can keep a unit from a node. */
    static boolean none(ClusterState state, UnitView unit, NodeRow node) {
        String pinned = unit.pinnedTo();
        return isOpen(node)
                && (pinned == null || pinned.equals(node.getName()))
                && ofFile(state, unit, node.getName()).isEmpty()
                && autostart(state, unit, node).isEmpty()
                && !Failures.bans(state, unit, node.getName())
                && !HealthView.bans(state, unit, node.getName());
    }
}
