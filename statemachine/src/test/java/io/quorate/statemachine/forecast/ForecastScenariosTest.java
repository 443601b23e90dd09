package io.quorate.statemachine.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.policy.DefaultPolicy;
import io.quorate.statemachine.policy.ScenarioState;
import io.quorate.v1.PlannedStep;
import io.quorate.v1.TicketState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each file under {@code src/test/resources/forecast} is one scenario; {@code README.md} there has the words. */
class ForecastScenariosTest {
    private static final Path SCENARIOS = Path.of("src/test/resources/forecast");
    private static final String SEPARATOR = "----";

    private final List<String> drained = new ArrayList<>();
    private final List<String> failedNodes = new ArrayList<>();
    private final List<String> failedResources = new ArrayList<>();
    private final List<String> revoked = new ArrayList<>();
    private final List<Question.Move> moves = new ArrayList<>();
    private final List<Change> history = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(SCENARIOS)) {
            files = found.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertTrue(files.size() >= 12, "scenarios found: " + files.size());
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(
                        file.getFileName().toString(), () -> new ForecastScenariosTest().check(file)));
    }

    private void check(Path file) throws IOException {
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

    private List<String> say(List<String> given) {
        List<String> of = given.stream().filter(line -> !mine(line)).toList();
        ClusterState state = ScenarioState.parse(of).build();
        for (Change change : history) {
            state = Reducer.reduce(state, change);
        }
        Question question = new Question(List.of(), "", false, revoked, drained, failedNodes, failedResources, moves);
        Forecast forecast = new Simulator(new DefaultPolicy()).run(state, question);
        List<String> said = new ArrayList<>();
        forecast.steps().forEach(step -> said.add(say(step)));
        moves.stream()
                .filter(Question.Move::promoted)
                .flatMap(move -> forecast.undoesSwitchover(Keys.bare(move.unit())).stream())
                .forEach(step -> said.add("undone by " + step.getOrder()));
        said.add("reads "
                + String.join(
                        " ",
                        forecast.reads().stream().map(ObjectRevision::getObject).toList()));
        said.add("quorum " + forecast.quorum().left() + " of "
                + forecast.quorum().voters()
                + (forecast.quorum().holds() ? "" : ": LOST"));
        said.add(forecast.comesToRest() ? "comes to rest" : "DOES NOT COME TO REST");
        forecast.withoutPlace().forEach(unit -> said.add("without place " + unit));
        forecast.warnings().forEach(reason -> said.add("warning " + reason.getCode() + " " + reason.getMessage()));
        return said;
    }

    /** Takes the lines that are not about the state. */
    private boolean mine(String line) {
        List<String> words = List.of(line.trim().split(" +"));
        String last = words.get(words.size() - 1);
        switch (words.get(0)) {
            case "suppose" -> {
                switch (words.get(1)) {
                    case "fail-node" -> failedNodes.add(last);
                    case "drain" -> drained.add(last);
                    case "revoke" -> revoked.add(last);
                    case "fail" -> failedResources.add(last);
                    case "move" -> moves.add(new Question.Move(words.get(2), words.size() > 3 ? last : "", false));
                    case "switchover" -> moves.add(new Question.Move(words.get(2), words.size() > 3 ? last : "", true));
                    case "nothing" -> {}
                    default -> throw new IllegalArgumentException(line);
                }
            }
            case "took" -> took(words.get(1), words.get(2), Long.parseLong(last));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void took(String what, String whom, long millis) {
        switch (what) {
            case "start" -> between("RESOURCE_ASSIGNED", "RESOURCE_UP", whom, millis);
            case "stop" -> between("RESOURCE_STOPPING", "RESOURCE_FREED", whom, millis);
            case "restart" -> between("RESOURCE_RESTARTING", "RESOURCE_UP", whom, millis);
            case "migrate" -> between("RESOURCE_MIGRATING", "RESOURCE_MIGRATED", whom, millis);
            case "fence" ->
                history.add(Change.newBuilder()
                        .setTicket(FenceTicketRow.newBuilder()
                                .setId("fence-0" + history.size())
                                .setNode(whom)
                                .setState(TicketState.TICKET_STATE_CONFIRMED)
                                .setExecutor("other")
                                .setClosed(Stamp.newBuilder().setLogMillis(millis)))
                        .build());
            default -> throw new IllegalArgumentException(what);
        }
    }

    private void between(String begin, String end, String instance, long millis) {
        for (String kind : List.of(begin, end)) {
            history.add(Change.newBuilder()
                    .setEvent(EventRow.newBuilder()
                            .setSequence(history.size() + 1)
                            .setKind(kind)
                            .setObject("instances/" + instance)
                            .setOutageMillis(-1)
                            .setAt(Stamp.newBuilder().setLogMillis(kind.equals(begin) ? 0 : millis)))
                    .build());
        }
    }

    private static String say(PlannedStep step) {
        String where = step.getAction().equals("fence") ? step.getFromNode() : step.getInstance() + " " + nodes(step);
        String after = step.getAfterCount() == 0 ? "" : " after " + step.getAfterList();
        String takes = step.hasTakes() ? " +" + Settings.millis(step.getTakes()) + " ms" : " without end";
        String outage = step.hasExpectedOutage() ? "  outage " + Settings.millis(step.getExpectedOutage()) + " ms" : "";
        return step.getOrder() + after + " " + step.getAction() + " " + where + "  at "
                + Settings.millis(step.getBegins()) + takes + outage + " (" + step.getSamples() + ")  "
                + step.getReason().getCode() + " " + step.getReason().getMessage();
    }

    private static String nodes(PlannedStep step) {
        if (step.getFromNode().isEmpty() || step.getFromNode().equals(step.getToNode())) {
            return "on " + step.getToNode();
        }
        return step.getToNode().isEmpty() ? "on " + step.getFromNode() : step.getFromNode() + " -> " + step.getToNode();
    }
}
