package io.quorate.jepsen.mutate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** docs/guards.md: the guards of the protocol in its order, and the tests that it names for each. */
final class GuardPage {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private GuardPage() {}

    static Map<String, List<String>> read(Path root) throws IOException {
        Map<String, List<String>> guards = new LinkedHashMap<>();
        for (String line : Files.readAllLines(root.resolve("docs/guards.md"))) {
            String[] cells = line.split(" *\\| *", -1);
            if (cells.length == 6 && cells[1].matches("[A-Z]\\w+")) {
                guards.put(
                        cells[1],
                        QUOTED.matcher(cells[4])
                                .results()
                                .map(found -> found.group(1))
                                .toList());
            }
        }
        return guards;
    }
}
