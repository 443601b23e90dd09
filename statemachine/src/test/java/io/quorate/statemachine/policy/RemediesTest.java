package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What would have to change for a unit to run where it does not. */
class RemediesTest {
    private static List<String> remedies(String unit, String... lines) {
        return words(placement(unit, lines).remedies());
    }

    private static Explanation.OfPlacement placement(String unit, String... lines) {
        return new Explainer(ScenarioState.parse(List.of(lines)).build())
                .placement(unit)
                .orElseThrow();
    }

    private static List<String> words(List<Reason> remedies) {
        return remedies.stream()
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

    @Test
    void whatStartsAfterSomethingThatDoesNotRunIsHelpedByThatOnly() {
        assertEquals(
                List.of("db has to run first [quorate explain db]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up",
                        "resource db disabled",
                        "resource web",
                        "order db-web first=db then=web"));
        assertEquals(
                List.of("db has to run first [quorate explain db]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up",
                        "resource db disabled",
                        "resource web",
                        "own web on=n1 running=web",
                        "order db-web first=db then=web"));
    }

    @Test
    void whereOneOfSeveralIsEnoughNoneIsSaidToBeNeeded() {
        assertEquals(
                List.of("a or b has to run first [quorate explain a]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up",
                        "resource a disabled",
                        "resource b disabled",
                        "resource web",
                        "order one-is-enough any=a,b before=web"));
    }

    @Test
    void noScoreMovesWhatATicketFreezesOrLacks() {
        assertEquals(
                List.of("web is let be: it needs the ticket site-a, which is not granted to this cluster, and its loss"
                        + " policy says freeze [quorate ticket grant site-a]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up",
                        "resource web",
                        "needs web-site ticket=site-a of=web loss=FREEZE",
                        "siteTicket site-a",
                        "own web on=n1 running=web"));
        assertEquals(
                List.of("web needs the ticket site-a, which is in standby [quorate ticket activate site-a]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up",
                        "resource web",
                        "needs web-site ticket=site-a of=web",
                        "siteTicket site-a granted standby"));
    }

    @Test
    void noScoreMovesWhatAFailureHolds() {
        List<String> stops =
                List.of("node n1 up", "node n2 up drain", "resource web onFail=monitor:STOP", "fail web on=n1");
        Explanation.OfPlacement placement = placement("web", stops.toArray(String[]::new));
        assertEquals(
                List.of("web failed on n1 (monitor: not-running): it stays stopped (onFail: stop); repair the cause and"
                        + " forget the failure [quorate failures clear web]"),
                words(placement.remedies()).subList(0, 1));
        NodeVerdict here = placement.verdicts().get(1);
        assertEquals("held", here.getContributions(0).getRule());
        assertEquals("ON_FAIL_STOP", here.getContributions(0).getText());
        assertEquals(
                List.of("web failed on n1 (monitor: not-running): nothing is done (onFail: block); repair the cause and"
                        + " forget the failure [quorate failures clear web]"),
                remedies(
                        "web",
                        "node n1 up",
                        "node n2 up",
                        "resource web onFail=monitor:BLOCK",
                        "own web on=n1",
                        "member web state=FAILED",
                        "fail web on=n1"));
    }

    @Test
    void aCloneSaysOnceWhatHoldsItsCopies() {
        Explanation.OfPlacement placement = placement(
                "db",
                "node n1 up",
                "node n2 up",
                "clone db promotable=1",
                "own db:0 on=n1 running=db-it",
                "own db:1 on=n2 running=db-it",
                "score n1 db 10",
                "score n2 db 5",
                "needs db-site ticket=site-a of=db role=PROMOTED loss=DEMOTE");
        assertEquals(List.of(), placement.remedies());
        assertEquals(
                List.of("no copy of db is promoted: it needs the ticket site-a, which is not granted to this cluster"
                        + " [quorate ticket grant site-a]"),
                words(placement.copies().orElseThrow().remedies()));
        assertEquals(
                List.of("first has to run first [quorate explain first]"),
                remedies(
                        "st",
                        "node n1 up",
                        "node n2 up",
                        "resource first disabled",
                        "clone st",
                        "order first-st first=first then=st"));
    }

    @Test
    void aCloneSaysItOfNodesWithoutACopyAndOfThoseWithNothingPromoted() {
        Explanation.OfPlacement placement = placement(
                "db",
                "node n1 up",
                "node n2 up",
                "node n3 up",
                "node n4 up drain",
                "clone db promotable=1 max=2",
                "own db:0 on=n1 running=db-it",
                "own db:1 on=n2 running=db-it",
                "promoted db:promoted:0 copy=db:0",
                "score n1 db 10",
                "score n2 db 5");
        assertEquals(
                List.of(
                        "n3 may have a copy, but copies that run stay where they are; raise instances.max of db"
                                + " [quorate get clones/db -o yaml]",
                        "n4: is draining; end the drain [quorate node resume n4]"),
                words(placement.remedies()));
        Explanation.OfCopies copies = placement.copies().orElseThrow();
        assertEquals(List.of("n1", "n2"), copies.nodes());
        assertEquals(
                List.of(
                        "n2 scores 5, n1 10: more than 5 more for n2, from its agent or a location with role: promoted,"
                                + " would promote the copy there [quorate move db --promoted --to n2 --pin]",
                        "n3: has no copy; a copy has to run there first [quorate explain db --on n3]",
                        "n4: is draining; end the drain [quorate node resume n4]",
                        "n4: has no copy; a copy has to run there first [quorate explain db --on n4]"),
                words(copies.remedies()));
    }

    @Test
    void aCloneIsSilentOfNodesThatGetACopyNext() {
        Explanation.OfPlacement placement =
                placement("cache", "node n1 up", "node n2 up", "node n3 up", "clone cache max=2");
        assertEquals(
                List.of("n3 scores 0, n2 0: any score for n3 in placement.prefer would move a copy there"
                        + " [quorate get clones/cache -o yaml]"),
                words(placement.remedies()));
    }

    @Test
    void whatComesByItselfIsNoConcernOfWhoHasJustDefinedIt() {
        List<String> fresh = List.of(
                "node n1 up",
                "node n2 up",
                "fence ipmi n1 n2",
                "clone db promotable=1",
                "resource addr follow=db:PROMOTED",
                "resource lost only=n9");
        Explainer explainer = new Explainer(ScenarioState.parse(fresh).build());
        assertEquals(List.of(), explainer.concerns("db"));
        assertEquals(List.of(), explainer.concerns("addr"));
        assertEquals(1, explainer.concerns("lost").size());
    }

    @Test
    void whatWaitsForSomethingThatWillNotRunIsAConcern() {
        Explainer explainer = new Explainer(ScenarioState.parse(List.of(
                        "node n1 up",
                        "node n2 up",
                        "fence ipmi n1 n2",
                        "resource nowhere only=n9",
                        "resource beside follow=nowhere",
                        "resource web",
                        "own web on=n1 running=web",
                        "resource elsewhere follow=web only=n2"))
                .build());
        assertEquals(1, explainer.concerns("beside").size());
        assertEquals(1, explainer.concerns("elsewhere").size());
    }

    @Test
    void nothingComesByItselfWhileTheClusterIsPaused() {
        Explainer explainer = new Explainer(ScenarioState.parse(List.of(
                        "node n1 up",
                        "node n2 up",
                        "fence ipmi n1 n2",
                        "clone db promotable=1",
                        "resource addr follow=db:PROMOTED",
                        "paused"))
                .build());
        assertEquals(1, explainer.concerns("db").size());
        assertEquals(1, explainer.concerns("addr").size());
    }
}
