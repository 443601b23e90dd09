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
                shorten(draft, instance, formerMillis);
            }
        }
    }

    /** A node that was lost is told the present lease from now on, and goes on with what it owns. */
    static void reattached(Draft draft, NodeRow node) {
        for (InstanceRow instance : Lives.owned(draft.state(), node.getName(), node.getIncarnation())) {
            if (instance.getOwnership().getLeaseMillis()
                    > draft.state().settings().leaseMillis()) {
                shorten(draft, instance, 0);
            }
        }
    }

    /** The longer lease on record becomes a time at which it is over: else its owner's units waited for it for ever. */
    private static void shorten(Draft draft, InstanceRow instance, long formerMillis) {
        OwnershipRow ownership = instance.getOwnership();
        long end = draft.now().getLogMillis() + Math.max(formerMillis, ownership.getLeaseMillis());
        InstanceRow.Builder row = instance.toBuilder();
        row.getOwnershipBuilder()
                .setLeaseMillis(draft.state().settings().leaseMillis())
                .setLongerLeasesEndLogMillis(Math.max(end, ownership.getLongerLeasesEndLogMillis()));
        draft.put(row);
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
