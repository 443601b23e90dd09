package io.quorate.jepsen.real.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.real.check.DigestChecker.Sight;
import org.junit.jupiter.api.Test;

final class DigestCheckerTest {
    @Test
    void onlySightsOfOnePlaceAreCompared() {
        DigestChecker checker = new DigestChecker();
        checker.add(new Sight("n1", 5, 100, "x"));
        checker.add(new Sight("n2", 5, 200, "y"));
        checker.add(new Sight("n1", 5, 200, "y"));
        assertThat(checker.compared()).containsExactlyInAnyOrder("n1", "n2");
        assertThat(checker.difference()).isEmpty();
        checker.add(new Sight("n3", 5, 100, "z"));
        assertThat(checker.compared()).containsExactlyInAnyOrder("n1", "n2", "n3");
        assertThat(checker.difference())
                .hasValueSatisfying(text -> assertThat(text).contains("n1", "n3"));
    }
}
