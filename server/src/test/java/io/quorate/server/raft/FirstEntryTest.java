package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A leader gives its term up only for a confirmation that is lost. The log ends with index 9. */
class FirstEntryTest {

    private static final long BEGIN = Long.MAX_VALUE - 1_000; // clocks may run over
    private static final long LATE = BEGIN + FirstEntry.PATIENCE.toNanos();

    private FirstEntry entry = new FirstEntry();

    private boolean isLost(long now, long[] sentTo, long[] confirmedBy) {
        return entry.isLost(now, 7, 10, sentTo, confirmedBy);
    }

    private boolean isLostInTheEnd(long[] sentTo, long[] confirmedBy) {
        entry = new FirstEntry();
        assertThat(isLost(BEGIN, sentTo, confirmedBy)).isFalse();
        assertThat(isLost(LATE - 1, sentTo, confirmedBy)).isFalse();
        return isLost(LATE, sentTo, confirmedBy);
    }

    @Test
    void whatWasSentToAMajorityAndNotConfirmedIsLost() {
        assertThat(isLostInTheEnd(new long[] {10, 4}, new long[] {8, -1})).isTrue();
        assertThat(isLostInTheEnd(new long[] {10, 10, 4, 4}, new long[] {9, 8, -1, -1}))
                .isTrue();
    }

    @Test
    void aFollowerThatCatchesUpIsWaitedFor() {
        assertThat(isLostInTheEnd(new long[] {9, 4}, new long[] {3, -1})).isFalse();
        assertThat(isLostInTheEnd(new long[] {10, 5, 5, 5}, new long[] {8, 3, 3, -1}))
                .isFalse();
    }

    /** Then it is this member's own disk or state machine that is slow. */
    @Test
    void whatAMajorityConfirmedIsNotLost() {
        assertThat(isLostInTheEnd(new long[] {10, 10}, new long[] {9, 8})).isFalse();
        assertThat(isLostInTheEnd(new long[0], new long[0])).isFalse();
    }

    @Test
    void anotherTermIsGivenItsTime() {
        long[] sent = {10};
        long[] confirmed = {8};
        assertThat(isLost(BEGIN, sent, confirmed)).isFalse();
        assertThat(entry.isLost(LATE, 8, 10, sent, confirmed)).isFalse();
        assertThat(entry.isLost(LATE + FirstEntry.PATIENCE.toNanos(), 8, 10, sent, confirmed))
                .isTrue();
    }

    /** Another election was asked for; it is not asked for again at once. */
    @Test
    void whatIsLostIsSaidOnceInAWhile() {
        long[] sent = {10};
        long[] confirmed = {8};
        assertThat(isLostInTheEnd(sent, confirmed)).isTrue();
        assertThat(isLost(LATE + 1, sent, confirmed)).isFalse();
        assertThat(isLost(LATE + FirstEntry.PATIENCE.toNanos(), sent, confirmed))
                .isTrue();
    }
}
