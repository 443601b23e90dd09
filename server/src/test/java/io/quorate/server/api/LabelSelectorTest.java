package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Selectors mean what they mean in Kubernetes, and a mistake is told with its place. */
class LabelSelectorTest {
    private static final Map<String, String> FRONT = Map.of("tier", "front", "env", "prod", "canary", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tier=front                      | true",
                "tier==front                     | true",
                " tier = front , env = prod      | true",
                "tier=front,env=test             | false",
                "tier!=front                     | false",
                "tier!=back                      | true",
                "zone!=a                         | true",
                "tier in (back, front)           | true",
                "tier in(back)                   | false",
                "zone in (a)                     | false",
                "tier notin (back,other)         | true",
                "tier notin (front)              | false",
                "zone notin (a)                  | true",
                "tier                            | true",
                "zone                            | false",
                "!zone                           | true",
                "! tier                          | false",
                "canary=                         | true",
                "canary in ()                    | true",
                "tier=                           | false",
                "in=a                            | false",
                "tier,!zone,env in (prod),env!=x | true",
            })
    void matchesByAllThatItAsks(String selector, boolean matches) {
        assertThat(LabelSelector.parse(selector).matches(FRONT)).isEqualTo(matches);
    }

    @Test
    void nothingWrittenIsEverything() {
        assertThat(LabelSelector.parse(" ").matches(Map.of())).isTrue();
        assertThat(LabelSelector.parse("").isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tier=front,             | column 12: expected the name of a label, found the end",
                ",tier                   | column 1: expected the name of a label, found \",\"",
                "=front                  | column 1: expected the name of a label, found \"=\"",
                "!                       | column 2: expected the name of a label, found the end",
                "!tier=front             | column 6: expected a comma or the end, found \"=\"",
                "tier front              | column 6: expected =, !=, in or notin, found \"f\"",
                "tier in front           | column 9: expected ( and the values, found \"f\"",
                "tier in (front          | column 15: expected a comma or ), found the end",
                "tier in (front back)    | column 16: expected a comma or ), found \"b\"",
                "tier=front env=prod     | column 12: expected a comma or the end, found \"e\"",
                "tier=(front)            | column 6: expected a comma or the end, found \"(\"",
            })
    void aMistakeIsToldWithItsPlace(String selector, String mistake) {
        assertThatThrownBy(() -> LabelSelector.parse(selector))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refused -> assertThat(refused.status()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("\"" + selector + "\"")
                .hasMessageEndingWith(mistake);
    }

    @Test
    void itsLengthIsBounded() {
        assertThatThrownBy(() -> LabelSelector.parse("a".repeat(LabelSelector.MAX_LENGTH + 1)))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("at most 1024");
    }
}
