package io.quorate.statemachine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** GenerationFloor: a restore's generation exceeds every one that anything may have seen. */
class GenerationsTest {
    private static long at(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }

    @Test
    void itIsAboveTheBackupsAndAboveAnyThatWasFound() {
        long before = at("2025-12-31T23:59:59Z");
        assertThat(Generations.next(3, 0, before)).isEqualTo(4);
        assertThat(Generations.next(3, 3, before)).isEqualTo(4);
        assertThat(Generations.next(3, 9, before)).isEqualTo(10);
        assertThat(Generations.next(9, 3, before)).isEqualTo(10);
    }

    /** So restores of one backup on two days differ, though nothing that saw the first can be asked. */
    @Test
    void itIsAtLeastTheDay() {
        assertThat(Generations.next(1, 0, at("2026-01-01T00:00:00Z"))).isEqualTo(2);
        assertThat(Generations.next(1, 0, at("2026-06-30T23:59:59Z"))).isEqualTo(181);
        assertThat(Generations.next(1, 0, at("2026-07-01T00:00:00Z"))).isEqualTo(182);
        assertThat(Generations.next(500, 0, at("2026-07-01T00:00:00Z"))).isEqualTo(501);
    }

    @Test
    void oneThatDoesNotFitIntoATokenIsNotBegun() {
        assertThat(Generations.next(Generations.MAX - 1, 0, 0)).isEqualTo(Generations.MAX);
        assertThat(Tokens.of(Generations.MAX, 1).getNumber()).isPositive();
        assertThatThrownBy(() -> Generations.next(Generations.MAX, 0, 0)).hasMessageContaining("GENERATION-FITS");
        assertThatThrownBy(() -> Generations.next(1, Generations.MAX, 0)).hasMessageContaining("GENERATION-FITS");
    }
}
