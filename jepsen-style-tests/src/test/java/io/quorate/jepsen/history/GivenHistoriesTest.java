package io.quorate.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Every given history gets its known verdict, within ten times the time of the other checker. */
class GivenHistoriesTest {
    private static final long PLACES = 4_000_000;
    private static final double AT_MOST = 10;

    @Test
    void everyVerdictIsTheKnownOne() throws IOException {
        Path place = GivenHistories.place(Path.of(System.getProperty("quorate.root", "..")));
        assumeTrue(GivenHistories.areIn(place), "no data: the histories with known verdicts are not in " + place);
        GivenHistories.Outcome outcome = GivenHistories.check(place, PLACES);
        assertThat(outcome.report().cases())
                .hasSizeGreaterThan(40)
                .allSatisfy(each -> assertThat(each.reason()).as(each.name()).isEmpty());
        assertThat(outcome.millis()).isLessThan(AT_MOST * outcome.theirMillis());
    }
}
