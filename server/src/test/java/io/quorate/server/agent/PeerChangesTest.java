package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import io.quorate.server.agent.exec.NotifyVariables.Step;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What db:0 is told of the others. */
class PeerChangesTest {
    private static Peer peer(int number, String node, boolean active, boolean promoted) {
        return Peer.newBuilder()
                .setInstance("db:" + number)
                .setNode(node)
                .setActive(active)
                .setPromoted(promoted)
                .build();
    }

    private static CloneContext clone(Peer... peers) {
        return CloneContext.newBuilder()
                .setClone("db")
                .setNotify(true)
                .setPromotable(true)
                .addAllPeers(List.of(peers))
                .build();
    }

    @Test
    void aFailoverIsToldAsWhatEndedAndWhatBegan() {
        CloneContext before = clone(peer(0, "n1", true, false), peer(1, "n2", true, true), peer(2, "n3", true, false));
        CloneContext after = clone(peer(0, "n1", true, false), peer(1, "", false, false), peer(2, "n3", true, true));
        List<PeerChanges.Change> changes = PeerChanges.between(before, after, "db:0");
        assertThat(changes).extracting(PeerChanges.Change::step).containsExactly(Step.DEMOTE, Step.STOP, Step.PROMOTE);
        assertThat(changes)
                .extracting(PeerChanges.Change::copies)
                .containsExactly(Set.of("db:1"), Set.of("db:1"), Set.of("db:2"));
        assertThat(changes.get(0).before().getPeers(1)).as("where it was").isEqualTo(before.getPeers(1));
    }

    @Test
    void aCopyThatStartedIsToldWithItsNode() {
        CloneContext before = clone(peer(0, "n1", true, false), peer(1, "", false, false));
        CloneContext after = clone(peer(0, "n1", true, false), peer(1, "n2", true, false));
        PeerChanges.Change change = PeerChanges.between(before, after, "db:0").get(0);
        assertThat(change.step()).isEqualTo(Step.START);
        assertThat(change.before().getPeers(1)).isEqualTo(peer(1, "n2", false, false));
    }

    /** That is around its own operations. */
    @Test
    void nothingIsToldOfTheCopyItself() {
        CloneContext before = clone(peer(0, "n1", true, false), peer(1, "n2", true, false));
        CloneContext after = clone(peer(0, "n1", true, true), peer(1, "n2", true, false));
        assertThat(PeerChanges.between(before, after, "db:0")).isEmpty();
        assertThat(PeerChanges.between(after, after, "db:1")).isEmpty();
    }
}
