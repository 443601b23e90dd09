package io.quorate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.apply.RuleTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of guards names what is there: every rule, and for every guard code and tests that exist. */
class GuardDocsTest {
    private static final Path DOCS = Path.of("../docs/guards.md");
    private static final Path STORIES = Path.of("../statemachine/src/test/resources/scripts/stories");
    private static final List<String> MODULES = List.of("../statemachine", "../server");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    /** A line of the page's tables. */
    private record Row(String guard, String where, String tests) {
        boolean isRule() {
            return where.startsWith("rule");
        }
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(DOCS)) {
            String[] cells = line.split(" *\\| *", -1);
            if (cells.length == 6 && cells[1].matches("[A-Z]\\w+")) {
                assertThat(cells[2]).as(cells[1]).isNotBlank();
                rows.add(new Row(cells[1], cells[3], cells[4]));
            }
        }
        return rows;
    }

    private static NavigableSet<String> rules() {
        NavigableSet<String> names = new TreeSet<>();
        RuleTable.standard().envelope().forEach(guard -> names.add(guard.name()));
        RuleTable.standard().all().forEach(rule -> rule.guards().forEach(guard -> names.add(guard.name())));
        return names;
    }

    private static List<String> words(String text, String heading) {
        String section = text.substring(text.indexOf(heading) + heading.length());
        String listed = section.substring(section.indexOf(":") + 1);
        return Pattern.compile("[A-Z]\\w+")
                .matcher(listed)
                .results()
                .map(found -> found.group())
                .toList();
    }

    @Test
    void everyRuleIsOnThePageOnceAndNoOther() throws IOException {
        List<String> named = new ArrayList<>(
                rows().stream().filter(Row::isRule).map(Row::guard).toList());
        named.addAll(words(Files.readString(DOCS), "## Further rules"));
        assertThat(named).containsExactlyInAnyOrderElementsOf(rules());
    }

    @Test
    void whatIsNoRuleNamesItsCodeAndATestThatFailsWithoutIt() throws IOException {
        List<Row> others = rows().stream().filter(row -> !row.isRule()).toList();
        assertThat(others).hasSizeGreaterThan(10);
        assertThat(others).allSatisfy(row -> {
            assertThat(row.guard()).isNotIn(rules());
            assertThat(row.where()).isNotBlank();
            assertThat(QUOTED.matcher(row.tests()).find()).isTrue();
        });
    }

    @Test
    void theCodeAndTheTestsThatItNamesExist() throws IOException {
        for (Row row : rows()) {
            for (String code : quoted(row.where())) {
                assertThat(exists("src/main/java", code))
                        .as(row.guard() + ": " + code)
                        .isTrue();
            }
            for (String test : quoted(row.tests())) {
                boolean there = test.startsWith("stories/")
                        ? Files.exists(STORIES.resolve(test.substring("stories/".length()) + ".txt"))
                        : test.contains(".") && exists("src/test/java", test);
                assertThat(there).as(row.guard() + ": " + test).isTrue();
            }
            Matcher rule = Pattern.compile("the rules (\\w+) and (\\w+)").matcher(row.where());
            if (rule.find()) {
                assertThat(rules()).contains(rule.group(1), rule.group(2));
            }
        }
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell).results().map(found -> found.group(1)).toList();
    }

    /** A class of ours, or one of its methods. */
    private static boolean exists(String tree, String name) throws IOException {
        String[] parts = name.split("\\.", 2);
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Path.of(module, tree))) {
                List<Path> found =
                        files.filter(file -> file.endsWith(parts[0] + ".java")).toList();
                if (found.size() == 1) {
                    return parts.length == 1
                            || Pattern.compile("\\b" + parts[1] + "\\(")
                                    .matcher(Files.readString(found.get(0)))
                                    .find();
                }
            }
        }
        return false;
    }
}
