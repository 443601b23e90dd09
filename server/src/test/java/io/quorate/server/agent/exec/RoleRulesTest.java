package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.server.agent.exec.RoleRules.Expected;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A monitor's exit code, as the copy and as its promotion understand it; an empty field: it is not about that one. */
class RoleRulesTest {
    private static Outcome monitor(int code) {
        Finding finding = switch (code) {
            case 0, 8 -> Finding.RUNNING;
            case 190, 191 -> Finding.DEGRADED;
            case 7 -> Finding.NOT_RUNNING;
            default -> Finding.FAILED;
        };
        return new Outcome("monitor", finding, code, "", "", Duration.ZERO);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // code, copy if unpromoted, copy if promoted, promotion, a look at the promotion
        "0,   RUNNING,     RUNNING,     FAILED,   NOT_RUNNING",
        "7,   NOT_RUNNING, NOT_RUNNING, FAILED,   NOT_RUNNING",
        "8,   FAILED,      RUNNING,     RUNNING,  RUNNING",
        "9,   FAILED,      ,            FAILED,   FAILED",
        "190, DEGRADED,    DEGRADED,    FAILED,   NOT_RUNNING",
        "191, FAILED,      DEGRADED,    DEGRADED, DEGRADED",
        "1,   FAILED,      FAILED,      ,         FAILED",
        "198, FAILED,      FAILED,      ,         FAILED"
    })
    void theRightInstanceFails(int code, Finding unpromoted, Finding promoted, Finding promotion, Finding looked) {
        Outcome monitor = monitor(code);
        assertThat(finding(RoleRules.ofCopy(monitor, Expected.UNPROMOTED))).isEqualTo(unpromoted);
        assertThat(finding(RoleRules.ofCopy(monitor, Expected.PROMOTED))).isEqualTo(promoted);
        assertThat(finding(RoleRules.ofPromotion(monitor))).isEqualTo(promotion);
        assertThat(RoleRules.looked(monitor).finding()).isEqualTo(looked);
    }

    private static Finding finding(Optional<Outcome> outcome) {
        return outcome.map(Outcome::finding).orElse(null);
    }
}
