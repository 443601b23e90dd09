package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GatheringTest {
    private final Gathering gathering = new Gathering();

    @Test
    void fewCallersNeverWait() {
        gathering.expect(Gathering.FEW - 1);
        assertThat(gathering.remainingNanos(1, 0)).isZero();
    }

    @Test
    void manyCallersWaitUntilAllAreThere() {
        gathering.expect(64);
        assertThat(gathering.remainingNanos(1, 0)).isEqualTo(Gathering.QUIET_NANOS);
        assertThat(gathering.remainingNanos(63, 100_000)).isEqualTo(Gathering.QUIET_NANOS);
        assertThat(gathering.isComplete(63)).isFalse();
        assertThat(gathering.isComplete(64)).isTrue();
        assertThat(gathering.remainingNanos(64, 120_000)).isZero();
    }

    @Test
    void waitsNoLongerThanCallersCome() {
        gathering.expect(64);
        assertThat(gathering.remainingNanos(5, 0)).isPositive();
        assertThat(gathering.remainingNanos(5, Gathering.QUIET_NANOS)).isZero();
    }

    @Test
    void theLongestWaitIsBoundedHoweverManyStillCome() {
        gathering.expect(1_000);
        long now = 0;
        int callers = 1;
        while (gathering.remainingNanos(callers, now) > 0) {
            now += Gathering.QUIET_NANOS / 2;
            callers++;
        }
        assertThat(now).isEqualTo(Gathering.MOST_NANOS);
    }

    @Test
    void aNewWaitBeginsAfterEachEntry() {
        gathering.expect(64);
        assertThat(gathering.remainingNanos(5, 0)).isPositive();
        gathering.expect(32);
        assertThat(gathering.remainingNanos(5, 50_000_000)).isEqualTo(Gathering.QUIET_NANOS);
    }
}
