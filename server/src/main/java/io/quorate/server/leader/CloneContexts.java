package io.quorate.server.leader;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.RunStates;
import io.quorate.v1.CloneSpec;
import java.util.ArrayList;
import java.util.List;

/** What a state says of a clone to the nodes that have to do with an instance of it: pure functions. */
final class CloneContexts {
    private CloneContexts() {}

    /** Without the other copies: a look at an instance needs none. */
    static CloneContext of(ClusterState state, ObjectRow clone, InstanceRow instance) {
        return builder(state, clone, instance).build();
    }

    /** With all copies, where the clone wants them to be told of each other. */
    static CloneContext withPeers(ClusterState state, ObjectRow clone, InstanceRow instance) {
        CloneContext.Builder context = builder(state, clone, instance);
        return context.getNotify() ? context.addAllPeers(peers(state, clone)).build() : context.build();
    }

    private static CloneContext.Builder builder(ClusterState state, ObjectRow clone, InstanceRow instance) {
        CloneSpec spec = clone.getClone();
        return CloneContext.newBuilder()
                .setClone(clone.getMeta().getName())
                .setNumber(copyNumber(state, instance))
                .setMax(Clones.maxCopies(state, clone))
                .setMaxPerNode(Clones.maxPerNode(clone))
                .setGloballyUnique(spec.getGloballyUnique())
                .setNotify(spec.getNotify())
                .setPromotable(Clones.isPromotable(clone))
                .setPromotedMax(Clones.maxPromoted(clone))
                .setPromotedMaxPerNode(Clones.isPromotable(clone) ? Clones.maxPromotedPerNode(clone) : 0);
    }

    /** A resource agent knows copies only: a promotion goes by the number of the copy that it is of. */
    private static int copyNumber(ClusterState state, InstanceRow instance) {
        InstanceRow copy = state.instances().get(instance.getOwnership().getCopy());
        return copy == null ? instance.getSlot().getNumber() : copy.getSlot().getNumber();
    }

    private static List<Peer> peers(ClusterState state, ObjectRow clone) {
        List<Peer> peers = new ArrayList<>();
        for (InstanceRow copy : Clones.copies(state, clone)) {
            OwnershipRow ownership = copy.getOwnership();
            InstanceRow promotion = Clones.promotionOf(state, copy);
            boolean active = copy.hasOwnership() && isUp(copy);
            boolean promoted = promotion != null && isUp(promotion);
            boolean demoting = promotion != null && promotion.getOwnership().getReleasing();
            peers.add(Peer.newBuilder()
                    .setInstance(copy.getId())
                    .setNode(ownership.getNode())
                    .setActive(active)
                    .setPromoted(promoted)
                    .setStarting(copy.hasOwnership() && !active && !ownership.getReleasing())
                    .setStopping(ownership.getReleasing())
                    .setPromoting(promotion != null && !promoted && !demoting)
                    .setDemoting(demoting)
                    .build());
        }
        return peers;
    }

    private static boolean isUp(InstanceRow instance) {
        return instance.getMembersCount() > 0
                && instance.getMembersList().stream()
                        .filter(member -> member.getLeftSince() == 0)
                        .allMatch(member -> RunStates.isUp(member.getState()));
    }
}
