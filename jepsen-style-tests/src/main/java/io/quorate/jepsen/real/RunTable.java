package io.quorate.jepsen.real;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Prints runs as tables and writes them as JSON. */
final class RunTable {
    private static final String ROW = "%-4s %-7s %-20s %7s %6s %10s %10s %10s %-13s %-5s %-6s %9s  %s%n";

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
                "FAULTS");
    }

    static String row(RunResult run) {
        return String.format(
                Locale.ROOT,
                ROW,
                run.number(),
                run.passed() ? "passed" : "failed",
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

    static String totals(List<RunResult> runs, int skipped) {
        long passed = runs.stream().filter(RunResult::passed).count();
        return passed + " passed, " + (runs.size() - passed) + " failed, " + skipped + " skipped";
    }

    /** {@code {"cases": […]}}, an object of plain values for each run, as .ci/summary reads it. */
    static void write(Path file, List<RunResult> runs) throws IOException {
        ListValue.Builder cases = ListValue.newBuilder();
        for (RunResult run : runs) {
            Struct.Builder entry = Struct.newBuilder()
                    .putFields("name", text("run " + run.number()))
                    .putFields("title", text("seed " + run.seed() + ": " + String.join(", ", run.faults())))
                    .putFields("result", text(run.passed() ? "passed" : "failed"));
            if (!run.passed()) {
                entry.putFields("reason", text(String.join("; ", run.failures()).replaceAll("\\s+", " ")));
            }
            entry.putFields("operations", number((double) run.operations()))
                    .putFields("operationsPerSecond", number((double) run.perSecond()))
                    .putFields("clientOutageMillis", number(run.outageMillis()))
                    .putFields("serviceOutageMillis", number(run.serviceMillis()))
                    .putFields("overlapMillis", number(run.overlapMillis()))
                    .putFields("history", text(run.history()))
                    .putFields("watch", text(run.watch()))
                    .putFields("digest", text(run.digest()))
                    .putFields("recoveredSeconds", number(run.recoveredSeconds()));
            cases.addValues(Value.newBuilder().setStructValue(entry));
        }
        Struct root = Struct.newBuilder()
                .putFields("cases", Value.newBuilder().setListValue(cases).build())
                .build();
        Files.writeString(file, JsonFormat.printer().print(root) + "\n");
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(Math.round(number * 10) / 10.0).build();
    }
}
