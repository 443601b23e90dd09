package io.quorate.statemachine.dates;

import com.google.protobuf.Timestamp;
import io.quorate.statemachine.model.DateField;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Conditions of dates in words. */
public final class DateText {
    private DateText() {}

    /** In the words of the files: {@code after 2026-05-01T00:00:00Z, hours 9-16, weekdays mon-fri, Europe/Berlin}. */
    public static String of(DateCondition condition) {
        List<String> parts = new ArrayList<>();
        if (condition.hasAfter()) {
            parts.add("after " + of(condition.getAfter()));
        }
        if (condition.hasBefore()) {
            parts.add("before " + of(condition.getBefore()));
        }
        if (condition.hasDuration()) {
            parts.add("for "
                    + Duration.ofSeconds(condition.getDuration().getSeconds())
                            .toString()
                            .substring(2)
                            .toLowerCase(Locale.ROOT));
        }
        boolean recurs = false;
        for (DateField field : DateField.values()) {
            List<NumberRange> ranges = field.of(condition);
            if (!ranges.isEmpty()) {
                recurs = true;
                parts.add(field.word() + " " + ranges.stream().map(field::text).collect(Collectors.joining(" and ")));
            }
        }
        if (recurs) {
            parts.add(condition.getZone().isEmpty() ? "UTC" : condition.getZone());
        }
        return String.join(", ", parts);
    }

    /** In UTC: {@code 2026-05-01T00:00:00Z}. */
    public static String of(Timestamp instant) {
        return Instant.ofEpochSecond(instant.getSeconds()).toString();
    }
}
