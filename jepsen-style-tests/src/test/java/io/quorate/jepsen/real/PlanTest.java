package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.real.fault.Kind;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PlanTest {
    private static final int SECONDS = 30;

    @Test
    void theSeedDecidesEverything() {
        assertThat(Plan.of(7, SECONDS, Kind.ALL)).isEqualTo(Plan.of(7, SECONDS, Kind.ALL));
        assertThat(IntStream.range(0, 50)
                        .mapToObj(seed -> Plan.of(seed, SECONDS, Kind.ALL))
                        .distinct()
                        .count())
                .isEqualTo(50);
    }

    @Test
    void faultsEndBeforeTheRunDoes() {
        for (int seed = 0; seed < 200; seed++) {
            Plan plan = Plan.of(seed, SECONDS, Kind.ALL);
            assertThat(plan.steps()).hasSizeBetween(1, 3);
            plan.steps()
                    .forEach(step ->
                            assertThat(step.startMillis() + step.millis()).isLessThan(SECONDS * 1_000L));
        }
    }

    @Test
    void asManySuccessiveSeedsAsThereAreKindsTryThemAll() {
        assertThat(IntStream.range(100, 100 + Kind.ALL.size())
                        .mapToObj(seed -> Plan.of(seed, SECONDS, Kind.ALL))
                        .flatMap(plan -> plan.steps().stream())
                        .map(Plan.Step::kind)
                        .distinct())
                .hasSameSizeAs(Kind.ALL);
    }
}
