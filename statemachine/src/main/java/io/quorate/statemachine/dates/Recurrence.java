package io.quorate.statemachine.dates;

import io.quorate.statemachine.model.DateField;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What recurs in a condition: what a clock and a calendar in its zone have to show. Between two changes of the zone's offset
 * the clock goes on steadily, so that each such stretch is searched by what the clock shows. Where it is set forward, what
 * it skips does not come about; where it is set back, what it shows twice holds twice.
 */
final class Recurrence {
    private static final int DAY = 24 * 3600;

    /** Ranges that leave something out. */
    private final Map<DateField, List<NumberRange>> ranges = new EnumMap<>(DateField.class);

    private final ZoneRules zone;
    private final boolean restrictsTimes;
    private final boolean restrictsDays;

    Recurrence(DateCondition condition) {
        for (DateField field : DateField.values()) {
            List<NumberRange> said = field.of(condition);
            if (!said.isEmpty()
                    && !IntStream.rangeClosed(field.min(), field.max()).allMatch(n -> isIn(said, n))) {
                ranges.put(field, said);
            }
        }
        this.zone = Zones.rules(condition.getZone());
        this.restrictsTimes = restricts(DateField.HOURS, DateField.MINUTES, DateField.SECONDS);
        this.restrictsDays = restricts(
                DateField.MONTHDAYS, DateField.YEARDAYS, DateField.WEEKYEARS, DateField.WEEKS, DateField.WEEKDAYS);
    }

    private boolean restricts(DateField... fields) {
        for (DateField field : fields) {
            if (ranges.containsKey(field)) {
                return true;
            }
        }
        return false;
    }

    private boolean lets(DateField field, int number) {
        List<NumberRange> allowed = ranges.get(field);
        return allowed == null || isIn(allowed, number);
    }

    private static boolean isIn(List<NumberRange> ranges, int number) {
        for (NumberRange range : ranges) {
            if (number >= range.getFirst() && number <= range.getLast()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it holds in a second since 1970. */
    boolean holds(long second) {
        long shown = second + offset(second);
        return letsDay(LocalDate.ofEpochDay(Math.floorDiv(shown, DAY)))
                && nextTime(Math.floorMod(shown, DAY), true) == Math.floorMod(shown, DAY);
    }

    private long offset(long second) {
        return zone.getOffset(Instant.ofEpochSecond(second)).getTotalSeconds();
    }

    /** The first second after this one in which it is not as now; where there is none so far ahead, that end. */
    long nextChange(long second, long aheadSeconds) {
        if (ranges.isEmpty()) {
            return Dates.NEVER;
        }
        boolean wanted = !holds(second);
        long end = second + aheadSeconds;
        long at = second;
        while (at < end) {
            ZoneOffsetTransition transition = zone.nextTransition(Instant.ofEpochSecond(at));
            long steadyUntil = transition == null ? end : Math.min(end, transition.toEpochSecond());
            long offset = offset(at);
            long found = nextShown(at + offset, steadyUntil + offset, wanted);
            if (found < steadyUntil + offset) {
                return found - offset;
            }
            at = steadyUntil;
        }
        return end;
    }

    /** The first reading of a clock from this one on for which it is so; the end of the stretch when there is none. */
    private long nextShown(long from, long end, boolean wanted) {
        long at = from;
        while (at < end) {
            LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(at, DAY));
            boolean letsDay = letsDay(day);
            if (!letsDay && !wanted) {
                return at;
            }
            if (letsDay) {
                int time = Math.floorMod(at, DAY);
                int found = nextTime(time, wanted);
                if (found < DAY) {
                    return Math.min(end, at - time + found);
                }
            }
            at = further(day, letsDay).toEpochDay() * DAY;
        }
        return end;
    }

    /** The next day that can be other than this one. */
    private LocalDate further(LocalDate day, boolean letsDay) {
        boolean wholly = letsDay && !restrictsTimes && !restrictsDays;
        if (!lets(DateField.YEARS, day.getYear()) || (wholly && !restricts(DateField.MONTHS))) {
            return LocalDate.of(day.getYear() + 1, 1, 1);
        }
        if (!lets(DateField.MONTHS, day.getMonthValue()) || wholly) {
            return day.withDayOfMonth(1).plusMonths(1);
        }
        return day.plusDays(1);
    }

    private boolean letsDay(LocalDate day) {
        return lets(DateField.YEARS, day.getYear())
                && lets(DateField.MONTHS, day.getMonthValue())
                && lets(DateField.MONTHDAYS, day.getDayOfMonth())
                && lets(DateField.YEARDAYS, day.getDayOfYear())
                && lets(DateField.WEEKDAYS, day.get(ChronoField.DAY_OF_WEEK))
                && lets(DateField.WEEKS, day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR))
                && lets(DateField.WEEKYEARS, day.get(IsoFields.WEEK_BASED_YEAR));
    }

    /** The first second of a day from this one on of which hours, minutes and seconds let it be so; {@link #DAY}: none. */
    private int nextTime(int from, boolean wanted) {
        int at = from;
        while (at < DAY) {
            boolean minutesCount = restricts(DateField.MINUTES, DateField.SECONDS);
            boolean lets;
            int next;
            if (!lets(DateField.HOURS, at / 3600) || !minutesCount) {
                lets = lets(DateField.HOURS, at / 3600);
                next = at - at % 3600 + 3600;
            } else if (!lets(DateField.MINUTES, at / 60 % 60) || !restricts(DateField.SECONDS)) {
                lets = lets(DateField.MINUTES, at / 60 % 60);
                next = at - at % 60 + 60;
            } else {
                lets = lets(DateField.SECONDS, at % 60);
                next = at + 1;
            }
            if (lets == wanted) {
                return at;
            }
            at = next;
        }
        return DAY;
    }
}
