package io.quorate.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Recorded histories of other systems, with the verdict of another checker beside each. They are data of other projects:
 * they lie beside the repository, not in it. QUORATE_HISTORIES names another place.
 */
class GivenHistoriesTest {
    private static Path histories() {
        String elsewhere = System.getenv("QUORATE_HISTORIES");
        return elsewhere != null
                ? Path.of(elsewhere)
                : Path.of(System.getProperty("quorate.root", ".."))
                        .resolve("../shared/data/histories")
                        .normalize();
    }

    @Test
    void everyVerdictIsTheKnownOne() throws IOException, HistoryException {
        Path verdicts = histories().resolve("VERDICTS.tsv");
        assumeTrue(Files.isRegularFile(verdicts), "the histories with known verdicts are not there: " + verdicts);
        List<String> wrong = new ArrayList<>();
        double theirs = 0;
        long began = System.nanoTime();
        List<String> rows = Files.readAllLines(verdicts);
        for (String row : rows.subList(1, rows.size())) {
            String[] columns = row.split("\t", -1);
            History<?, ?> history = HistoryFormat.read(histories().resolve(columns[0]));
            String found = HistoryCheck.of(history, 4_000_000).verdict().toString();
            if (!found.equals(columns[4])) {
                wrong.add(columns[0] + " is " + columns[4] + ", not " + found);
            }
            theirs += Double.parseDouble(columns[5]);
        }
        System.out.printf(
                "%d histories in %.0f ms; porcupine %.0f ms%n",
                rows.size() - 1, (System.nanoTime() - began) / 1e6, theirs);
        assertThat(wrong).isEmpty();
    }
}
