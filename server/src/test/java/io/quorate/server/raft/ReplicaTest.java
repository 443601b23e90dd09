package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.ClusterState;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the newest entry was proposed, as a follower can tell. */
class ReplicaTest {

    private static ClusterState at(long logMillis) {
        ClusterState empty = ClusterState.empty();
        return empty.advanced(
                empty.revision(), Stamp.newBuilder().setLogMillis(logMillis).build());
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void ofTheLastEntryOfALeaderThatDiedAFollowerHearsFromTheNextOneButKnowsWhenItWasProposed() {
        Replica.Snapshot promptly = Replica.Snapshot.first(at(0), 1, 0).next(at(5_000), 2, millis(70_000));
        Replica.Snapshot late = promptly.next(at(5_400), 3, millis(72_500));
        assertThat(late.appliedNanos()).isEqualTo(millis(72_500));
        assertThat(late.proposedNanos()).isEqualTo(millis(70_400));
    }

    @Test
    void noEntryIsProposedAfterItWasApplied() {
        Replica.Snapshot behind = Replica.Snapshot.first(at(0), 1, millis(70_000));
        assertThat(behind.next(at(9_000), 2, millis(70_001)).proposedNanos()).isEqualTo(millis(70_001));
    }
}
