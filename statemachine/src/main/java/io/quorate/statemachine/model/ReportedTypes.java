package io.quorate.statemachine.model;

import io.quorate.agent.v1.AgentTypes;
import io.quorate.log.v1.NodeRow;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** Which OCF and fence agents nodes say that they have. A node that is down counts with what it said last. */
public final class ReportedTypes {
    private ReportedTypes() {}

    /** As many as a row keeps; what is left out makes the report an incomplete one. */
    public static AgentTypes bounded(AgentTypes reported) {
        AgentTypes.Builder kept = AgentTypes.newBuilder().setIncomplete(reported.getIncomplete());
        for (int i = 0; i < reported.getNamesCount(); i++) {
            if (kept.getNamesCount() < Limits.AGENT_TYPES
                    && reported.getNamesBytes(i).size() <= Limits.AGENT_TYPE_BYTES) {
                kept.addNames(reported.getNames(i));
            } else {
                kept.setIncomplete(true);
            }
        }
        return kept.build();
    }

    /** Every type that some node has; empty while a node has not said all, since what nobody named may be there. */
    public static Optional<NavigableSet<String>> known(ClusterState state) {
        NavigableSet<String> names = new TreeSet<>();
        for (NodeRow node : state.nodes().values()) {
            if (!node.hasAgentTypes() || node.getAgentTypes().getIncomplete()) {
                return Optional.empty();
            }
            names.addAll(node.getAgentTypes().getNamesList());
        }
        return state.nodes().isEmpty() ? Optional.empty() : Optional.of(names);
    }
}
