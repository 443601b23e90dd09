package io.quorate.statemachine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.model.ClusterState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Explain says of each rule with dates whether it holds, and until when. */
class DatedRulesTest {
    private static List<String> said(String wall, String location) {
        ClusterState state = ScenarioState.parse(
                        List.of("wall " + wall, "node n1 up", "node n2 up labels=disk:ssd", "resource web", location))
                .build();
        return new Explainer(state)
                .placement("web").orElseThrow().reasons().stream()
                        .filter(reason -> reason.getCode().equals("DATES"))
                        .map(reason -> reason.getMessage())
                        .toList();
    }

    @Test
    void aRuleThatHoldsSaysUntilWhen() {
        assertThat(said(
                        "2026-05-04T09:00:00Z",
                        "location office of=web label=disk:ssd during=hours=9-16;weekdays=mon-fri score=50"))
                .containsExactly("office 50, during (weekdays mon-fri, hours 9-16, UTC): holds now, "
                        + "until 2026-05-04T17:00:00Z");
    }

    @Test
    void aRuleThatDoesNotHoldSaysSinceItAddsNothingToAnyNode() {
        assertThat(said(
                        "2026-05-04T09:00:00Z",
                        "location office of=web outside=hours=9-16;zone=Europe/Berlin score=-1000000"))
                .containsExactly("office -infinity, outside (hours 9-16, Europe/Berlin): does not hold now, "
                        + "until 2026-05-04T15:00:00Z");
    }

    @Test
    void whatDoesNotChangeAnyMoreOrNotForLongIsSaid() {
        assertThat(said("2026-05-04T09:00:00Z", "location l of=web during=before=2026-05-01T00:00:00Z score=5"))
                .containsExactly("l 5, during (before 2026-05-01T00:00:00Z): does not hold now, "
                        + "and that does not change any more");
        assertThat(said("2026-05-04T09:00:00Z", "location l of=web during=years=2026-2099 score=5"))
                .containsExactly("l 5, during (years 2026-2099, UTC): holds now, until 2036-05-11T09:00:00Z at least");
    }

    @Test
    void aZoneThatIsNotKnownHereIsTold() {
        assertThat(said("2026-05-04T09:00:00Z", "location l of=web during=hours=9;zone=Mars/Olympus score=5"))
                .containsExactly("l 5, during (hours 9, Mars/Olympus): holds now, until 2026-05-04T10:00:00Z; "
                        + "this server does not know the zone and takes UTC");
    }
}
