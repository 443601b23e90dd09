package io.quorate.client;

import io.quorate.v1.MutationOptions;
import io.quorate.v1.Position;
import java.util.Optional;

/**
 * What a repetition of a request needs: its id, and the position that was known before its first attempt. By the
 * position the cluster tells whether it may have forgotten that attempt, and then refuses instead of doing it twice; with
 * a newer position it could not. So both travel in one text, {@code ID@1:42}.
 *
 * @param known empty when no server said where it is before the first attempt
 */
public record RequestId(String id, Optional<Position> known) {
    private static final char SEPARATOR = '@';

    /** The id and the position of a request as it was sent. */
    static RequestId of(MutationOptions sent) {
        return new RequestId(
                sent.getRequestId(), sent.hasKnownPosition() ? Optional.of(sent.getKnownPosition()) : Optional.empty());
    }

    /** Reads {@code ID@1:42}; throws IllegalArgumentException, also for an id without a position. */
    public static RequestId parse(String text) {
        int at = text.lastIndexOf(SEPARATOR);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has no position: give it as it was printed, ID@POSITION");
        }
        if (at == 0) {
            throw new IllegalArgumentException("\"" + text + "\" has no id: give it as it was printed, ID@POSITION");
        }
        return new RequestId(text.substring(0, at), Optional.of(Positions.parse(text.substring(at + 1))));
    }

    /** {@code ID@1:42}; the id alone without a position. */
    public String format() {
        return known.map(position -> id + SEPARATOR + Positions.format(position))
                .orElse(id);
    }

    /** Makes a request the repetition of this one. */
    public void repeatIn(MutationOptions.Builder options) {
        options.setRequestId(id);
        known.ifPresent(options::setKnownPosition);
    }
}
