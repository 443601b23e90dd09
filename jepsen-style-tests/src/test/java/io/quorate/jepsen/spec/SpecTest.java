package io.quorate.jepsen.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The specification speaks of the code that is there, and of every guard: in a model, or with the reason why in none. */
class SpecTest {
    private static final Path SPEC = Path.of("spec");
    private static final Path GUARDS = Path.of("../docs/guards.md");
    private static final List<Path> SOURCES =
            List.of(Path.of("../statemachine/src/main"), Path.of("../server/src/main"), Path.of("../client/src/main"));
    private static final Pattern MODELLED = Pattern.compile("(?m)^ \\* @guard (\\w+) in ([\\w ]+):");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\w+) \\| \\S.*\\|$");
    private static final Pattern TAKEN_OUT = Pattern.compile("\\bNO_([A-Z]\\w+)");

    private static String models() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(SPEC)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".pml"))
                    .sorted()
                    .toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    private static NavigableSet<String> names(Pattern pattern, String text) {
        NavigableSet<String> names = new TreeSet<>();
        pattern.matcher(text).results().map(found -> found.group(1)).forEach(names::add);
        return names;
    }

    @Test
    void everyClassThatAModelNamesIsThere() throws IOException {
        NavigableSet<String> classes = new TreeSet<>();
        for (Path source : SOURCES) {
            try (Stream<Path> files = Files.walk(source)) {
                files.map(path -> String.valueOf(path.getFileName()))
                        .filter(name -> name.endsWith(".java"))
                        .forEach(name -> classes.add(name.substring(0, name.length() - ".java".length())));
            }
        }
        List<MatchResult> modelled = MODELLED.matcher(models()).results().toList();
        assertThat(modelled).hasSizeGreaterThan(20);
        for (MatchResult guard : modelled) {
            assertThat(classes).as(guard.group(1)).contains(guard.group(2).split(" "));
        }
    }

    @Test
    void everyGuardIsModelledOrSaidNotToBe() throws IOException {
        NavigableSet<String> guards = names(ROW, Files.readString(GUARDS));
        guards.remove("guard");
        assertThat(guards).hasSizeGreaterThan(30);
        String readme = Files.readString(SPEC.resolve("README.md"));
        NavigableSet<String> notModelled = names(ROW, readme.substring(readme.indexOf("## Not modelled")));
        notModelled.remove("guard");
        NavigableSet<String> modelled = names(MODELLED, models());
        assertThat(notModelled).doesNotContainAnyElementsOf(modelled);
        NavigableSet<String> known = new TreeSet<>(modelled);
        known.addAll(notModelled);
        assertThat(known).containsAll(guards);
    }

    /** What says that it is in a model can be taken out of it, and what can be taken out is said. */
    @Test
    void everyGuardOfAModelCanBeTakenOut() throws IOException {
        NavigableSet<String> modelled = names(MODELLED, models());
        assertThat(names(TAKEN_OUT, models())).isEqualTo(modelled);
        assertThat(names(TAKEN_OUT, Files.readString(SPEC.resolve("guards.h")))).isEqualTo(modelled);
    }

    @Test
    void aModelHoldsAndMissesEachOfItsGuards() throws IOException, InterruptedException {
        assumeTrue(onPath("spin") && onPath("gcc"), "spin or gcc is not installed");
        Process check = new ProcessBuilder("bin/check-spec", "promote")
                .redirectErrorStream(true)
                .start();
        String table = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(table).isZero();
    }

    private static boolean onPath(String program) {
        String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(":", -1)).anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }
}
