package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.raft.FirstEntry.Follower;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leader gives its term up only for a confirmation that is lost. The log ends with index 9. */
class FirstEntryTest {

    private static final long BEGIN = Long.MAX_VALUE - 1_000; // clocks may run over
    private static final long BEGUN = 6;
    private static final long TERM = 7;

    /** Ratis prepares for it what it would be sent, and keeps that as sent. */
    private static final Follower OFF = new Follower(10, -1, false);

    private static final Follower SENT_ALL = new Follower(10, 8, true);

    private FirstEntry entry = new FirstEntry();
    private long now = BEGIN;

    private boolean isLost(Follower... followers) {
        return entry.isLost(now, TERM, BEGUN, 10, List.of(followers));
    }

    private boolean isLostInTheEnd(Follower... followers) {
        entry = new FirstEntry();
        now = BEGIN;
        assertThat(isLost(followers)).isFalse();
        now += FirstEntry.PATIENCE.toNanos() - 1;
        assertThat(isLost(followers)).isFalse();
        now += 1;
        return isLost(followers);
    }

    @Test
    void whatWasSentToAMajorityAndNotConfirmedIsLost() {
        assertThat(isLostInTheEnd(SENT_ALL, OFF)).isTrue();
        assertThat(isLostInTheEnd(new Follower(10, 9, true), SENT_ALL, OFF, OFF))
                .isTrue();
    }

    @Test
    void aFollowerThatCatchesUpIsWaitedFor() {
        assertThat(isLostInTheEnd(new Follower(9, 3, true), OFF)).isFalse();
        assertThat(isLostInTheEnd(SENT_ALL, new Follower(5, 3, true), OFF, OFF)).isFalse();
    }

    /** While a snapshot is on its way neither of its indices moves. */
    @Test
    void aFollowerThatIsSentASnapshotIsWaitedFor() {
        assertThat(isLostInTheEnd(new Follower(5, -1, true), OFF)).isFalse();
        now += Duration.ofHours(1).toNanos();
        assertThat(isLost(new Follower(5, -1, true), OFF)).isFalse();
    }

    /** The last of what it was missing is prepared long before it has arrived. */
    @Test
    void theWaitBeginsWithTheLastThatIsSentAndAnewWithEachConfirmation() {
        for (long confirmed = 0; confirmed < 8; confirmed++) {
            now += FirstEntry.PATIENCE.toNanos();
            assertThat(isLost(new Follower(10, confirmed, true), OFF)).isFalse();
            now += FirstEntry.PATIENCE.toNanos() - 1;
            assertThat(isLost(new Follower(10, confirmed, true), OFF)).isFalse();
        }
    }

    /** Then it is this member's own disk or state machine that is slow. */
    @Test
    void whatAMajorityConfirmedIsNotLost() {
        assertThat(isLostInTheEnd(new Follower(10, 9, true), SENT_ALL)).isFalse();
        assertThat(isLostInTheEnd()).isFalse();
    }

    @Test
    void anotherTermIsGivenItsTime() {
        assertThat(isLost(SENT_ALL)).isFalse();
        now += FirstEntry.PATIENCE.toNanos();
        assertThat(entry.isLost(now, 8, BEGUN, 10, List.of(SENT_ALL))).isFalse();
        now += FirstEntry.PATIENCE.toNanos();
        assertThat(entry.isLost(now, 8, BEGUN, 10, List.of(SENT_ALL))).isTrue();
    }

    /** A disk that needs 15 s for an entry is reached by patience, not by one election after the other. */
    @Test
    void eachTermIsGivenTwiceTheTimeUntilOneHasBegun() {
        long begun = BEGUN;
        long term = TERM;
        for (int seconds : new int[] {5, 10, 20, 40, 80, 120, 120}) {
            assertThat(entry.isLost(now, term, begun, 10, List.of(SENT_ALL))).isFalse();
            now += Duration.ofSeconds(seconds).toNanos() - 1;
            assertThat(entry.isLost(now, term, begun, 10, List.of(SENT_ALL))).isFalse();
            now += 1;
            assertThat(entry.isLost(now, term, begun, 10, List.of(SENT_ALL))).isTrue();
            term++;
        }
        begun = term;
        term++;
        assertThat(entry.isLost(now, term, begun, 10, List.of(SENT_ALL))).isFalse();
        now += FirstEntry.PATIENCE.toNanos();
        assertThat(entry.isLost(now, term, begun, 10, List.of(SENT_ALL))).isTrue();
    }
}
