package io.quorate.server.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WallTimeTest {
    @Test
    void aSmallStepBackIsWaitedOutAndALargeOneIsACorrection() {
        assertThat(WallTime.steady(100_000, 100_001)).isEqualTo(100_001);
        assertThat(WallTime.steady(100_000, 99_999)).isEqualTo(100_000);
        assertThat(WallTime.steady(100_000, 40_000)).isEqualTo(100_000);
        assertThat(WallTime.steady(100_000, 39_999)).isEqualTo(39_999);
        assertThat(WallTime.steady(0, 1_700_000_000_000L)).isEqualTo(1_700_000_000_000L);
    }
}
