package io.quorate.statemachine.model;

import com.google.protobuf.Duration;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Checks of single values that collect violations for one manifest at a time. Bounded; not for several threads. */
final class FieldChecks {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    static final Pattern PARAMETER_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final Pattern SECRET_NAME = Pattern.compile(
            "(.*_)?(pass|pwd|secret|community|token|credential|credentials)|.*_key|.*(password|passwd|passphrase|apikey)");
    private static final String NAME_RULE =
            "a name has 1 to 64 letters, digits, dots, underscores and dashes, and begins with a letter or a digit";

    private final List<Violation> found = new ArrayList<>();
    private final int index;

    FieldChecks(int index) {
        this.index = index;
    }

    List<Violation> found() {
        return List.copyOf(found);
    }

    static boolean isSecretName(String name) {
        return SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    void add(String field, String message, String nextStep) {
        if (found.size() < ManifestLimits.MAX_VIOLATIONS) {
            found.add(new Violation(index, field, message, nextStep, -1));
        }
    }

    void name(String field, String name) {
        if (!NAME.matcher(name).matches()) {
            add(field, name.isEmpty() ? "a name is missing" : "'" + shown(name) + "' is not a name", NAME_RULE);
        }
    }

    void names(String field, List<String> names, int max) {
        atMost(field, names.size(), max, "names");
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < Math.min(names.size(), max); i++) {
            name(field + "[" + i + "]", names.get(i));
            if (seen.contains(names.get(i))) {
                add(field + "[" + i + "]", "'" + shown(names.get(i)) + "' is named twice", "remove one");
            }
            seen.add(names.get(i));
        }
    }

    boolean atMost(String field, int count, int max, String what) {
        if (count > max) {
            add(field, count + " " + what + " are too many", "at most " + max);
        }
        return count <= max;
    }

    void range(String field, long value, long min, long max) {
        if (value < min || value > max) {
            add(field, value + " is out of range", "from " + grouped(min) + " to " + grouped(max));
        }
    }

    void score(String field, long value) {
        range(field, value, -ManifestLimits.MAX_SCORE, ManifestLimits.MAX_SCORE);
    }

    /** Checks a duration in whole milliseconds, both ends included. */
    void duration(String field, Duration value, long minMillis, long maxMillis) {
        boolean wellFormed = value.getNanos() >= 0 && value.getNanos() < 1_000_000_000;
        if (!wellFormed || value.getNanos() % 1_000_000 != 0) {
            add(field, "a duration has whole milliseconds", "");
            return;
        }
        boolean huge = value.getSeconds() > ManifestLimits.MAX_DURATION_MILLIS / 1000 || value.getSeconds() < 0;
        long millis = huge ? 0 : value.getSeconds() * 1000 + value.getNanos() / 1_000_000;
        if (huge || millis < minMillis || millis > maxMillis) {
            add(field, "the duration is out of range", "from " + spoken(minMillis) + " to " + spoken(maxMillis));
        }
    }

    void timeout(String field, Duration value) {
        duration(field, value, 1, ManifestLimits.MAX_TIMEOUT_MILLIS);
    }

    void interval(String field, Duration value) {
        duration(field, value, ManifestLimits.MIN_INTERVAL_MILLIS, ManifestLimits.MAX_TIMEOUT_MILLIS);
    }

    /** A value that reaches an agent through its environment or a line of its standard input. */
    void oneLine(String field, String value) {
        if (value.indexOf('\0') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
            add(field, "the value contains a NUL or a line break, which agents cannot receive", "write it in one line");
        }
        noLongerThan(field, value, ManifestLimits.MAX_VALUE_BYTES);
    }

    void noLongerThan(String field, String value, int maxBytes) {
        boolean longer = value.length() > maxBytes
                || (value.length() > maxBytes / 4 && value.getBytes(StandardCharsets.UTF_8).length > maxBytes);
        if (longer) {
            add(field, "the value is longer than " + spokenBytes(maxBytes), "");
        }
    }

    void noNul(String field, String value) {
        if (value.indexOf('\0') >= 0) {
            add(field, "the value contains a NUL", "remove it");
        }
    }

    void absolutePath(String field, String path) {
        oneLine(field, path);
        if (!path.startsWith("/") || (path + "/").contains("/../")) {
            add(field, "'" + shown(path) + "' is not an absolute path", "begin with / and leave out '..'");
        }
    }

    void labels(String field, Map<String, String> labels) {
        if (!atMost(field, labels.size(), ManifestLimits.MAX_LABELS, "labels")) {
            return;
        }
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            String at = field + "." + label.getKey();
            name(at, label.getKey());
            oneLine(at, label.getValue());
            noLongerThan(at, label.getValue(), ManifestLimits.MAX_LABEL_BYTES);
        }
    }

    void utilization(String field, Map<String, Long> amounts) {
        if (!atMost(field, amounts.size(), ManifestLimits.MAX_LABELS, "amounts")) {
            return;
        }
        for (Map.Entry<String, Long> amount : new TreeMap<>(amounts).entrySet()) {
            String at = field + "." + amount.getKey();
            name(at, amount.getKey());
            range(at, amount.getValue(), 0, 1_000_000_000_000L);
        }
    }

    static String shown(String text) {
        StringBuilder safe = new StringBuilder();
        text.chars().limit(64).forEach(c -> safe.append(Character.isISOControl(c) ? '?' : (char) c));
        return text.length() > 64 ? safe + "..." : safe.toString();
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String spokenBytes(int bytes) {
        return bytes % 1024 == 0 ? bytes / 1024 + " KiB" : bytes + " bytes";
    }

    private static String spoken(long millis) {
        if (millis % 3_600_000 == 0 && millis > 0) {
            return millis / 3_600_000 + "h";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
