package io.quorate.jepsen.history;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Forms of histories on disk; in each, lines are in the order of real time. */
public enum HistoryFormat {
    /** {@code INFO  jepsen.util - PROCESS :TYPE :FUNCTION VALUE}, with tabs or spaces between: one register, as Jepsen logs it. */
    JEPSEN_LOG("jepsen-log") {
        @Override
        boolean begins(String line) {
            return line.startsWith("INFO");
        }

        @Override
        Optional<Event> parse(int number, String line) throws HistoryException {
            if (NEMESIS.matcher(line).find()) {
                return Optional.empty();
            }
            Matcher parts = matched(LOGGED, number, line);
            String value = parts.group(4);
            return event(number, parts, parts.group(3), "", value);
        }

        @Override
        Calls<?, ?> calls(String firstLine) {
            return new RegisterCalls();
        }
    },

    /** {@code {:process P, :type :TYPE, :f :FUNCTION, :key "K", :value nil|"V"}}: texts by their keys. */
    EDN_LINES("edn-lines") {
        @Override
        boolean begins(String line) {
            return line.startsWith("{");
        }

        @Override
        Optional<Event> parse(int number, String line) throws HistoryException {
            Matcher parts = matched(EDN, number, line);
            String value = parts.group(5) == null ? "" : unescaped(parts.group(5));
            return event(number, parts, parts.group(3), unescaped(parts.group(4)), value);
        }

        @Override
        Calls<?, ?> calls(String firstLine) {
            return new AppendCalls();
        }
    },

    /**
     * First {@code # quorate-history 1 MODEL}, MODEL one of register, append and lock; then
     * {@code NANOS\tCLIENT\tTYPE\tFUNCTION\tKEY\tVALUE}. NANOS are for the reader.
     */
    QUORATE("quorate") {
        @Override
        boolean begins(String line) {
            return line.startsWith("# quorate-history ");
        }

        @Override
        Optional<Event> parse(int number, String line) throws HistoryException {
            if (line.startsWith("#")) {
                return Optional.empty();
            }
            Matcher parts = matched(TABS, number, line);
            return event(number, parts, parts.group(3), parts.group(4), parts.group(5));
        }

        @Override
        Calls<?, ?> calls(String firstLine) throws HistoryException {
            return switch (firstLine) {
                case "# quorate-history 1 register" -> new RegisterCalls();
                case "# quorate-history 1 append" -> new AppendCalls();
                case "# quorate-history 1 lock" -> new LockCalls();
                default ->
                    throw new HistoryException(
                            1, "begins with '# quorate-history 1 MODEL', MODEL one of register, append and lock");
            };
        }
    };

    private static final String TYPE = "(invoke|ok|fail|info)";
    private static final Pattern NEMESIS = Pattern.compile("^INFO\\s+jepsen\\.util - :nemesis\\s");
    private static final Pattern LOGGED =
            Pattern.compile("INFO\\s+jepsen\\.util - (\\d+)\\s+:" + TYPE + "\\s+:(\\w+)\\s+(.*?)\\s*");
    private static final String TEXT = "\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"";
    private static final Pattern EDN = Pattern.compile(
            "\\{:process (\\d+), :type :" + TYPE + ", :f :(\\w+), :key " + TEXT + ", :value (?:nil|" + TEXT + ")}");
    private static final Pattern TABS =
            Pattern.compile("\\d+\\t([^\\t]+)\\t" + TYPE + "\\t(\\w+)\\t([^\\t]*)\\t([^\\t]*)");

    private final String word;

    HistoryFormat(String word) {
        this.word = word;
    }

    /** As people write it. */
    public String word() {
        return word;
    }

    abstract boolean begins(String line);

    abstract Optional<Event> parse(int number, String line) throws HistoryException;

    abstract Calls<?, ?> calls(String firstLine) throws HistoryException;

    /** Reads a file of a form that its first line tells. */
    public static History<?, ?> read(Path file) throws IOException, HistoryException {
        List<String> lines = lines(file);
        for (HistoryFormat format : values()) {
            if (format.begins(lines.get(0))) {
                return format.history(lines);
            }
        }
        throw new HistoryException(1, "is of no known form (jepsen-log, edn-lines, quorate)");
    }

    /** Reads a file of this form. */
    public History<?, ?> readAs(Path file) throws IOException, HistoryException {
        List<String> lines = lines(file);
        if (!begins(lines.get(0))) {
            throw new HistoryException(1, "does not begin as a file of the form " + word);
        }
        return history(lines);
    }

    private static List<String> lines(Path file) throws IOException, HistoryException {
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (lines.isEmpty()) {
                throw new HistoryException(0, "is empty");
            }
            return lines;
        } catch (MalformedInputException e) {
            throw new HistoryException(0, "is not text in UTF-8");
        }
    }

    private History<?, ?> history(List<String> lines) throws HistoryException {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                parse(i + 1, lines.get(i)).ifPresent(events::add);
            }
        }
        return History.of(calls(lines.get(0)), events);
    }

    private static Matcher matched(Pattern pattern, int number, String line) throws HistoryException {
        Matcher parts = pattern.matcher(line);
        if (!parts.matches()) {
            throw new HistoryException(number, "is not a line of a history: " + shortened(line));
        }
        return parts;
    }

    private static Optional<Event> event(int number, Matcher parts, String function, String key, String value) {
        return Optional.of(new Event(number, parts.group(1), Event.Type.of(parts.group(2)), function, key, value));
    }

    private static String unescaped(String text) {
        return text.indexOf('\\') < 0 ? text : text.replaceAll("\\\\(.)", "$1");
    }

    private static String shortened(String line) {
        int most = 80;
        return line.length() <= most ? line : line.substring(0, most) + "…";
    }
}
