package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.raft.Leadership;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a process knows of the time before its term. */
class ColdStartTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long AT_MOST = 180 * SECOND;

    private final ColdStart coldStart = new ColdStart();

    private void follows(String leader, long term, long atSecond) {
        coldStart.leadership(
                new Leadership(Leadership.Role.FOLLOWER, term, Optional.of(leader), false), "n1", atSecond * SECOND);
    }

    private void hasNoLeader(long term, long atSecond) {
        coldStart.leadership(
                new Leadership(Leadership.Role.CANDIDATE, term, Optional.empty(), false), "n1", atSecond * SECOND);
    }

    private void leads(long term, long atSecond) {
        coldStart.leadership(
                new Leadership(Leadership.Role.LEADER, term, Optional.of("n1"), true), "n1", atSecond * SECOND);
    }

    @Test
    void anOrdinaryElectionGivesNodesNoMoreThanTheirTime() {
        follows("n2", 4, 0);
        hasNoLeader(4, 100);
        leads(5, 102);
        assertThat(coldStart.takeExtraNanos(102 * SECOND, AT_MOST)).isZero();
    }

    @Test
    void afterALongTimeWithoutLeaderNodesHaveAsLongAgainToFindTheNewOne() {
        follows("n2", 4, 0);
        hasNoLeader(4, 100);
        hasNoLeader(5, 120);
        leads(6, 140);
        assertThat(coldStart.takeExtraNanos(140 * SECOND, AT_MOST)).isEqualTo(40 * SECOND);
    }

    @Test
    void thatIsBounded() {
        hasNoLeader(4, 100);
        leads(5, 1_000);
        assertThat(coldStart.takeExtraNanos(1_000 * SECOND, AT_MOST)).isEqualTo(AT_MOST);
    }

    @Test
    void timeBehindAnotherLeaderDoesNotCount() {
        hasNoLeader(4, 100);
        follows("n3", 5, 160);
        hasNoLeader(5, 200);
        leads(6, 201);
        assertThat(coldStart.takeExtraNanos(201 * SECOND, AT_MOST)).isZero();
    }

    @Test
    void aTermThatIsBuiltAnewGivesNothingMore() {
        hasNoLeader(4, 100);
        leads(5, 140);
        assertThat(coldStart.takeExtraNanos(140 * SECOND, AT_MOST)).isEqualTo(40 * SECOND);
        leads(5, 150);
        assertThat(coldStart.takeExtraNanos(150 * SECOND, AT_MOST)).isZero();
    }

    @Test
    void aProcessIsColdUntilItFollowedALeaderThatHadBegunOrBeganItself() {
        World world = new World();
        world.settle();
        FakeRaft.Group group = world.group();
        long begun = group.state().meta().getBegunTerm();
        assertThat(begun).isPositive();
        assertThat(coldStart.isCold()).isTrue();
        follows("n2", begun + 1, 0);
        coldStart.applied(group.state());
        assertThat(coldStart.isCold())
                .as("it follows a leader that has not begun")
                .isTrue();
        follows("n2", begun, 0);
        coldStart.applied(group.state());
        assertThat(coldStart.isCold()).isFalse();
    }
}
