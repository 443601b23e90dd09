package io.quorate.statemachine.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the scripts: lines of commands, {@code ----}, the expected answers, a blank line. The scripts in {@code guards/}
 * are named after a guard: they must pass with it, and fail when it is taken out of the rule table.
 */
class ScriptTest {
    @TestFactory
    Stream<DynamicTest> everyScriptAnswersAsWritten() throws IOException {
        return scripts("scripts")
                .map(script -> DynamicTest.dynamicTest(
                        script.getFileName().toString(),
                        () -> assertThat(run(script, RuleTable.standard())).isEqualTo(text(script))));
    }

    @TestFactory
    Stream<DynamicTest> withoutItsGuardAScriptFails() throws IOException {
        return scripts("scripts/guards")
                .map(script -> DynamicTest.dynamicTest("without " + guard(script), () -> {
                    String actual;
                    try {
                        actual = run(script, RuleTable.standard().without(guard(script)));
                    } catch (RuntimeException defect) {
                        actual = "defect: " + defect.getMessage();
                    }
                    assertThat(actual).isNotEqualTo(text(script));
                }));
    }

    /** A guard that no script names is a guard whose removal nobody notices. */
    @Test
    void everyGuardHasAScript() throws IOException {
        NavigableSet<String> scripts = new TreeSet<>();
        scripts("scripts/guards").forEach(script -> scripts.add(guard(script)));
        NavigableSet<String> guards = new TreeSet<>();
        RuleTable.standard().envelope().forEach(guard -> guards.add(guard.name()));
        RuleTable.standard().all().forEach(rule -> rule.guards().forEach(guard -> guards.add(guard.name())));
        assertThat(scripts).isEqualTo(guards);
    }

    private static Stream<Path> scripts(String folder) throws IOException {
        Path root;
        try {
            root = Path.of(
                    Objects.requireNonNull(ScriptTest.class.getClassLoader().getResource(folder))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(path -> path.toString().endsWith(".txt")).sorted().toList().stream();
        }
    }

    private static String guard(Path script) {
        return script.getFileName().toString().replace(".txt", "");
    }

    private static String text(Path script) throws IOException {
        try (InputStream in = Files.newInputStream(script)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        }
    }

    /** The script with its answers as they are: equal to its text when all are as written. */
    private static String run(Path path, RuleTable rules) throws IOException {
        Script script = new Script(rules);
        List<String> out = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        boolean expected = false;
        for (String line : text(path).split("\n", -1)) {
            if (line.equals("----")) {
                expected = true;
                out.add(line);
                out.addAll(answers);
                answers.clear();
            } else if (line.isBlank()) {
                expected = false;
                out.add(line);
            } else if (!expected) {
                out.add(line);
                if (!line.startsWith("#")) {
                    answers.add(script.run(line));
                }
            }
        }
        return String.join("\n", out).stripTrailing();
    }
}
