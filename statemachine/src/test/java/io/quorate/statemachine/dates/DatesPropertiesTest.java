package io.quorate.statemachine.dates;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.quorate.statemachine.model.DateField;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is told of the next change is so, for whatever condition, zone and time. */
class DatesPropertiesTest {
    private static final List<String> ZONES =
            List.of("", "+02:00", "-09:30", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia");

    private static DateCondition condition(Random random, long now) {
        DateCondition.Builder condition = DateCondition.newBuilder().setZone(ZONES.get(random.nextInt(ZONES.size())));
        long around = now / 1000 + random.nextInt(40_000_000) - 20_000_000;
        if (random.nextInt(4) == 0) {
            condition.setAfter(Timestamp.newBuilder().setSeconds(around));
            if (random.nextBoolean()) {
                condition.setDuration(Duration.newBuilder().setSeconds(1 + random.nextInt(10_000_000)));
            }
        }
        if (!condition.hasDuration() && random.nextInt(4) == 0) {
            condition.setBefore(Timestamp.newBuilder().setSeconds(around + 1 + random.nextInt(20_000_000)));
        }
        for (DateField field : DateField.values()) {
            for (int i = random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0; i > 0; i--) {
                boolean year = field == DateField.YEARS || field == DateField.WEEKYEARS;
                int least = year ? 2024 : field.min();
                int most = year ? 2032 : field.max();
                int first = least + random.nextInt(most - least + 1);
                int last = first + random.nextInt(most - first + 1);
                field.add(
                        condition,
                        NumberRange.newBuilder().setFirst(first).setLast(last).build());
            }
        }
        return condition.build();
    }

    private static long now(Random random) {
        return Instant.parse("2024-01-01T00:00:00Z").toEpochMilli() + (long) (random.nextDouble() * 250_000_000_000L);
    }

    /** By the words alone, without any search. */
    private static boolean holds(DateCondition condition, long millis) {
        long second = Math.floorDiv(millis, 1000);
        ZonedDateTime shown = Instant.ofEpochSecond(second)
                .atZone(ZoneId.of(condition.getZone().isEmpty() ? "UTC" : condition.getZone()));
        boolean holds = !condition.hasAfter() || second >= condition.getAfter().getSeconds();
        holds &= !condition.hasBefore() || second < condition.getBefore().getSeconds();
        holds &= !condition.hasDuration()
                || second
                        < condition.getAfter().getSeconds()
                                + condition.getDuration().getSeconds();
        for (DateField field : DateField.values()) {
            int number = switch (field) {
                case YEARS -> shown.getYear();
                case MONTHS -> shown.getMonthValue();
                case MONTHDAYS -> shown.getDayOfMonth();
                case YEARDAYS -> shown.getDayOfYear();
                case WEEKYEARS -> shown.get(IsoFields.WEEK_BASED_YEAR);
                case WEEKS -> shown.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
                case WEEKDAYS -> shown.get(ChronoField.DAY_OF_WEEK);
                case HOURS -> shown.getHour();
                case MINUTES -> shown.getMinute();
                case SECONDS -> shown.getSecond();
            };
            List<NumberRange> ranges = field.of(condition);
            holds &= ranges.isEmpty()
                    || ranges.stream().anyMatch(range -> range.getFirst() <= number && number <= range.getLast());
        }
        return holds;
    }

    @Property(tries = 3_000)
    void nothingChangesBeforeTheNextChangeAndThenItDoesOrTheSearchIsOver(@ForAll long seed) {
        Random random = new Random(seed);
        long now = now(random);
        DateCondition condition = condition(random, now);
        boolean before = Dates.hold(condition, now);
        assertThat(before).isEqualTo(holds(condition, now));
        long next = Dates.nextChange(condition, now);
        assertThat(next).isGreaterThan(now);
        long last = next == Dates.NEVER ? now + 20 * Dates.HORIZON_MILLIS : next;
        for (int i = 0; i < 300; i++) {
            // Most of them near the two ends, where a slip of an hour or a day would show.
            double share = Math.pow(random.nextDouble(), 1 + i % 4 * 4);
            long off = (long) (share * (last - now));
            long at = i % 2 == 0 ? now + off : last - 1 - off;
            if (at >= now && at < last) {
                assertThat(holds(condition, at))
                        .as(Instant.ofEpochMilli(at).toString())
                        .isEqualTo(before);
            }
        }
        if (next != Dates.NEVER) {
            long begin = condition.hasAfter()
                    ? Math.max(Math.floorDiv(now, 1000), condition.getAfter().getSeconds())
                    : Math.floorDiv(now, 1000);
            boolean searched = next == begin * 1000 + Dates.HORIZON_MILLIS;
            assertThat(searched || holds(condition, next) != before)
                    .as(DateText.of(condition) + " from " + Instant.ofEpochMilli(now))
                    .isTrue();
        }
    }
}
