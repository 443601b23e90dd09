package io.quorate.jepsen.level;

import io.quorate.jepsen.report.Report;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** What came of a level, for people. */
final class LevelTable {
    private static final String ROW = "%-14s %-8s %8s %8s %8s %14s %10s %12s %10s %8s%n";

    private LevelTable() {}

    /**
     * @param parts what came of each part
     * @param seconds that each took
     * @param took how many all took, some of them at the same time
     */
    static String of(Map<String, Report> parts, Map<String, Double> seconds, double took) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                ROW,
                "PART",
                "VERDICT",
                "PASSED",
                "FAILED",
                "SKIPPED",
                "OPERATIONS",
                "FAULTS",
                "EVALUATED",
                "OUTAGE ms",
                "TOOK s"));
        Report all = Report.NONE;
        for (Map.Entry<String, Report> part : parts.entrySet()) {
            row(text, part.getKey(), part.getValue(), seconds.getOrDefault(part.getKey(), 0.0));
            all = all.plus(part.getValue());
        }
        row(text, "all", all, took);
        list(text, "faults by kind", all.faults());
        list(text, "invariants evaluated", all.evaluated());
        parts.forEach((part, report) -> report.cases().stream()
                .filter(each -> each.result() != Report.Result.PASSED)
                .forEach(each -> text.append(
                        "%n%s: %s %s: %s".formatted(each.result().word(), part, each.name(), each.reason()))));
        return text.append(text.charAt(text.length() - 1) == '\n' ? "" : "\n").toString();
    }

    private static void row(StringBuilder text, String name, Report report, double seconds) {
        text.append(String.format(
                Locale.ROOT,
                ROW,
                name,
                verdict(report),
                report.count(Report.Result.PASSED),
                report.count(Report.Result.FAILED),
                report.count(Report.Result.SKIPPED),
                some(report.operations()),
                some(sum(report.faults())),
                some(sum(report.evaluated())),
                report.worstOutageMillis() == 0 ? "-" : String.format(Locale.ROOT, "%.0f", report.worstOutageMillis()),
                String.format(Locale.ROOT, "%.0f", seconds)));
    }

    private static String verdict(Report report) {
        if (!report.passed()) {
            return "failed";
        }
        return report.count(Report.Result.PASSED) == 0 ? "skipped" : "passed";
    }

    private static String some(long number) {
        return number == 0 ? "-" : Long.toString(number);
    }

    private static long sum(SortedMap<String, Long> numbers) {
        return numbers.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void list(StringBuilder text, String title, SortedMap<String, Long> numbers) {
        if (!numbers.isEmpty()) {
            text.append(numbers.entrySet().stream()
                    .map(each -> each.getKey() + " " + each.getValue())
                    .collect(Collectors.joining(", ", "\n" + title + ": ", "\n")));
        }
    }
}
