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
    private static final long INDEX = 70;

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
                e.siteTickets(),
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
        log.add(check(INDEX, stateOf(leader), leader));
        for (long index = INDEX; !log.isEmpty(); index++) {
            DigestCheck next = log.remove();
            for (var replica : replicas.entrySet()) {
                replica.getValue().applied(next, index + 1, at(index, stateOf(replica.getKey())), voters);
            }
        }
    }

    private static Replica.Snapshot at(long index, ClusterState state) {
        return Replica.Snapshot.first(state, index, 0);
    }

    private static DigestCheck check(long index, ClusterState state, String member) {
        return DigestCheck.newBuilder()
                .setLogIndex(index)
                .setRevision(REVISION)
                .setDigest(Digests.bytes(state))
                .setMember(member)
                .build();
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
        DigestMajority replica = Objects.requireNonNull(replicas.get("n1"));
        replica.applied(check(INDEX - 1, state(9), "n2"), INDEX + 1, at(INDEX, state(1)), voters("n1"));
        assertThat(halted).isEmpty();
        assertThat(log).isEmpty();
    }

    /** The request ledger and the clock go on without the revision: a member that is one entry further is not wrong. */
    @Test
    void statesOfOneRevisionAtDifferentPlacesOfTheLogAreNotCompared() {
        for (String id : List.of("n1", "n2", "n3")) {
            replica(id, 1);
        }
        // The leader took its digest, and an entry that raised no revision was logged before the check.
        DigestCheck overtaken = check(INDEX, state(2), "n1");
        replicas.values()
                .forEach(replica ->
                        replica.applied(overtaken, INDEX + 2, at(INDEX + 1, state(1)), voters("n1", "n2", "n3")));
        assertThat(halted).isEmpty();
        assertThat(log).as("votes").isEmpty();
    }

    @Test
    void aVoteOfAnEarlierRoundOfTheSameRevisionDoesNotCount() {
        replica("n1", 1);
        DigestMajority replica = Objects.requireNonNull(replicas.get("n1"));
        SortedSet<String> voters = voters("n1", "n2", "n3");
        replica.applied(check(INDEX, state(1), "n1"), INDEX + 1, at(INDEX, state(1)), voters);
        replica.applied(check(INDEX + 1, state(3), "n1"), INDEX + 2, at(INDEX + 1, state(3)), voters);
        replica.applied(check(INDEX, state(1), "n2"), INDEX + 3, at(INDEX + 2, state(3)), voters);
        replica.applied(check(INDEX, state(1), "n3"), INDEX + 4, at(INDEX + 3, state(3)), voters);
        assertThat(halted).isEmpty();
        assertThat(log).as("votes").isEmpty();
    }

    @Test
    void afterACheckThereIsNothingToCompareUntilAnotherEntry() {
        replica("n1", 1);
        DigestMajority replica = Objects.requireNonNull(replicas.get("n1"));
        assertThat(replica.endAt(INDEX)).isFalse();
        replica.applied(check(INDEX, state(1), "n1"), INDEX + 1, at(INDEX, state(1)), voters("n1"));
        assertThat(replica.endAt(INDEX + 1)).isTrue();
        assertThat(replica.endAt(INDEX + 2)).isFalse();
    }

    private static SortedSet<String> voters(String... ids) {
        return new TreeSet<>(List.of(ids));
    }
}
