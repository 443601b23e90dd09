package io.quorate.client.manifest;

import com.google.protobuf.Timestamp;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.client.manifest.YamlNode.Sequence;
import io.quorate.statemachine.dates.Zones;
import io.quorate.statemachine.model.DateField;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of conditions about dates. */
final class DateSchemas {
    private static final Pattern RANGE = Pattern.compile("([A-Za-z0-9]{1,16})(?:-([A-Za-z0-9]{1,16}))?");

    private static final Map<DateField, String> MEANINGS = Map.of(
            DateField.MONTHS, "1-12 or jan-dec",
            DateField.MONTHDAYS, "1-31",
            DateField.YEARDAYS, "1-366",
            DateField.WEEKYEARS, "the years of ISO weeks",
            DateField.WEEKS, "ISO weeks, 1-53",
            DateField.WEEKDAYS, "1-7 or mon-sun",
            DateField.HOURS, "0-23; 9-16 lasts from 9:00 until 17:00",
            DateField.MINUTES, "0-59",
            DateField.SECONDS, "0-59");

    static final Schema<DateCondition.Builder> DATES = dates();

    private DateSchemas() {}

    private static Schema<DateCondition.Builder> dates() {
        Schema<DateCondition.Builder> schema = new Schema<DateCondition.Builder>("a condition of dates")
                .field(
                        "after",
                        "instant",
                        "from then on: 2026-05-01T09:00:00+02:00",
                        (dates, value, scope) -> instant(value, scope).ifPresent(dates::setAfter))
                .field(
                        "before",
                        "instant",
                        "until then",
                        (dates, value, scope) -> instant(value, scope).ifPresent(dates::setBefore))
                .duration("duration", "so long from after on, in place of before", DateCondition.Builder::setDuration);
        for (DateField field : DateField.values()) {
            schema.field(
                    field.word(),
                    "ranges",
                    MEANINGS.getOrDefault(field, "2026-2028"),
                    (dates, value, scope) -> ranges(field, dates, value, scope));
        }
        return schema.field(
                "zone",
                "text",
                "an offset or a name such as Europe/Berlin; default UTC",
                (dates, value, scope) -> zone(dates, value, scope));
    }

    private static Optional<Timestamp> instant(YamlNode value, Scope scope) {
        return scope.text(value).flatMap(text -> {
            try {
                return Optional.of(InstantText.parse(text));
            } catch (IllegalArgumentException e) {
                scope.problem(value.at(), scope.field() + ": " + e.getMessage(), "");
                return Optional.empty();
            }
        });
    }

    /** One range, or a list of them. */
    private static void ranges(DateField field, DateCondition.Builder dates, YamlNode value, Scope scope) {
        if (value instanceof Sequence sequence && sequence.items().isEmpty()) {
            scope.problem(value.at(), scope.field() + " is empty", "write a range, or remove it");
        } else if (value instanceof Sequence) {
            scope.items(
                    value,
                    "a list of ranges",
                    (item, inner) -> range(field, item, inner).ifPresent(range -> field.add(dates, range)));
        } else {
            range(field, value, scope).ifPresent(range -> field.add(dates, range));
        }
    }

    private static Optional<NumberRange> range(DateField field, YamlNode value, Scope scope) {
        if (value instanceof Scalar scalar && !scalar.isNull()) {
            Matcher range = RANGE.matcher(scalar.text());
            if (range.matches()) {
                Optional<Integer> first = field.number(range.group(1));
                Optional<Integer> last = range.group(2) == null ? first : field.number(range.group(2));
                if (first.isPresent() && last.isPresent()) {
                    return Optional.of(NumberRange.newBuilder()
                            .setFirst(first.get())
                            .setLast(last.get())
                            .build());
                }
            }
        }
        String example = field.text(field.min()) + "-" + field.text(field.max());
        scope.problem(
                value.at(),
                scope.field() + " wants a number or a range such as " + example + ", not " + value.described(),
                "");
        return Optional.empty();
    }

    /** Names that only look like zones are told here, where there is a line: the state machine takes any. */
    private static void zone(DateCondition.Builder dates, YamlNode value, Scope scope) {
        scope.text(value).ifPresent(zone -> {
            if (Zones.isKnown(zone) && !zone.isEmpty()) {
                dates.setZone(zone);
            } else {
                scope.problem(
                        value.at(),
                        value.described() + " is no time zone",
                        "write an offset such as +02:00, or a name such as Europe/Berlin");
            }
        });
    }
}
