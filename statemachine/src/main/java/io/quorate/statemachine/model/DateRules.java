package io.quorate.statemachine.model;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a condition of dates must satisfy by itself. Whether there is a zone of that name is not asked: that depends on the
 * Java that runs, and apply must come to the same on every server.
 */
final class DateRules {
    /** The last second of the year 9999. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private static final Pattern OFFSET = Pattern.compile("[+-](0[0-9]|1[0-7]):[0-5][0-9]|[+-]18:00");
    private static final Pattern REGION = Pattern.compile("[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}");
    private static final int MAX_ZONE_LENGTH = 64;

    private static final List<Integer> DAYS_OF_MONTHS = List.of(31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

    private final FieldChecks checks;

    DateRules(FieldChecks checks) {
        this.checks = checks;
    }

    void check(String field, DateCondition condition) {
        boolean empty = !condition.hasAfter() && !condition.hasBefore() && !condition.hasDuration();
        for (DateField each : DateField.values()) {
            empty &= each.of(condition).isEmpty();
            ranges(field + "." + each.word(), each, each.of(condition));
        }
        if (empty) {
            checks.add(field, "it says nothing of dates", "write hours: 9-16, or after: and before: with an instant");
        }
        if (condition.hasAfter()) {
            instant(field + ".after", condition.getAfter());
        }
        if (condition.hasBefore()) {
            instant(field + ".before", condition.getBefore());
        }
        end(field, condition);
        daysOfMonths(field + ".monthdays", condition);
        zone(field + ".zone", condition.getZone());
    }

    private void ranges(String field, DateField of, List<NumberRange> ranges) {
        if (!checks.atMost(field, ranges.size(), ManifestLimits.MAX_DATE_RANGES, "ranges")) {
            return;
        }
        for (int i = 0; i < ranges.size(); i++) {
            String at = ranges.size() == 1 ? field : field + "[" + i + "]";
            int first = ranges.get(i).getFirst();
            int last = ranges.get(i).getLast();
            if (first < of.min() || first > of.max() || last < of.min() || last > of.max()) {
                int wrong = first < of.min() || first > of.max() ? first : last;
                checks.add(at, wrong + " is out of range", "from " + of.text(of.min()) + " to " + of.text(of.max()));
            } else if (last < first) {
                checks.add(
                        at,
                        "'" + of.text(ranges.get(i)) + "' ends before it begins",
                        "write [" + of.text(rangeTo(first, of.max())) + ", " + of.text(rangeTo(of.min(), last)) + "]");
            }
        }
    }

    private static NumberRange rangeTo(int first, int last) {
        return NumberRange.newBuilder().setFirst(first).setLast(last).build();
    }

    private void instant(String field, Timestamp instant) {
        if (instant.getNanos() != 0) {
            checks.add(field, "an instant here has whole seconds", "");
        }
        if (instant.getSeconds() < 0 || instant.getSeconds() > LAST_SECOND) {
            checks.add(field, "the instant is out of range", "from the year 1970 to 9999");
        }
    }

    private void end(String field, DateCondition condition) {
        if (condition.hasBefore() && condition.hasDuration()) {
            checks.add(field + ".duration", "it has a before and a duration", "write one of them");
        } else if (condition.hasDuration()) {
            if (!condition.hasAfter()) {
                checks.add(field + ".duration", "a duration counts from after, and there is none", "add after:");
            }
            checks.duration(field + ".duration", condition.getDuration(), 1000, ManifestLimits.MAX_DURATION_MILLIS);
            long seconds = condition.getDuration().getSeconds();
            if (!condition
                    .getDuration()
                    .equals(Duration.newBuilder().setSeconds(seconds).build())) {
                checks.add(field + ".duration", "a duration here has whole seconds", "");
            }
        } else if (condition.hasBefore()
                && condition.hasAfter()
                && condition.getBefore().getSeconds() <= condition.getAfter().getSeconds()) {
            checks.add(field + ".before", "it ends before it begins", "write a before that is later than after");
        }
    }

    /** February 30 is a slip. What else never comes, as the last day of a leap year in 2027, is the file's own business. */
    private void daysOfMonths(String field, DateCondition condition) {
        if (condition.getMonthsCount() == 0 || condition.getMonthdaysCount() == 0) {
            return;
        }
        int longest = 0;
        for (int month = 1; month <= DAYS_OF_MONTHS.size(); month++) {
            if (isIn(condition.getMonthsList(), month)) {
                longest = Math.max(longest, DAYS_OF_MONTHS.get(month - 1));
            }
        }
        int earliest = condition.getMonthdaysList().stream()
                .mapToInt(NumberRange::getFirst)
                .min()
                .orElse(0);
        if (longest > 0 && earliest > longest && earliest <= DateField.MONTHDAYS.max()) {
            checks.add(field, "no such month has a day " + earliest, "at most " + longest);
        }
    }

    private static boolean isIn(List<NumberRange> ranges, int number) {
        return ranges.stream().anyMatch(range -> number >= range.getFirst() && number <= range.getLast());
    }

    private void zone(String field, String zone) {
        boolean known = OFFSET.matcher(zone).matches() || REGION.matcher(zone).matches();
        if (!zone.isEmpty() && (zone.length() > MAX_ZONE_LENGTH || !known)) {
            checks.add(
                    field,
                    "'" + FieldChecks.shown(zone) + "' is no time zone",
                    "write an offset such as +02:00, or a name such as Europe/Berlin");
        }
    }
}
