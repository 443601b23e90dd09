package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    private static final List<String> KNOWN = List.of("prefer", "only", "avoid", "stickiness", "IPaddr2", "n1", "n2");

    @ParameterizedTest
    @CsvSource({
        "prefered,prefer",
        "perfer,prefer",
        "stickyness,stickiness",
        "ipaddr2,IPaddr2",
        "IPaddr,IPaddr2",
        "ony,only"
    })
    void aSlipOfTheKeyboardIsRecognised(String written, String meant) {
        assertThat(NearestName.of(written, KNOWN)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"quickly", "x", "configuration"})
    void whatIsFarFromEverythingHasNoSuggestion(String written) {
        assertThat(NearestName.of(written, KNOWN)).isEmpty();
    }

    @Test
    void tiesAreInAlphabeticalOrder() {
        assertThat(NearestName.nearest("n3", KNOWN, 5)).containsExactly("n1", "n2");
    }

    @Test
    void aSwapOfNeighboursIsOneStep() {
        assertThat(NearestName.distance("perfer", "prefer")).isEqualTo(1);
        assertThat(NearestName.distance("", "abc")).isEqualTo(3);
        assertThat(NearestName.distance("abc", "abc")).isZero();
    }
}
