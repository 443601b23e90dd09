package io.quorate.e2e.witness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** What counts as waiting for the service, and what as a client that was not scheduled. */
class PollLogTest {
    private static final long MILLI = 1_000_000;
    private static final int SECONDS_4 = 4_000;

    /** A request each 20 ms for 4 s, answered within 1 ms or failed after 250 ms. */
    private static PollLog log(IntPredicate sent, IntPredicate answered) {
        List<String> lines = new ArrayList<>();
        for (int millis = 0; millis < SECONDS_4; millis += 20) {
            if (sent.test(millis)) {
                boolean ok = answered.test(millis);
                lines.add(millis * MILLI + " " + (millis + (ok ? 1 : 250)) * MILLI + (ok ? " ok n1" : " failed late"));
            }
        }
        return PollLog.parse(lines);
    }

    private static boolean isPause(int millis) {
        return millis > 1_000 && millis < 2_500;
    }

    @Test
    void aServiceThatDoesNotAnswerIsWaitedFor() {
        PollLog log = log(millis -> true, millis -> !isPause(millis));
        assertThat(log.longestGapMillis()).isEqualTo(1_500);
        assertThat(log.longestWaitMillis()).isEqualTo(1_500);
    }

    @Test
    void aClientThatSendsNothingDoesNotWait() {
        PollLog log = log(millis -> !isPause(millis), millis -> true);
        assertThat(log.longestGapMillis()).isEqualTo(1_500);
        assertThat(log.longestWaitMillis()).isLessThan(50);
    }

    /** These requests are under way, and no line tells of them yet. */
    @Test
    void atTheEndOfTheLogAClientIsNotTakenForOneThatStandsStill() {
        PollLog log = log(millis -> millis <= 3_500 || millis == 3_980, millis -> true);
        assertThat(log.longestWaitMillis()).isEqualTo(480);
    }
}
