package io.quorate.jepsen.history;

import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Recorded histories of other systems, with the verdict of another checker beside each. They are data of other projects: they lie
 * beside the repository, not in it.
 */
final class GivenHistories {
    /** Names another place. */
    static final String PLACE = "QUORATE_HISTORIES";

    private static final String TABLE = "VERDICTS.tsv";
    private static final int FILE = 0;
    private static final int OPERATIONS = 3;
    private static final int VERDICT = 4;
    private static final int MILLIS = 5;

    private GivenHistories() {}

    /**
     * What came of all of them.
     *
     * @param millis that all took
     * @param theirMillis that the other checker took
     */
    record Outcome(Report report, double millis, double theirMillis) {}

    /** @param repository the top directory */
    static Path place(Path repository) {
        String elsewhere = System.getenv(PLACE);
        return elsewhere != null
                ? Path.of(elsewhere)
                : repository
                        .toAbsolutePath()
                        .resolve("../shared/data/histories")
                        .normalize();
    }

    static boolean areIn(Path place) {
        return Files.isRegularFile(place.resolve(TABLE));
    }

    /** Checks those of the table that is there. */
    static Outcome check(Path place, long mostPlaces) throws IOException {
        List<Report.Case> cases = new ArrayList<>();
        double theirs = 0;
        long operations = 0;
        long began = System.nanoTime();
        List<String> rows = Files.readAllLines(place.resolve(TABLE));
        for (String row : rows.subList(1, rows.size())) {
            String[] columns = row.split("\t", -1);
            String found = verdict(place.resolve(columns[FILE]), mostPlaces);
            boolean right = found.equals(columns[VERDICT]);
            cases.add(new Report.Case(
                    columns[FILE],
                    right ? Report.Result.PASSED : Report.Result.FAILED,
                    right ? "" : "it is " + columns[VERDICT] + ", not " + found));
            theirs += Double.parseDouble(columns[MILLIS]);
            operations += Long.parseLong(columns[OPERATIONS]);
        }
        double millis = (System.nanoTime() - began) / 1e6;
        TreeMap<String, Long> evaluated = new TreeMap<>();
        evaluated.put("given verdicts", (long) cases.size());
        return new Outcome(new Report(cases, operations, new TreeMap<>(), evaluated, 0), millis, theirs);
    }

    private static String verdict(Path file, long mostPlaces) throws IOException {
        try {
            return HistoryCheck.of(HistoryFormat.read(file), mostPlaces)
                    .verdict()
                    .toString();
        } catch (HistoryException e) {
            return "unreadable: line " + e.line() + ": " + e.getMessage();
        }
    }
}
