package io.quorate.server.agent;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import io.quorate.server.agent.exec.NotifyVariables.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/** What became of the other copies of a clone from one set of work to a later one: pure functions. */
final class PeerChanges {
    private static final Peer NOBODY = Peer.getDefaultInstance();

    private PeerChanges() {}

    /**
     * One thing to tell a copy.
     *
     * @param copies that it happened to
     * @param before the clone as it was, with the nodes that the copies are on or were on
     */
    record Change(Step step, Set<String> copies, CloneContext before) {
        Change {
            copies = Set.copyOf(copies);
        }
    }

    /** At most one of each step, what ends before what begins. What a copy does itself it is told around its operation. */
    static List<Change> between(CloneContext before, CloneContext after, String own) {
        List<Change> changes = new ArrayList<>();
        CloneContext lists = withNodes(before, after);
        add(changes, Step.DEMOTE, lists, after, own, (was, is) -> promoted(was) && !promoted(is));
        add(changes, Step.STOP, lists, after, own, (was, is) -> was.getActive() && !is.getActive());
        add(changes, Step.START, lists, after, own, (was, is) -> !was.getActive() && is.getActive());
        add(changes, Step.PROMOTE, lists, after, own, (was, is) -> !promoted(was) && promoted(is));
        return changes;
    }

    private static boolean promoted(Peer peer) {
        return peer.getActive() && peer.getPromoted();
    }

    private static void add(
            List<Change> changes,
            Step step,
            CloneContext before,
            CloneContext after,
            String own,
            BiPredicate<Peer, Peer> happened) {
        Map<String, Peer> now = byInstance(after);
        Set<String> copies = new TreeSet<>();
        for (Peer was : before.getPeersList()) {
            String instance = was.getInstance();
            if (!instance.equals(own) && happened.test(was, now.getOrDefault(instance, NOBODY))) {
                copies.add(instance);
            }
        }
        if (!copies.isEmpty()) {
            changes.add(new Change(step, copies, before));
        }
    }

    /** The clone as it is but for what its copies do, which is as it was. */
    private static CloneContext withNodes(CloneContext before, CloneContext after) {
        Map<String, Peer> was = byInstance(before);
        Map<String, Peer> peers = new TreeMap<>(was);
        for (Peer is : after.getPeersList()) {
            Peer.Builder peer =
                    was.getOrDefault(is.getInstance(), NOBODY).toBuilder().setInstance(is.getInstance());
            if (!is.getNode().isEmpty()) {
                peer.setNode(is.getNode());
            }
            peers.put(is.getInstance(), peer.build());
        }
        return after.toBuilder().clearPeers().addAllPeers(peers.values()).build();
    }

    private static Map<String, Peer> byInstance(CloneContext clone) {
        Map<String, Peer> peers = new TreeMap<>();
        clone.getPeersList().forEach(peer -> peers.put(peer.getInstance(), peer));
        return peers;
    }
}
