package io.quorate.statemachine.model;

import io.quorate.v1.Position;
import java.util.Comparator;

/** Places in history: order, text form {@code 1:14}. */
public final class Positions {
    /** Generation first, then revision. */
    public static final Comparator<Position> ORDER =
            Comparator.comparingInt(Position::getGeneration).thenComparingLong(Position::getRevision);

    private Positions() {}

    public static Position of(int generation, long revision) {
        return Position.newBuilder()
                .setGeneration(generation)
                .setRevision(revision)
                .build();
    }

    public static String format(Position position) {
        return position.getGeneration() + ":" + position.getRevision();
    }

    /** Parses {@code GENERATION:REVISION}; throws {@link IllegalArgumentException} that says what is expected. */
    public static Position parse(String text) {
        int colon = text.indexOf(':');
        try {
            int generation = Integer.parseInt(text.substring(0, Math.max(colon, 0)));
            long revision = Long.parseLong(text.substring(colon + 1));
            if (generation >= 0 && revision >= 0) {
                return of(generation, revision);
            }
        } catch (NumberFormatException e) {
            // falls through to the message below: it says more than the parser's
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not a position: expected GENERATION:REVISION, as in 1:14");
    }
}
