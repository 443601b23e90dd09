package io.quorate.statemachine.model;

import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What clocks and calendars show, by the names that Pacemaker's date_spec has for it: each may have ranges in a condition
 * of dates. In the order in which they are written.
 */
public enum DateField {
    YEARS("years", 1970, 9999),
    MONTHS("months", 1, 12),
    MONTHDAYS("monthdays", 1, 31),
    YEARDAYS("yeardays", 1, 366),
    WEEKYEARS("weekyears", 1970, 9999),
    WEEKS("weeks", 1, 53),
    WEEKDAYS("weekdays", 1, 7),
    HOURS("hours", 0, 23),
    MINUTES("minutes", 0, 59),
    SECONDS("seconds", 0, 59);

    private static final List<String> NAMES_OF_DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final List<String> NAMES_OF_MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    private final String word;
    private final int min;
    private final int max;

    DateField(String word, int min, int max) {
        this.word = word;
        this.min = min;
        this.max = max;
    }

    /** Its name in files, as {@code weekdays}. */
    public String word() {
        return word;
    }

    /** The least number that it shows. */
    public int min() {
        return min;
    }

    /** The greatest number that it shows. */
    public int max() {
        return max;
    }

    /** Its ranges in a condition; empty: it says nothing of this. */
    public List<NumberRange> of(DateCondition condition) {
        return switch (this) {
            case YEARS -> condition.getYearsList();
            case MONTHS -> condition.getMonthsList();
            case MONTHDAYS -> condition.getMonthdaysList();
            case YEARDAYS -> condition.getYeardaysList();
            case WEEKYEARS -> condition.getWeekyearsList();
            case WEEKS -> condition.getWeeksList();
            case WEEKDAYS -> condition.getWeekdaysList();
            case HOURS -> condition.getHoursList();
            case MINUTES -> condition.getMinutesList();
            case SECONDS -> condition.getSecondsList();
        };
    }

    /** Adds a range to those of a condition. */
    public void add(DateCondition.Builder condition, NumberRange range) {
        switch (this) {
            case YEARS -> condition.addYears(range);
            case MONTHS -> condition.addMonths(range);
            case MONTHDAYS -> condition.addMonthdays(range);
            case YEARDAYS -> condition.addYeardays(range);
            case WEEKYEARS -> condition.addWeekyears(range);
            case WEEKS -> condition.addWeeks(range);
            case WEEKDAYS -> condition.addWeekdays(range);
            case HOURS -> condition.addHours(range);
            case MINUTES -> condition.addMinutes(range);
            case SECONDS -> condition.addSeconds(range);
        }
    }

    /** Words for its numbers, the least one first; empty where numbers are all that people say. */
    public List<String> names() {
        return switch (this) {
            case MONTHS -> NAMES_OF_MONTHS;
            case WEEKDAYS -> NAMES_OF_DAYS;
            case YEARS, MONTHDAYS, YEARDAYS, WEEKYEARS, WEEKS, HOURS, MINUTES, SECONDS -> List.of();
        };
    }

    /** A number as files write it: {@code mon} for the first weekday. Numbers that it never shows stay numbers. */
    public String text(int number) {
        int index = number - min;
        return index >= 0 && index < names().size() ? names().get(index) : Integer.toString(number);
    }

    /** A range as files write it: {@code 9-16}, {@code mon-fri}, {@code 5}. */
    public String text(NumberRange range) {
        return range.getFirst() == range.getLast()
                ? text(range.getFirst())
                : text(range.getFirst()) + "-" + text(range.getLast());
    }

    /** What {@link #text(int)} wrote, or a number of at most six digits; empty for anything else. */
    public Optional<Integer> number(String text) {
        if (text.matches("[0-9]{1,6}")) {
            return Optional.of(Integer.parseInt(text));
        }
        int index = names().indexOf(text.toLowerCase(Locale.ROOT));
        return index < 0 ? Optional.empty() : Optional.of(index + min);
    }
}
