package io.quorate.client.cli.text;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times and durations for people. */
public final class Times {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Times() {}

    public static long millis(Duration duration) {
        return duration.getSeconds() * 1_000 + duration.getNanos() / 1_000_000;
    }

    public static long millis(Timestamp timestamp) {
        return timestamp.getSeconds() * 1_000 + timestamp.getNanos() / 1_000_000;
    }

    /** {@code 0.4 s}, {@code 41 s}, {@code 2 m 10 s}, {@code 3 h 5 m}, {@code 12 d}. */
    public static String span(long millis) {
        long seconds = millis / 1_000;
        if (millis < 10_000) {
            return String.format(Locale.ROOT, "%.1f s", Math.max(0, millis) / 1_000.0);
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " m" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        if (seconds < 86_400) {
            return seconds / 3_600 + " h" + (seconds / 60 % 60 == 0 ? "" : " " + seconds / 60 % 60 + " m");
        }
        return seconds / 86_400 + " d";
    }

    public static String span(Duration duration) {
        return span(millis(duration));
    }

    /** How long ago; empty for a time that is not set. */
    public static String age(Timestamp since, long nowMillis) {
        return isSet(since) ? span(Math.max(0, nowMillis - millis(since))) : "";
    }

    /** Clock time of today, with the date for other days; empty for a time that is not set. */
    public static String moment(Timestamp at, long nowMillis, ZoneId zone) {
        if (!isSet(at)) {
            return "";
        }
        var when = Instant.ofEpochMilli(millis(at)).atZone(zone);
        boolean today = when.toLocalDate()
                .equals(Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate());
        return (today ? CLOCK : DAY).format(when);
    }

    public static boolean isSet(Timestamp time) {
        return time.getSeconds() != 0 || time.getNanos() != 0;
    }
}
