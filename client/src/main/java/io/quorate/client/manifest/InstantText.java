package io.quorate.client.manifest;

import com.google.protobuf.Timestamp;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/** Instants as files write them: ISO 8601 with an offset, in whole seconds. */
final class InstantText {
    private static final String DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    private static final String TIME = "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?";
    private static final String OFFSET = "(Z|[+-][0-9]{2}:[0-9]{2})";
    private static final Pattern WHOLE = Pattern.compile(DAY + TIME + OFFSET);
    private static final Pattern WITHOUT_OFFSET = Pattern.compile(DAY + TIME);
    private static final Pattern WITHOUT_TIME = Pattern.compile(DAY + OFFSET + "?");

    private InstantText() {}

    /**
     * Reads an instant.
     *
     * @throws IllegalArgumentException with a message for people when the text is none
     */
    static Timestamp parse(String text) {
        String shown = "'" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "'";
        if (WITHOUT_OFFSET.matcher(text).matches()) {
            throw new IllegalArgumentException(shown + " has no offset; write for example " + text + "Z or +02:00");
        }
        if (WITHOUT_TIME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    shown + " has no time; write for example " + text.substring(0, 10) + "T00:00:00Z");
        }
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    shown + " is not an instant in whole seconds; write for example 2026-05-01T09:00:00+02:00");
        }
        try {
            return Timestamp.newBuilder()
                    .setSeconds(OffsetDateTime.parse(text.replace(' ', 'T')).toEpochSecond())
                    .build();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(shown + " is a day or a time that there is not", e);
        }
    }
}
