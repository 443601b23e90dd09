package io.quorate.statemachine.dates;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.quorate.statemachine.model.DateField;
import io.quorate.v1.DateCondition;
import io.quorate.v1.NumberRange;
import java.time.Instant;

/** Conditions of dates for tests: {@code hours=9-16;weekdays=mon-fri;zone=Europe/Berlin;after=2026-05-01T00:00:00Z}. */
public final class DateWords {
    private DateWords() {}

    public static DateCondition parse(String words) {
        DateCondition.Builder condition = DateCondition.newBuilder();
        for (String word : words.split(";", -1)) {
            String name = word.substring(0, word.indexOf('='));
            String value = word.substring(word.indexOf('=') + 1);
            switch (name) {
                case "after" -> condition.setAfter(timestamp(value));
                case "before" -> condition.setBefore(timestamp(value));
                case "seconds-long" ->
                    condition.setDuration(Duration.newBuilder().setSeconds(Long.parseLong(value)));
                case "zone" -> condition.setZone(value);
                default -> ranges(condition, name, value);
            }
        }
        return condition.build();
    }

    private static Timestamp timestamp(String text) {
        return Timestamp.newBuilder()
                .setSeconds(Instant.parse(text).getEpochSecond())
                .build();
    }

    private static void ranges(DateCondition.Builder condition, String name, String value) {
        for (DateField field : DateField.values()) {
            if (field.word().equals(name)) {
                for (String range : value.split(",", -1)) {
                    String[] ends = range.split("-", -1);
                    field.add(
                            condition,
                            NumberRange.newBuilder()
                                    .setFirst(field.number(ends[0]).orElseThrow())
                                    .setLast(field.number(ends[ends.length - 1]).orElseThrow())
                                    .build());
                }
                return;
            }
        }
        throw new IllegalArgumentException("no field " + name);
    }
}
