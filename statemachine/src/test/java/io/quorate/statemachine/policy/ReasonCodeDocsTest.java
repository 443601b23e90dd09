package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReasonCodeDocsTest {
    private static final Path DOCS = Path.of("../docs/reasons.md");

    @Test
    void everyCodeIsDocumentedWithItsMeaningAndWhatToDo() throws IOException {
        List<String> documented = new ArrayList<>();
        for (String line : Files.readAllLines(DOCS)) {
            String[] cells = line.split(" *\\| *", -1);
            if (cells.length == 6 && cells[1].matches("[A-Z_]+")) {
                documented.add(cells[1] + " " + cells[2] + " " + cells[3]);
                assertTrue(!cells[4].isBlank(), cells[1] + " does not say what to do");
            }
        }
        assertEquals(
                Arrays.stream(ReasonCode.values())
                        .map(code -> code + " " + code.severity() + " " + code.meaning())
                        .toList(),
                documented);
    }
}
