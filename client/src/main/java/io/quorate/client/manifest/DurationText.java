package io.quorate.client.manifest;

import com.google.protobuf.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as files write them: "1500ms", "5s", "10m", "1h". */
public final class DurationText {
    private static final Pattern WHOLE = Pattern.compile("([0-9]{1,18})(ms|s|m|h)");
    private static final Map<String, Long> UNIT_MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
    private static final long MAX_MILLIS = 315_576_000_000L * 1000; // the largest that the wire can carry

    private DurationText() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException with a message for people when the text is none
     */
    public static Duration parse(String text) {
        Matcher matcher = WHOLE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(whyNot(text));
        }
        long unit = UNIT_MILLIS.getOrDefault(matcher.group(2), 1L);
        long amount = Long.parseLong(matcher.group(1));
        if (amount > MAX_MILLIS / unit) {
            throw new IllegalArgumentException("'" + text + "' is too long a duration");
        }
        return ofMillis(amount * unit);
    }

    /** A duration as text, in the largest unit that divides it; parts of a millisecond are dropped. */
    public static String format(Duration duration) {
        long millis = millis(duration);
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 3600 == 0 && seconds != 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 && seconds != 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /** The milliseconds of a duration. */
    public static long millis(Duration duration) {
        return duration.getSeconds() * 1000 + duration.getNanos() / 1_000_000;
    }

    /** A duration of so many milliseconds. */
    public static Duration ofMillis(long millis) {
        return Duration.newBuilder()
                .setSeconds(Math.floorDiv(millis, 1000L))
                .setNanos((int) Math.floorMod(millis, 1000L) * 1_000_000)
                .build();
    }

    private static String whyNot(String text) {
        String shown = "'" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "'";
        if (text.matches("[0-9]+")) {
            return shown + " has no unit; write for example " + (text.length() > 6 ? "10" : text) + "s";
        }
        if (text.startsWith("-")) {
            return shown + " is negative";
        }
        if (text.matches("[0-9]{19,}(ms|s|m|h)")) {
            return shown + " is too long a duration";
        }
        if (text.matches("[0-9]*\\.[0-9]+(ms|s|m|h)")) {
            return shown + " has a fraction; use a smaller unit, for example 1500ms";
        }
        if (text.matches("([0-9]+(ms|s|m|h)){2,}")) {
            return shown + " has two units; use one, for example 90s";
        }
        return shown + " is not a duration; write for example 1500ms, 5s, 10m or 1h";
    }
}
