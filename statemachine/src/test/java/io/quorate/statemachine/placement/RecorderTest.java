package io.quorate.statemachine.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.statemachine.placement.Recorder.Contribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The table behind a decision: every rule with what it added to the score of a node. */
class RecorderTest {
    private final List<Problem.Location> locations = new ArrayList<>();
    private final List<Problem.Colocation> colocations = new ArrayList<>();
    private final List<Problem.Activity> activities = new ArrayList<>();
    private final List<Resource> resources = new ArrayList<>();
    private Options.Strategy strategy = Options.Strategy.DEFAULT;

    @Test
    void contributionsAddUpToTheScore() {
        resource("db", 0);
        runs("db", "n2");
        locate("db-n1", "db", "n1", 70);
        Recorder recorder = solve();
        assertEquals(List.of("LOCATION db-n1 70"), table(recorder, "db", "n1"));
        assertEquals(List.of("STICKINESS  100"), table(recorder, "db", "n2"));
        assertEquals(70, recorder.score("db", "n1"));
        assertEquals(100, recorder.score("db", "n2"));
        Choices choices = new Choices();
        Engine.solve(problem(), choices);
        assertEquals(Optional.of("n2"), choices.of("db"));
    }

    @Test
    void everyRuleThatForbidsANodeIsTold() {
        resource("db", 0);
        resource("web", 0);
        runs("db", "n2");
        locate("web-not-n1", "web", "n1", -Score.INFINITY);
        colocate("web-db", "web", "db", Score.INFINITY);
        Recorder recorder = solve();
        assertEquals(
                List.of("LOCATION web-not-n1 -1000000", "COLOCATION web-db -1000000"), table(recorder, "web", "n1"));
        assertEquals(-Score.INFINITY, recorder.score("web", "n1"));
        assertEquals(List.of(), table(recorder, "web", "n2"));
        assertEquals(
                "must be near db, which is on n2",
                recorder.contributions("web", "n1").get(1).text());
    }

    @Test
    void aPrimaryTellsWhatItsDependentsAdded() {
        resource("db", 0);
        resource("web", 0);
        locate("web-n1", "web", "n1", 30);
        colocate("web-db", "web", "db", Score.INFINITY);
        assertEquals(List.of("INFLUENCE web-db 30"), table(solve(), "db", "n1"));
    }

    @Test
    void whatIsShortIsTold() {
        strategy = Options.Strategy.UTILIZATION;
        resource("db", 9);
        Contribution contribution = solve().contributions("db", "n1").get(0);
        assertEquals(Trace.Cause.CAPACITY, contribution.cause());
        assertEquals("needs 9 memory, has 8 left", contribution.text());
        assertTrue(contribution.forbids());
    }

    @Test
    void listeningChangesNothing() {
        resource("db", 3);
        resource("web", 3);
        locate("db-n2", "db", "n2", 5);
        colocate("web-db", "web", "db", -50);
        assertEquals(Engine.solve(problem()), Engine.solve(problem(), new Recorder(problem())));
    }

    private static List<String> table(Recorder recorder, String slot, String machine) {
        return recorder.contributions(slot, machine).stream()
                .map(each -> each.cause() + " " + each.rule() + " " + each.score())
                .toList();
    }

    private Recorder solve() {
        Problem problem = problem();
        Recorder recorder = new Recorder(problem);
        Engine.solve(problem, recorder);
        return recorder;
    }

    private Problem problem() {
        Options options = new Options(false, true, Options.NoQuorum.IGNORE, true, false, false, false, true, strategy);
        return new Problem(
                options,
                List.of(machine("n1"), machine("n2")),
                resources,
                locations,
                colocations,
                List.of(),
                List.of(),
                activities,
                new TreeMap<>(),
                new TreeMap<>());
    }

    private static Machine machine(String name) {
        return new Machine(
                name, true, false, false, false, false, false, false, Optional.empty(), new TreeMap<>(), memory(8));
    }

    private static SortedMap<String, Integer> memory(int amount) {
        SortedMap<String, Integer> memory = new TreeMap<>();
        memory.put("memory", amount);
        return memory;
    }

    private void resource(String id, int memory) {
        Meta meta = new Meta(
                0,
                true,
                false,
                false,
                Optional.empty(),
                OptionalInt.of(100),
                Meta.Requires.NOTHING,
                OptionalInt.empty(),
                OptionalLong.empty(),
                Meta.MultipleActive.BLOCK,
                false,
                true);
        resources.add(new Resource.Primitive(id, meta, "", false, memory(memory)));
    }

    private void locate(String id, String resource, String machine, int score) {
        SortedMap<String, Integer> scores = new TreeMap<>();
        scores.put(machine, score);
        locations.add(new Problem.Location(id, resource, Optional.empty(), scores, false));
    }

    private void colocate(String id, String dependent, String primary, int score) {
        colocations.add(new Problem.Colocation(
                id, dependent, Optional.empty(), primary, Optional.empty(), score, "#uname", true));
    }

    private void runs(String resource, String machine) {
        activities.add(
                new Problem.Activity(resource, OptionalInt.empty(), machine, Role.STARTED, false, false, false, false));
    }
}
