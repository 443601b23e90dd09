package io.quorate.statemachine.cib;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a CIB writes scores, booleans, times and dates. What cannot be read is empty. */
final class Values {
    /** Pacemaker's "certainly": scores saturate there. */
    static final int INFINITY = 1_000_000;

    /** More instances of one thing than any cluster has: a larger number is a slip, or means "as many as fit". */
    static final int MAX_INSTANCES = 10_000;

    private static final Pattern INTERVAL = Pattern.compile("\\s*(\\d{1,15})\\s*([A-Za-z]*)\\s*");
    private static final Pattern DATE =
            Pattern.compile("(\\d{4})-?(?:(\\d{2})-?(\\d{2})|(\\d{3}))(?:[ T]+(\\d{1,2}):?(\\d{2})?(?::?(\\d{2}))?"
                    + "(?:\\.\\d+)?\\s*(Z|[+-]\\d{2}:?(?:\\d{2})?)?)?");

    private Values() {}

    /** A score within plus and minus infinity; 0 for what is not a number, as Pacemaker takes it. */
    static int score(String text) {
        return switch (text.strip().toUpperCase(Locale.ROOT)) {
            case "INFINITY", "+INFINITY", "INF", "+INF" -> INFINITY;
            case "-INFINITY", "-INF" -> -INFINITY;
            case "RED" -> -INFINITY;
            case "YELLOW", "GREEN" -> 0;
            default -> (int) Math.max(-INFINITY, Math.min(INFINITY, leadingNumber(text)));
        };
    }

    /** Infinity minus infinity is minus infinity: a ban is a ban. */
    static int add(int one, int other) {
        if (one <= -INFINITY || other <= -INFINITY) {
            return -INFINITY;
        }
        return one >= INFINITY || other >= INFINITY ? INFINITY : Math.max(-INFINITY, Math.min(INFINITY, one + other));
    }

    /** The number that a text begins with, 0 when it begins with none. */
    static long leadingNumber(String text) {
        String digits = text.strip();
        int end = !digits.isEmpty() && (digits.charAt(0) == '-' || digits.charAt(0) == '+') ? 1 : 0;
        while (end < digits.length() && end < 18 && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        try {
            return Long.parseLong(digits.substring(0, end));
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    /** How many instances: a number from 0 to {@link #MAX_INSTANCES}. */
    static int instances(String text) {
        return (int) Math.max(0, Math.min(MAX_INSTANCES, leadingNumber(text)));
    }

    static boolean isTrue(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes", "y", "1" -> true;
            default -> false;
        };
    }

    static boolean isFalse(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "false", "off", "no", "n", "0" -> true;
            default -> false;
        };
    }

    static boolean bool(String text, boolean byDefault) {
        return isTrue(text) || (byDefault && !isFalse(text));
    }

    /** {@code 10}, {@code 10s}, {@code 10min}, {@code 500ms}, {@code 1h} or an ISO 8601 duration, in milliseconds. */
    static OptionalLong millis(String text) {
        Matcher plain = INTERVAL.matcher(text);
        if (plain.matches()) {
            long number = Long.parseLong(plain.group(1));
            return switch (plain.group(2).toLowerCase(Locale.ROOT)) {
                case "ms", "msec" -> OptionalLong.of(number);
                case "us", "usec" -> OptionalLong.of(number / 1_000);
                case "", "s", "sec" -> OptionalLong.of(number * 1_000);
                case "m", "min" -> OptionalLong.of(number * 60_000);
                case "h", "hr" -> OptionalLong.of(number * 3_600_000);
                default -> OptionalLong.empty();
            };
        }
        try {
            return OptionalLong.of(Duration.parse(text.strip()).toMillis());
        } catch (DateTimeException | ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /** {@code 2019-09-20 15:15:52 +00:00} and its ISO 8601 relatives; without an offset it is UTC. */
    static Optional<Instant> date(String text) {
        Matcher date = DATE.matcher(text.strip());
        if (!date.matches()) {
            return Optional.empty();
        }
        try {
            int year = Integer.parseInt(date.group(1));
            LocalDate day = date.group(4) == null
                    ? LocalDate.of(year, Integer.parseInt(date.group(2)), Integer.parseInt(date.group(3)))
                    : LocalDate.ofYearDay(year, Integer.parseInt(date.group(4)));
            LocalTime time = LocalTime.of(number(date.group(5)), number(date.group(6)), number(date.group(7)));
            String offset = date.group(8);
            return Optional.of(
                    LocalDateTime.of(day, time).toInstant(offset == null ? ZoneOffset.UTC : ZoneOffset.of(offset)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int number(String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}
