package io.quorate.jepsen.level;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The level of every build is part of it; and a level says what failed, what was skipped, and why. */
class LevelTest {
    @TempDir
    private Path directory;

    @Test
    void nothingFailsOnTheLevelOfEveryBuild() throws IOException {
        Path json = directory.resolve("fast.json");
        int code = LevelMain.execute("FAST", "--json", json.toString());
        Report report = Report.read(json);
        assertThat(report.cases())
                .filteredOn(each -> each.result() == Report.Result.FAILED)
                .isEmpty();
        assertThat(code).isZero();
        assertThat(report.faults()).hasSizeGreaterThan(30);
        String skipped = report.cases().stream()
                .filter(each -> each.result() == Report.Result.SKIPPED)
                .map(each -> each.name() + ": " + each.reason())
                .findFirst()
                .orElse("");
        assumeTrue(skipped.isEmpty(), skipped);
    }

    private Report run(String script, Duration limit) throws IOException, InterruptedException {
        Path program = Files.createDirectories(directory.resolve("bin")).resolve("tool");
        Files.writeString(program, "#!/bin/bash\n" + script + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return Tool.of("part", limit, "tool").start(directory, directory, 1).report();
    }

    @Test
    void aProgramThatSaysNothingHasFailed() throws IOException, InterruptedException {
        assertThat(run("exit 0", Duration.ofMinutes(1)).cases())
                .singleElement()
                .satisfies(each -> assertThat(each.reason())
                        .isEqualTo("ended with 0 and said nothing, see " + directory.resolve("part-1.log")));
    }

    @Test
    void aProgramThatEndsBadlyHasFailedWhateverItSays() throws IOException, InterruptedException {
        Report report = run(
                "echo '{\"cases\": [{\"name\": \"a\", \"result\": \"passed\"}]}' >\"$2\"; exit 3",
                Duration.ofMinutes(1));
        assertThat(report.passed()).isFalse();
        assertThat(report.cases())
                .extracting(Report.Case::reason)
                .anyMatch(reason -> reason.startsWith("ended with 3,"));
    }

    @Test
    void aProgramThatDoesNotEndHasFailed() throws IOException, InterruptedException {
        assertThat(run("exec sleep 600", Duration.ofMillis(200)).cases())
                .singleElement()
                .satisfies(each -> assertThat(each.reason()).startsWith("not done within 0 s,"));
    }

    @Test
    void aTableSaysWhatFailedAndWhatWasSkippedAndWhy() {
        Map<String, Report> parts = new LinkedHashMap<>();
        parts.put(
                "one",
                new Report(
                        List.of(new Report.Case("x", Report.Result.FAILED, "it broke")),
                        100,
                        new TreeMap<>(Map.of("cut", 3L)),
                        new TreeMap<>(Map.of("I1", 7L)),
                        12));
        parts.put("two", Report.of(List.of(new Report.Case("y", Report.Result.SKIPPED, "needs root"))));
        assertThat(LevelTable.of(parts, Map.of("one", 2.0), 2)).isEqualTo("""
                        PART           VERDICT    PASSED   FAILED  SKIPPED     OPERATIONS     FAULTS    EVALUATED  OUTAGE ms   TOOK s
                        one            failed          0        1        0            100          3            7         12        2
                        two            skipped         0        0        1              -          -            -          -        0
                        all            failed          0        1        1            100          3            7         12        2

                        faults by kind: cut 3

                        invariants evaluated: I1 7

                        failed: one x: it broke
                        skipped: two y: needs root
                        """);
    }
}
