package io.quorate.client.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.client.cli.text.SimulationText;
import io.quorate.statemachine.cib.CibException;
import io.quorate.statemachine.cib.Simulation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Of cluster states with known answers, at least as many are decided right as were before; floors.txt says how many, and
 * only rises. The states are data of another project with a licence of its own: they lie beside the repository, not in it.
 * QUORATE_PLACEMENT_CASES names another place.
 */
class ConformanceTest {
    private static final Instant ANY_TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final Scores scores = new Scores();
    private final List<String> misses = new ArrayList<>();

    private static Path cases() {
        String elsewhere = System.getenv("QUORATE_PLACEMENT_CASES");
        return elsewhere != null
                ? Path.of(elsewhere)
                : Path.of(System.getProperty("quorate.root", ".."))
                        .resolve("../shared/data/placement/cases")
                        .normalize();
    }

    @Test
    void noTierFallsBelowItsFloor() throws IOException {
        Path cases = cases();
        assumeTrue(Files.isDirectory(cases), "the cases with known answers are not there: " + cases);
        try (Stream<Path> files = Files.list(cases)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                judge(file);
            }
        }
        System.out.print(scores.table());
        misses.forEach(System.out::println);
        List<String> raisable = new ArrayList<>();
        List<String> below = scores.belowFloors(raisable);
        raisable.forEach(line -> System.out.println("the floor can be raised: " + line));
        assertThat(below).isEmpty();
    }

    private void judge(Path file) throws IOException {
        Expectation expectation = Expectation.read(file);
        String name = file.getFileName().toString().replace(".json", "");
        int level = 0;
        boolean stateRight = false;
        try (InputStream in = Files.newInputStream(file.resolveSibling(name + ".xml"))) {
            Simulation simulation = Simulation.of(in, expectation.now(), ANY_TIME);
            Map<?, ?> answer = Expectation.parse(SimulationText.json(name, simulation));
            Comparison comparison = new Comparison(expectation.json(), answer);
            level = comparison.level();
            stateRight = comparison.isStateRight();
            if (level < 2) {
                misses.add(expectation.tier() + " " + name + ": missing " + comparison.missing() + ", extra "
                        + comparison.extra() + ", fenced " + Comparison.fenced(answer) + " instead of "
                        + Comparison.fenced(expectation.json()));
            }
        } catch (CibException e) {
            misses.add(expectation.tier() + " " + name + ": " + e.getMessage());
        }
        scores.add(expectation.tier(), expectation.isTrivial(), stateRight, level);
    }
}
