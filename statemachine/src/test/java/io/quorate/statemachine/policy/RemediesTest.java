package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What would have to change for a unit to run where it does not. */
class RemediesTest {
    private static List<String> remedies(String unit, String... lines) {
        return new Explainer(ScenarioState.parse(List.of(lines)).build())
                .placement(unit).orElseThrow().remedies().stream()
                        .map(reason -> reason.getMessage() + " [" + reason.getNextStep() + "]")
                        .toList();
    }

    @Test
    void eachObstacleComesWithTheCommandThatLiftsIt() {
        assertEquals(
                List.of(
                        "n2: is draining; end the drain [quorate node resume n2]",
                        "n3: in avoid [n3]; change placement.avoid of web [quorate get resources/web -o yaml]",
                        "n4: is off; it joins by itself when its agent runs again [quorate history nodes/n4]",
                        "n5: failed 3 times there; repair the cause and forget the failures"
                                + " [quorate failures clear web --on n5]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up drain",
                        "node n3 up",
                        "node n4 off",
                        "node n5 up",
                        "resource web avoid=n3",
                        "own web on=n1 running=web",
                        "fail web on=n5 count=3"));
    }

    @Test
    void aNodeThatScoresLessSaysByHowMuch() {
        assertEquals(
                List.of("n2 scores 30, n1 100: more than 70 more for n2 in placement.prefer would move it"
                        + " [quorate move web --to n2 --pin]"),
                remedies("web", "node n1 up", "node n2 up", "resource web prefer=n2:30", "own web on=n1 running=web"));
    }

    @Test
    void aUnitThatRunsNowhereHasAnObstacleOnEveryNode() {
        assertEquals(
                List.of(
                        "n1: is draining; end the drain [quorate node resume n1]",
                        "n2: pinned to n1; take the pin back [quorate unpin web]"),
                remedies(
                        "web",
                        "node n1 up drain",
                        "node n2 up",
                        "resource web pin=n1",
                        "free web last=n1 by=RELEASED"));
    }
}
