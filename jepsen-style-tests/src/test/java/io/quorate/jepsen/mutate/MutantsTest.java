package io.quorate.jepsen.mutate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.statemachine.apply.RuleTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutants are in step with the sources and with docs/guards.md. That somebody notices them is for {@code bin/mutate}. */
class MutantsTest {
    private static final Path ROOT = Path.of("..");

    private static List<Mutant> mutants() throws IOException {
        return Mutant.all(Path.of("mutants"));
    }

    @Test
    void eachIsOfTheSourceAsItReads() throws IOException {
        for (Mutant mutant : mutants()) {
            assertThat(mutant.applied(ROOT)).as(mutant.name()).isNotEmpty();
        }
    }

    @Test
    void everyTestThatThePageNamesIsThatOfAMutant() throws IOException {
        NavigableSet<String> rules = new TreeSet<>();
        RuleTable.standard().all().forEach(rule -> rule.guards().forEach(guard -> rules.add(guard.name())));
        RuleTable.standard().envelope().forEach(guard -> rules.add(guard.name()));
        for (Map.Entry<String, List<String>> guard : GuardPage.read(ROOT).entrySet()) {
            NavigableSet<String> tests = new TreeSet<>();
            for (Mutant mutant : mutants()) {
                if (mutant.guard().equals(guard.getKey())) {
                    tests.addAll(mutant.tests());
                }
            }
            assertThat(tests).as(guard.getKey()).containsAll(guard.getValue());
            assertThat(rules.contains(guard.getKey()) || !guard.getValue().isEmpty())
                    .as(guard.getKey() + " is a rule, or has a test")
                    .isTrue();
        }
    }

    @Test
    void oneWhoseTextIsNotThereExactlyOnceIsRefused(@TempDir Path root) throws IOException {
        Mutant mutant = Mutant.of("Hope", "source A.java\ntest ATest.a\n<<<<\n    b\n====\n>>>>\n");
        Files.writeString(root.resolve("A.java"), "a\n    b\nc\n");
        assertThat(mutant.applied(root)).isEqualTo("a\nc\n");
        Files.writeString(root.resolve("A.java"), "a\n    b\n    b\n");
        assertThatThrownBy(() -> mutant.applied(root)).hasMessageContaining("mutants/Hope: its text is more than once");
        Files.writeString(root.resolve("A.java"), "a\nc\n");
        assertThatThrownBy(() -> mutant.applied(root)).hasMessageContaining("mutants/Hope: its text is not in A.java");
    }

    @Test
    void whatSaysNothingIsRefused() {
        assertThatThrownBy(() -> Mutant.of("Hope", "source A.java\n====\n")).hasMessageContaining("mutants/Hope wants");
        assertThatThrownBy(() -> Mutant.of("Hope", "sauce A.java\n<<<<\na\n====\nb\n>>>>\n"))
                .hasMessageContaining("what is \"sauce A.java\"?");
    }
}
