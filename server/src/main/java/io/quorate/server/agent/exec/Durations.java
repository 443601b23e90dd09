package io.quorate.server.agent.exec;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as OCF metadata writes them ("20s", "100ms", "1min", plain seconds) and as messages carry them. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("^\\s*(\\d{1,9})\\s*([a-z]*)\\s*$");

    private Durations() {}

    static Optional<Duration> parse(String text) {
        Matcher match = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!match.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "", "s", "sec" -> Optional.of(Duration.ofSeconds(number));
            case "ms", "msec" -> Optional.of(Duration.ofMillis(number));
            case "us", "usec" -> Optional.of(Duration.ofNanos(number * 1000));
            case "m", "min" -> Optional.of(Duration.ofMinutes(number));
            case "h", "hr" -> Optional.of(Duration.ofHours(number));
            default -> Optional.empty();
        };
    }

    public static Duration of(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    public static com.google.protobuf.Duration toProto(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.toSeconds())
                .setNanos(duration.toNanosPart())
                .build();
    }
}
