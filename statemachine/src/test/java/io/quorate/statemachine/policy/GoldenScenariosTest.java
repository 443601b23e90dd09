package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.log.v1.ObjectRevision;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each file under {@code src/test/resources/policy} is one scenario: what holds there in its first comment, the state, a
 * line of dashes, and what policy and explainer say. {@code -Dquorate.golden=write} writes what they say now.
 */
class GoldenScenariosTest {
    private static final Path SCENARIOS = Path.of("src/test/resources/policy");
    private static final String SEPARATOR = "----";

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(SCENARIOS)) {
            files = found.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertTrue(files.size() >= 20, "scenarios found: " + files.size());
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    private static void check(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        int separator = lines.indexOf(SEPARATOR);
        assertTrue(separator > 0, file + " has no line " + SEPARATOR);
        assertTrue(lines.get(0).startsWith("# "), file + " must begin with the property that it shows");
        List<String> given = lines.subList(0, separator);
        List<String> said = say(given.stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList());
        if (System.getProperty("quorate.golden", "").equals("write")) {
            List<String> written = new ArrayList<>(given);
            written.add(SEPARATOR);
            written.addAll(said);
            Files.write(file, written);
            return;
        }
        assertEquals(
                String.join("\n", lines.subList(separator + 1, lines.size())), String.join("\n", said), lines.get(0));
    }

    private static List<String> say(List<String> given) {
        ScenarioState scenario = ScenarioState.parse(given);
        ClusterState state = scenario.build();
        Plan plan = new DefaultPolicy().plan(new PolicyInput(state, new TreeSet<>(), scenario.nowLogMillis()));
        List<String> said = new ArrayList<>();
        for (Decision decision : plan.decisions()) {
            said.add(say(decision));
            decision.reasons().forEach(reason -> said.add("  " + say(reason)));
            said.add("  reads "
                    + String.join(
                            " ",
                            decision.readSet().stream()
                                    .map(ObjectRevision::getObject)
                                    .toList()));
        }
        plan.waiting().forEach((unit, reasons) -> {
            said.add("wait " + unit);
            reasons.forEach(reason -> said.add("  " + say(reason)));
        });
        plan.askAgainAtLogMillis().ifPresent(at -> said.add("ask again at " + at));
        plan.datesChangeAtLogMillis().ifPresent(at -> said.add("dates change at " + at));
        Explanation explanation = new Explainer(state).explain();
        explanation
                .units()
                .values()
                .forEach(unit -> said.add("state " + unit.key() + " "
                        + unit.state().name().replace("RUN_STATE_", "")
                        + (unit.survival().survives()
                                ? ", survives"
                                : ", would not survive: "
                                        + unit.survival()
                                                .whyNot()
                                                .map(Reason::getCode)
                                                .orElse(""))));
        explanation
                .attention()
                .forEach(reason -> said.add("attention " + reason.getCode() + " " + reason.getObjectsList()));
        said.add("summary " + explanation.summary());
        return said;
    }

    private static String say(Decision decision) {
        if (decision instanceof Decision.Assign assign) {
            String copy = assign.copy().isEmpty() ? "" : " promoting " + assign.copy();
            return "assign " + assign.instance() + " to " + assign.node() + "/" + assign.incarnation() + copy;
        }
        if (decision instanceof Decision.Release release) {
            return "release " + release.instance() + " token " + release.token().getRevision();
        }
        if (decision instanceof Decision.Migrate migrate) {
            return "migrate " + migrate.instance() + " to " + migrate.toNode() + "/" + migrate.toIncarnation()
                    + " token " + migrate.token().getRevision();
        }
        if (decision instanceof Decision.Recover recover) {
            return "recover " + recover.instance() + " from " + recover.fromMember();
        }
        if (decision instanceof Decision.Fence fence) {
            return "fence " + fence.node() + "/" + fence.incarnation();
        }
        if (decision instanceof Decision.ForgetFailures forget) {
            return "forget failures of " + forget.member() + " on " + forget.node();
        }
        throw new IllegalStateException("a kind of decision that has no words: " + decision);
    }

    private static String say(Reason reason) {
        String next = reason.getNextStep().isEmpty() ? "" : "   [" + reason.getNextStep() + "]";
        return reason.getCode() + " " + reason.getMessage() + next;
    }
}
