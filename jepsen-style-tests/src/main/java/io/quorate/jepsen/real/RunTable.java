package io.quorate.jepsen.real;

import io.quorate.jepsen.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Prints runs as tables. */
final class RunTable {
    /** What each run is judged by. */
    private static final List<String> CHECKS =
            List.of("back by itself", "digests", "growth", "linearizable", "reads", "single owner", "watches");

    private static final String ROW = "%-4s %-7s %-20s %7s %6s %10s %10s %10s %-13s %-5s %-6s %9s %6s  %s%n";

    private RunTable() {}

    static String header() {
        return String.format(
                Locale.ROOT,
                ROW,
                "RUN",
                "VERDICT",
                "SEED",
                "OPS",
                "OPS/s",
                "OUTAGE ms",
                "SERVICE ms",
                "OVERLAP ms",
                "HISTORY",
                "WATCH",
                "DIGEST",
                "BACK IN s",
                "TOOK s",
                "FAULTS");
    }

    static String row(RunResult run) {
        return String.format(
                Locale.ROOT,
                ROW,
                run.number(),
                run.verdict().word(),
                run.seed(),
                run.operations(),
                run.perSecond(),
                whole(run.outageMillis()),
                whole(run.serviceMillis()),
                whole(run.overlapMillis()),
                run.history(),
                run.watch(),
                run.digest(),
                run.recoveredSeconds() < 0 ? "never" : whole(run.recoveredSeconds()),
                whole(run.tookSeconds()),
                String.join(", ", run.faults()));
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%.0f", number);
    }

    /** @param missing kinds of faults that no run had, with the reason */
    static String summary(List<RunResult> runs, Map<String, String> missing) {
        TreeMap<String, Integer> kinds = new TreeMap<>();
        runs.forEach(run -> run.kinds().forEach(kind -> kinds.merge(kind, 1, Integer::sum)));
        StringBuilder text = new StringBuilder();
        text.append("faults by kind    ").append(kinds).append('\n');
        line(text, "operations", runs.stream().mapToLong(RunResult::operations).sum());
        line(
                text,
                "least ops/s",
                runs.stream().mapToLong(RunResult::perSecond).min().orElse(0));
        line(text, "worst outage ms", max(runs.stream().mapToDouble(RunResult::outageMillis)));
        line(text, "worst of service", max(runs.stream().mapToDouble(RunResult::serviceMillis)));
        line(text, "worst overlap ms", max(runs.stream().mapToDouble(RunResult::overlapMillis)));
        line(text, "slowest back s", max(runs.stream().mapToDouble(RunResult::recoveredSeconds)));
        line(text, "illegal histories", bad(runs, run -> !run.history().equals("linearizable")));
        line(text, "watch violations", bad(runs, run -> !run.watch().equals("ok")));
        line(text, "digests differ", bad(runs, run -> !run.digest().equals("ok")));
        missing.forEach((kind, why) -> text.append("skipped           ")
                .append(kind)
                .append(": ")
                .append(why)
                .append('\n'));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long number) {
        text.append(String.format(Locale.ROOT, "%-17s %d%n", name, number));
    }

    private static long max(java.util.stream.DoubleStream numbers) {
        return Math.round(numbers.max().orElse(0));
    }

    private static long bad(List<RunResult> runs, java.util.function.Predicate<RunResult> is) {
        return runs.stream().filter(is).count();
    }

    /** @param unplayed how many runs were not played */
    static String totals(List<RunResult> runs, int unplayed) {
        return count(runs, Report.Result.PASSED) + " passed, " + count(runs, Report.Result.FAILED) + " failed, "
                + (count(runs, Report.Result.SKIPPED) + unplayed) + " skipped";
    }

    private static long count(List<RunResult> runs, Report.Result verdict) {
        return runs.stream().filter(run -> run.verdict() == verdict).count();
    }

    /** As other programs read it. */
    static Report report(List<RunResult> runs) {
        List<Report.Case> cases = new ArrayList<>();
        TreeMap<String, Long> faults = new TreeMap<>();
        TreeMap<String, Long> evaluated = new TreeMap<>();
        long operations = 0;
        double worst = 0;
        for (RunResult run : runs) {
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("title", "seed " + run.seed() + ": " + String.join(", ", run.faults()));
            more.put("operations", run.operations());
            more.put("operationsPerSecond", run.perSecond());
            more.put("clientOutageMillis", run.outageMillis());
            more.put("serviceOutageMillis", run.serviceMillis());
            more.put("overlapMillis", run.overlapMillis());
            more.put("history", run.history());
            more.put("watch", run.watch());
            more.put("digest", run.digest());
            more.put("recoveredSeconds", run.recoveredSeconds());
            cases.add(new Report.Case("run " + run.number(), run.verdict(), run.reason(), more));
            run.kinds().forEach(kind -> faults.merge(kind, 1L, Long::sum));
            operations += run.operations();
            worst = Math.max(worst, Math.max(run.outageMillis(), run.serviceMillis()));
            CHECKS.forEach(check -> evaluated.merge(check, 1L, Long::sum));
        }
        return new Report(cases, operations, faults, evaluated, worst);
    }
}
