package io.quorate.statemachine.dates;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.v1.DateCondition;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A condition of dates holds and changes at the very second that its words say. */
class DatesTest {
    private static boolean holds(String condition, String at) {
        return Dates.hold(DateWords.parse(condition), millis(at));
    }

    private static long millis(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }

    /** The next changes, until there are three or none. */
    private static String changes(String condition, String from) {
        DateCondition dates = DateWords.parse(condition);
        StringBuilder changes = new StringBuilder();
        long at = millis(from);
        for (int i = 0; i < 3; i++) {
            long next = Dates.nextChange(dates, at);
            if (next == Dates.NEVER) {
                return changes.append("never").toString();
            }
            if (Dates.hold(dates, next) == Dates.hold(dates, at)) {
                return changes.append("not within the search").toString();
            }
            changes.append(Dates.hold(dates, next) ? "on " : "off ")
                    .append(Instant.ofEpochMilli(next))
                    .append(' ');
            at = next;
        }
        return changes.toString().strip();
    }

    @Test
    void itBeginsAtTheInstantAndIsOverAtTheInstant() {
        String may = "after=2026-05-01T00:00:00Z;before=2026-06-01T00:00:00Z";
        assertThat(holds(may, "2026-04-30T23:59:59.999Z")).isFalse();
        assertThat(holds(may, "2026-05-01T00:00:00Z")).isTrue();
        assertThat(holds(may, "2026-05-31T23:59:59.999Z")).isTrue();
        assertThat(holds(may, "2026-06-01T00:00:00Z")).isFalse();
        assertThat(changes(may, "2026-01-01T00:00:00Z"))
                .isEqualTo("on 2026-05-01T00:00:00Z off 2026-06-01T00:00:00Z never");
        assertThat(changes(may, "2026-06-01T00:00:00Z")).isEqualTo("never");
    }

    @Test
    void aDurationCountsFromItsBeginning() {
        assertThat(changes("after=2026-05-01T22:00:00Z;seconds-long=28800", "2026-05-01T22:00:00Z"))
                .isEqualTo("off 2026-05-02T06:00:00Z never");
    }

    @Test
    void hoursLastUntilTheNextOneBegins() {
        assertThat(holds("hours=9-16", "2026-05-04T16:59:59.999Z")).isTrue();
        assertThat(changes("hours=9-16;weekdays=mon-fri", "2026-05-01T12:00:00Z"))
                .isEqualTo("off 2026-05-01T17:00:00Z on 2026-05-04T09:00:00Z off 2026-05-04T17:00:00Z");
    }

    @Test
    void severalRangesAreEachOne() {
        assertThat(changes("hours=9-11,14-16", "2026-05-04T08:59:59.999Z"))
                .isEqualTo("on 2026-05-04T09:00:00Z off 2026-05-04T12:00:00Z on 2026-05-04T14:00:00Z");
        assertThat(changes("hours=0-11,12-23", "2026-05-04T09:00:00Z")).isEqualTo("never");
    }

    @Test
    void minutesAndSecondsWithoutHoursRecurInEachHour() {
        assertThat(changes("minutes=59;seconds=30-59", "2026-12-31T23:59:30Z"))
                .isEqualTo("off 2027-01-01T00:00:00Z on 2027-01-01T00:59:30Z off 2027-01-01T01:00:00Z");
    }

    @Test
    void whatRecursIsWithinItsStretch() {
        String nights = "after=2026-05-01T12:00:00Z;before=2026-05-03T02:00:00Z;hours=0-5";
        assertThat(changes(nights, "2026-05-01T01:00:00Z"))
                .isEqualTo("on 2026-05-02T00:00:00Z off 2026-05-02T06:00:00Z on 2026-05-03T00:00:00Z");
        assertThat(changes(nights, "2026-05-03T00:00:00Z")).isEqualTo("off 2026-05-03T02:00:00Z never");
    }

    @Test
    void aZoneByOffsetOrNameSaysWhoseClock() {
        assertThat(changes("hours=9;zone=+05:30", "2026-05-04T00:00:00Z"))
                .startsWith("on 2026-05-04T03:30:00Z off 2026-05-04T04:30:00Z");
        assertThat(changes("hours=9;zone=Europe/Berlin", "2026-07-01T00:00:00Z"))
                .startsWith("on 2026-07-01T07:00:00Z");
        assertThat(changes("hours=9;zone=Europe/Berlin", "2026-12-01T00:00:00Z"))
                .startsWith("on 2026-12-01T08:00:00Z");
    }

    @Test
    void aZoneThatThisJavaDoesNotKnowIsTakenAsUtc() {
        assertThat(Zones.isKnown("Mars/Olympus")).isFalse();
        assertThat(changes("hours=9;zone=Mars/Olympus", "2026-07-01T00:00:00Z")).startsWith("on 2026-07-01T09:00:00Z");
    }

    /** On March 29 clocks in Berlin go from 1:59:59 to 3:00:00. */
    @Test
    void anHourThatIsSkippedDoesNotCome() {
        assertThat(changes("hours=2;zone=Europe/Berlin", "2026-03-28T12:00:00Z"))
                .isEqualTo("on 2026-03-30T00:00:00Z off 2026-03-30T01:00:00Z on 2026-03-31T00:00:00Z");
        assertThat(changes("hours=1-2;zone=Europe/Berlin", "2026-03-28T12:00:00Z"))
                .startsWith("on 2026-03-29T00:00:00Z off 2026-03-29T01:00:00Z");
    }

    /** On October 25 clocks in Berlin go from 2:59:59 back to 2:00:00. */
    @Test
    void anHourThatComesTwiceHoldsTwice() {
        assertThat(changes("hours=2;zone=Europe/Berlin", "2026-10-24T12:00:00Z"))
                .startsWith("on 2026-10-25T00:00:00Z off 2026-10-25T02:00:00Z");
        assertThat(changes("hours=2;minutes=0-29;zone=Europe/Berlin", "2026-10-24T12:00:00Z"))
                .isEqualTo("on 2026-10-25T00:00:00Z off 2026-10-25T00:30:00Z on 2026-10-25T01:00:00Z");
    }

    /** Samoa had no December 30 in 2011, which was a Friday. */
    @Test
    void aDayThatIsSkippedDoesNotCome() {
        assertThat(changes("weekdays=fri;zone=Pacific/Apia", "2011-12-24T12:00:00Z"))
                .startsWith("on 2012-01-05T10:00:00Z");
    }

    @Test
    void leapDaysAreFoundAcrossYearsThatHaveNone() {
        assertThat(changes("months=feb;monthdays=29", "2026-01-01T00:00:00Z"))
                .isEqualTo("on 2028-02-29T00:00:00Z off 2028-03-01T00:00:00Z on 2032-02-29T00:00:00Z");
        assertThat(changes("months=feb;monthdays=29", "2096-03-01T00:00:00Z")).startsWith("on 2104-02-29T00:00:00Z");
        assertThat(changes("yeardays=366", "2026-01-01T00:00:00Z"))
                .startsWith("on 2028-12-31T00:00:00Z off 2029-01-01T00:00:00Z");
    }

    /** January 1 to 3, 2027, are in week 53 of 2026. */
    @Test
    void weeksCountForTheirOwnYear() {
        assertThat(changes("weekyears=2026", "2026-07-01T00:00:00Z"))
                .startsWith("off 2027-01-04T00:00:00Z not within the search");
        assertThat(changes("weeks=53", "2026-01-01T00:00:00Z"))
                .startsWith("on 2026-12-28T00:00:00Z off 2027-01-04T00:00:00Z on 2032-12-27T00:00:00Z");
        assertThat(holds("years=2027;weeks=53", "2027-01-03T23:59:59Z")).isTrue();
    }

    @Test
    void whatNeverComesIsSearchedForATimeOnly() {
        assertThat(changes("years=2027;yeardays=366", "2026-01-01T00:00:00Z")).isEqualTo("not within the search");
        assertThat(Dates.nextChange(DateWords.parse("years=2027;yeardays=366"), millis("2026-01-01T00:00:00Z")))
                .isEqualTo(millis("2026-01-01T00:00:00Z") + Dates.HORIZON_MILLIS);
    }
}
