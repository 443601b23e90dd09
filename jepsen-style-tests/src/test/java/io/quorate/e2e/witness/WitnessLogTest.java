package io.quorate.e2e.witness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The verdict of the suite rests on these: two at once, and a token twice, are found. */
class WitnessLogTest {
    private static List<WitnessLog.Run> runs(String... lines) {
        List<WitnessLog.Run> runs = new ArrayList<>(WitnessLog.parse(List.of(lines)));
        runs.sort(Comparator.comparingLong(WitnessLog.Run::fromNanos));
        return runs;
    }

    @Test
    void theTimeInTwoPlacesIsTheLongestThatTwoRunsShare() {
        assertThat(WitnessLog.overlapMillis(runs(
                        "0 start n1 7 1",
                        "50000000 beat n1 7 1",
                        "30000000 start n2 8 2",
                        "90000000 stop n2 8 2",
                        "90000000 start n3 9 3",
                        "95000000 beat n3 9 3")))
                .isEqualTo(20);
        assertThat(WitnessLog.overlapMillis(runs("0 start n1 7 1", "50 stop n1 7 1", "50 start n2 8 2")))
                .isZero();
    }

    @Test
    void aTokenOfTwoHostsIsAGrantTooMany() {
        assertThat(WitnessLog.grantedTwice(runs("0 start n1 7 5", "9 stop n1 7 5", "20 start n2 8 5")))
                .contains("token 5 of n2 follows 5 of n1");
        assertThat(WitnessLog.grantedTwice(runs("0 start n1 7 5", "9 stop n1 7 5", "20 start n1 8 4")))
                .contains("token 4 of n1 follows 5 of n1");
    }

    @Test
    void aStartInPlaceKeepsItsToken() {
        assertThat(WitnessLog.grantedTwice(
                        runs("0 start n1 7 5", "9 stop n1 7 5", "20 start n1 8 5", "50 start n2 9 6")))
                .isEmpty();
    }
}
