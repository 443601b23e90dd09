package io.quorate.statemachine.cib;

import com.google.protobuf.Timestamp;
import io.quorate.statemachine.model.DateField;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A {@code date_expression} as a condition of ours, to the second. Pacemaker compares whole seconds, and both ends of its ranges
 * count. What names no offset is taken as UTC.
 */
final class DateReader {
    /** It stands after a time: the dashes of a day are none. */
    private static final Pattern OFFSET = Pattern.compile(".*[ T].*(Z|[+-]\\d{2}:?(\\d{2})?)\\s*");

    private DateReader() {}

    /** When it holds, where one without conditions always does; empty: never. What cannot be read counts as not said. */
    static Optional<DateCondition> condition(Element expression) {
        Optional<Instant> start = expression.find("start").flatMap(Values::date);
        Optional<Instant> end = expression.find("end").flatMap(Values::date);
        DateCondition.Builder condition = DateCondition.newBuilder();
        switch (operation(expression)) {
            case "gt" -> {
                start.ifPresent(from -> condition.setAfter(timestamp(from.plusSeconds(1))));
                return start.map(from -> condition.build());
            }
            case "lt" -> {
                end.ifPresent(until -> condition.setBefore(timestamp(until)));
                return end.map(until -> condition.build());
            }
            case "date_spec" -> {
                return expression.child("date_spec").flatMap(DateReader::recurring);
            }
            case "in_range" -> {
                Optional<Instant> last = end.isPresent()
                        ? end
                        : start.flatMap(from -> expression.child("duration").map(duration -> plus(from, duration)));
                boolean backwards =
                        start.isPresent() && last.isPresent() && last.get().isBefore(start.get());
                start.ifPresent(from -> condition.setAfter(timestamp(from)));
                last.ifPresent(to -> condition.setBefore(timestamp(to.plusSeconds(1))));
                return backwards || (start.isEmpty() && last.isEmpty())
                        ? Optional.empty()
                        : Optional.of(condition.build());
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    private static String operation(Element expression) {
        return expression.find("operation").orElse("in_range").toLowerCase(Locale.ROOT);
    }

    /** Each field that is there must be in its range: {@code hours="9-16"}. */
    private static Optional<DateCondition> recurring(Element spec) {
        DateCondition.Builder condition = DateCondition.newBuilder();
        for (DateField field : DateField.values()) {
            String range = spec.get(field.word());
            if (range.isEmpty()) {
                continue;
            }
            int dash = range.indexOf('-');
            String low = dash < 0 ? range : range.substring(0, dash);
            String high = dash < 0 ? range : range.substring(dash + 1);
            long first = low.isEmpty() ? field.min() : Math.max(field.min(), Values.leadingNumber(low));
            long last = high.isEmpty() ? field.max() : Math.min(field.max(), Values.leadingNumber(high));
            if (first > last) {
                return Optional.empty();
            }
            if (first > field.min() || last < field.max()) {
                field.add(
                        condition,
                        NumberRange.newBuilder()
                                .setFirst((int) first)
                                .setLast((int) last)
                                .build());
            }
        }
        return Optional.of(condition.build());
    }

    private static Instant plus(Instant from, Element duration) {
        return ZonedDateTime.ofInstant(from, ZoneOffset.UTC)
                .plusYears(Values.leadingNumber(duration.get("years")))
                .plusMonths(Values.leadingNumber(duration.get("months")))
                .plusWeeks(Values.leadingNumber(duration.get("weeks")))
                .plusDays(Values.leadingNumber(duration.get("days")))
                .plusHours(Values.leadingNumber(duration.get("hours")))
                .plusMinutes(Values.leadingNumber(duration.get("minutes")))
                .plusSeconds(Values.leadingNumber(duration.get("seconds")))
                .toInstant();
    }

    private static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder().setSeconds(instant.getEpochSecond()).build();
    }

    /** Why it cannot be said in ours; empty when it can. */
    static Optional<String> obstacle(Element expression) {
        for (String attribute : List.of("start", "end")) {
            Optional<String> unread =
                    expression.find(attribute).filter(text -> Values.date(text).isEmpty());
            if (unread.isPresent()) {
                return Optional.of("'" + unread.get() + "' is no date");
            }
        }
        return switch (operation(expression)) {
            case "gt", "lt", "in_range" -> Optional.empty();
            case "date_spec" ->
                expression
                        .child("date_spec")
                        .filter(spec -> spec.has("moon"))
                        .map(spec -> "phases of the moon are not supported");
            default -> Optional.of("'" + expression.get("operation") + "' is no operation of dates");
        };
    }

    /** Whether it means other instants where the nodes of Pacemaker go by another time than UTC. */
    static boolean isOfLocalTime(Element expression) {
        boolean recurs = operation(expression).equals("date_spec");
        boolean unsaid = expression
                        .find("start")
                        .filter(DateReader::hasNoOffset)
                        .isPresent()
                || expression.find("end").filter(DateReader::hasNoOffset).isPresent();
        return recurs || unsaid;
    }

    private static boolean hasNoOffset(String text) {
        return !OFFSET.matcher(text).matches();
    }
}
