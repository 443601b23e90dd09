package io.quorate.e2e;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Prints outcomes as a table and writes them as JSON. */
final class Report {
    private static final String ROW = "%-5s %-8s %11s %15s %17s %7s  %s%n";

    private Report() {}

    static String header() {
        return String.format(
                Locale.ROOT,
                ROW,
                "CASE",
                "VERDICT",
                "OVERLAP ms",
                "CLIENT SAW ms",
                "HISTORY SAYS ms",
                "TOOK s",
                "WHAT");
    }

    static String row(Outcome outcome) {
        return String.format(
                Locale.ROOT,
                ROW,
                outcome.name(),
                verdict(outcome),
                number(outcome.overlapMillis()),
                number(outcome.clientMillis()),
                number(outcome.reportedMillis()),
                String.format(Locale.ROOT, "%.0f", outcome.seconds()),
                outcome.title());
    }

    private static String verdict(Outcome outcome) {
        return outcome.result().name().toLowerCase(Locale.ROOT);
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, "%.0f", value.getAsDouble()) : "-";
    }

    static String totals(List<Outcome> outcomes) {
        return count(outcomes, Outcome.Result.PASSED) + " passed, " + count(outcomes, Outcome.Result.FAILED)
                + " failed, " + count(outcomes, Outcome.Result.SKIPPED) + " skipped";
    }

    static long count(List<Outcome> outcomes, Outcome.Result result) {
        return outcomes.stream().filter(outcome -> outcome.result() == result).count();
    }

    /** {@code {"cases": […]}}, an object of plain values for each case, as .ci/summary reads it. */
    static void write(Path file, List<Outcome> outcomes) throws IOException {
        ListValue.Builder cases = ListValue.newBuilder();
        for (Outcome outcome : outcomes) {
            Struct.Builder entry = Struct.newBuilder()
                    .putFields("name", text(outcome.name()))
                    .putFields("title", text(outcome.title()))
                    .putFields("result", text(verdict(outcome)));
            if (!outcome.reason().isEmpty()) {
                entry.putFields("reason", text(outcome.reason().replaceAll("\\s+", " ")));
            }
            add(entry, "overlapMillis", outcome.overlapMillis());
            add(entry, "clientOutageMillis", outcome.clientMillis());
            add(entry, "reportedOutageMillis", outcome.reportedMillis());
            entry.putFields("seconds", number(outcome.seconds()));
            cases.addValues(Value.newBuilder().setStructValue(entry));
        }
        Struct root = Struct.newBuilder()
                .putFields("cases", Value.newBuilder().setListValue(cases).build())
                .build();
        Files.writeString(file, JsonFormat.printer().print(root) + "\n");
    }

    private static void add(Struct.Builder entry, String name, OptionalDouble value) {
        value.ifPresent(number -> entry.putFields(name, number(number)));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(round(number)).build();
    }

    private static double round(double number) {
        return Math.round(number * 10) / 10.0;
    }
}
