package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.DigestCheck;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** DigestMajority: who halts when replicas differ. Every replica applies the same checks in the same order. */
class DigestMajorityTest {

    private static final long REVISION = 5;

    private final Map<String, Long> states = new TreeMap<>();
    private final Map<String, DigestMajority> replicas = new TreeMap<>();
    private final List<String> halted = new ArrayList<>();
    private final ArrayDeque<DigestCheck> log = new ArrayDeque<>();

    private static ClusterState state(long content) {
        ClusterState e = ClusterState.empty();
        return new ClusterState(
                REVISION,
                e.stamp(),
                e.meta(),
                e.settingsRow(),
                e.settings(),
                e.objects(),
                e.nodes(),
                e.instances(),
                e.attributes(),
                e.tickets(),
                e.operations(),
                e.events(),
                e.voters(),
                e.joinTokens(),
                e.ledger(),
                new DigestSum(content, 0, 0, 0));
    }

    private ClusterState stateOf(String id) {
        return state(Objects.requireNonNull(states.get(id)));
    }

    private void replica(String id, long content) {
        states.put(id, content);
        replicas.put(id, new DigestMajority(id, (words, cause) -> halted.add(id), log::add));
    }

    /** The leader marks its digest; then everything that is posted is applied everywhere. */
    private void markedBy(String leader) {
        SortedSet<String> voters = new TreeSet<>(states.keySet());
        log.add(DigestCheck.newBuilder()
                .setRevision(REVISION)
                .setDigest(Digests.bytes(stateOf(leader)))
                .setMember(leader)
                .build());
        while (!log.isEmpty()) {
            DigestCheck next = log.remove();
            replicas.forEach((id, replica) -> replica.applied(next, stateOf(id), voters));
        }
    }

    @Test
    void equalReplicasGoOnAfterOneEntry() {
        replica("n1", 1);
        replica("n2", 1);
        replica("n3", 1);
        markedBy("n1");
        assertThat(halted).isEmpty();
    }

    @Test
    void aFollowerThatDiffersHalts() {
        replica("n1", 1);
        replica("n2", 1);
        replica("n3", 2);
        markedBy("n1");
        assertThat(halted).containsOnly("n3");
    }

    @Test
    void aLeaderThatDiffersHaltsAndNotItsFollowers() {
        replica("n1", 2);
        replica("n2", 1);
        replica("n3", 1);
        markedBy("n1");
        assertThat(halted).containsOnly("n1");
    }

    @Test
    void withoutAMajorityOfEqualDigestsAllHalt() {
        replica("n1", 1);
        replica("n2", 2);
        replica("n3", 3);
        markedBy("n1");
        assertThat(halted).contains("n1", "n2", "n3");
    }

    @Test
    void aCheckOfAnotherStateIsLeftOut() {
        replica("n1", 1);
        DigestCheck late = DigestCheck.newBuilder()
                .setRevision(REVISION - 1)
                .setDigest(Digests.bytes(state(9)))
                .setMember("n2")
                .build();
        DigestMajority replica = Objects.requireNonNull(replicas.get("n1"));
        replica.applied(late, state(1), new TreeSet<>(List.of("n1")));
        assertThat(halted).isEmpty();
        assertThat(replica.lastRevision()).isEqualTo(-1);
    }
}
