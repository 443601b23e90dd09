package io.quorate.jepsen.report;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What came of a run of checks. As JSON: {@code cases}, a list of objects with {@code name}, {@code result} and, unless it passed,
 * {@code reason}; {@code operations}, {@code faults} and {@code evaluated} (objects of numbers), {@code worstOutageMillis}.
 *
 * @param operations that were done while somebody looked: calls of clients, or events
 * @param faults how often each kind took effect
 * @param evaluated how often each invariant was looked at
 * @param worstOutageMillis the longest time without an answer; 0 where nobody asked
 */
public record Report(
        List<Case> cases,
        long operations,
        SortedMap<String, Long> faults,
        SortedMap<String, Long> evaluated,
        double worstOutageMillis) {

    /** Nothing was done. */
    public static final Report NONE = of(List.of());

    /** How a check ended; the words are those of the JSON form. */
    public enum Result {
        PASSED,
        FAILED,
        SKIPPED;

        /** As people read it. */
        public String word() {
            return switch (this) {
                case PASSED -> "passed";
                case FAILED -> "failed";
                case SKIPPED -> "skipped";
            };
        }

        private static Result of(String word) {
            for (Result result : values()) {
                if (result.word().equals(word)) {
                    return result;
                }
            }
            throw new IllegalArgumentException("'" + word + "' is none of passed, failed, skipped");
        }
    }

    /**
     * One check.
     *
     * @param reason empty when it passed
     * @param more what else is to be known of it, name and value; a value is a number or text
     */
    public record Case(String name, Result result, String reason, Map<String, Object> more) {
        public Case {
            more = Collections.unmodifiableMap(more);
        }

        /** With nothing more to be known of it. */
        public Case(String name, Result result, String reason) {
            this(name, result, reason, Map.of());
        }
    }

    /** Of which nothing but its cases is known. */
    public static Report of(List<Case> cases) {
        return new Report(cases, 0, new TreeMap<>(), new TreeMap<>(), 0);
    }

    public Report {
        cases = List.copyOf(cases);
        faults = Collections.unmodifiableSortedMap(faults);
        evaluated = Collections.unmodifiableSortedMap(evaluated);
    }

    /** Whether nothing failed. */
    public boolean passed() {
        return cases.stream().noneMatch(each -> each.result() == Result.FAILED);
    }

    /** How many cases ended so. */
    public long count(Result result) {
        return cases.stream().filter(each -> each.result() == result).count();
    }

    /** Both runs as one. */
    public Report plus(Report other) {
        List<Case> all = new ArrayList<>(cases);
        all.addAll(other.cases);
        return new Report(
                all,
                operations + other.operations,
                sum(faults, other.faults),
                sum(evaluated, other.evaluated),
                Math.max(worstOutageMillis, other.worstOutageMillis));
    }

    private static SortedMap<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
        SortedMap<String, Long> sum = new TreeMap<>(one);
        other.forEach((name, number) -> sum.merge(name, number, Long::sum));
        return sum;
    }

    /** Writes it as JSON. */
    public void write(Path file) throws IOException {
        ListValue.Builder list = ListValue.newBuilder();
        for (Case each : cases) {
            Struct.Builder entry = Struct.newBuilder()
                    .putFields("name", text(each.name()))
                    .putFields("result", text(each.result().word()));
            if (!each.reason().isEmpty()) {
                entry.putFields("reason", text(each.reason().replaceAll("\\s+", " ")));
            }
            each.more()
                    .forEach((name, value) -> entry.putFields(
                            name,
                            value instanceof Number number ? number(number.doubleValue()) : text(value.toString())));
            list.addValues(Value.newBuilder().setStructValue(entry));
        }
        Struct root = Struct.newBuilder()
                .putFields("cases", Value.newBuilder().setListValue(list).build())
                .putFields("operations", number((double) operations))
                .putFields("faults", numbers(faults))
                .putFields("evaluated", numbers(evaluated))
                .putFields("worstOutageMillis", number(worstOutageMillis))
                .build();
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, JsonFormat.printer().print(root) + "\n");
    }

    /**
     * Reads what was written. Only the cases must be there, and what more is known of them is left out.
     *
     * @throws IOException also when it is not of this form
     */
    public static Report read(Path file) throws IOException {
        Struct.Builder parsed = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(Files.readString(file), parsed);
            Struct root = parsed.build();
            List<Case> cases = new ArrayList<>();
            for (Value value : root.getFieldsOrThrow("cases").getListValue().getValuesList()) {
                Struct entry = value.getStructValue();
                cases.add(new Case(
                        entry.getFieldsOrThrow("name").getStringValue(),
                        Result.of(entry.getFieldsOrThrow("result").getStringValue()),
                        entry.getFieldsOrDefault("reason", text("")).getStringValue()));
            }
            return new Report(
                    cases,
                    (long) root.getFieldsOrDefault("operations", number(0)).getNumberValue(),
                    numbers(root, "faults"),
                    numbers(root, "evaluated"),
                    root.getFieldsOrDefault("worstOutageMillis", number(0)).getNumberValue());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is no report: " + e.getMessage(), e);
        }
    }

    private static SortedMap<String, Long> numbers(Struct root, String name) {
        SortedMap<String, Long> numbers = new TreeMap<>();
        root.getFieldsOrDefault(name, Value.getDefaultInstance())
                .getStructValue()
                .getFieldsMap()
                .forEach((key, value) -> numbers.put(key, (long) value.getNumberValue()));
        return numbers;
    }

    private static Value numbers(SortedMap<String, Long> numbers) {
        Struct.Builder all = Struct.newBuilder();
        numbers.forEach((name, number) -> all.putFields(name, number((double) number)));
        return Value.newBuilder().setStructValue(all).build();
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(Math.round(number * 10) / 10.0).build();
    }
}
