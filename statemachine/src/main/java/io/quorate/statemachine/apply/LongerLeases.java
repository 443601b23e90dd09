package io.quorate.statemachine.apply;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.NodePhase;
import java.util.List;

/**
 * A shorter lease takes nothing back from an owner that was told a longer one and hears nothing any more. When the setting
 * is lowered, the last lease of the longer one ends at the latest that long after: renewals are answered from a confirmed
 * state, so each that was answered with it was sent before this entry.
 */
final class LongerLeases {
    private LongerLeases() {}

    /** The setting was lowered by the command at hand. Owners that are lost were told nothing since their loss. */
    static void lowered(Draft draft, long formerMillis) {
        long end = draft.now().getLogMillis() + formerMillis;
        if (end > draft.state().meta().getLongerLeasesEndLogMillis()) {
            draft.put(draft.state().meta().toBuilder().setLongerLeasesEndLogMillis(end));
        }
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            if (instance.hasOwnership() && !isLost(draft.state(), instance.getOwnership())) {
                InstanceRow.Builder row = instance.toBuilder();
                row.getOwnershipBuilder()
                        .setLongerLeasesEndLogMillis(
                                Math.max(end, instance.getOwnership().getLongerLeasesEndLogMillis()));
                draft.put(row);
            }
        }
    }

    /** What an owner that is granted something now may have been told before: its lease is one for all that it owns. */
    static long endOfRecord(Draft draft) {
        long end = draft.state().meta().getLongerLeasesEndLogMillis();
        return end > draft.now().getLogMillis() ? end : 0;
    }

    private static boolean isLost(ClusterState state, OwnershipRow ownership) {
        NodeRow node = state.node(ownership.getNode());
        return node != null
                && node.getIncarnation() == ownership.getIncarnation()
                && node.getPhase() == NodePhase.NODE_PHASE_LOST;
    }
}
