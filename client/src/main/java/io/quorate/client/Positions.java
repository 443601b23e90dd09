package io.quorate.client;

import io.quorate.v1.Position;

/** Order and text form of positions in history. */
public final class Positions {
    private Positions() {}

    /** Generation first, then revision: a restored history is newer than all of the one before it. */
    public static int compare(Position left, Position right) {
        int byGeneration = Integer.compareUnsigned(left.getGeneration(), right.getGeneration());
        return byGeneration != 0 ? byGeneration : Long.compare(left.getRevision(), right.getRevision());
    }

    public static boolean isAfter(Position left, Position right) {
        return compare(left, right) > 0;
    }

    public static Position of(int generation, long revision) {
        return Position.newBuilder()
                .setGeneration(generation)
                .setRevision(revision)
                .build();
    }

    /** {@code 1:14}. */
    public static String format(Position position) {
        return Integer.toUnsignedString(position.getGeneration()) + ":" + position.getRevision();
    }

    /** Reads {@code 1:14}; throws IllegalArgumentException with the text in it. */
    public static Position parse(String text) {
        int colon = text.indexOf(':');
        try {
            if (colon > 0) {
                long revision = Long.parseLong(text.substring(colon + 1));
                int generation = Integer.parseUnsignedInt(text.substring(0, colon));
                if (revision >= 0) {
                    return of(generation, revision);
                }
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(message(text), e);
        }
        throw new IllegalArgumentException(message(text));
    }

    private static String message(String text) {
        return "not a position: \"" + text + "\" (GENERATION:REVISION is one, such as 1:14)";
    }
}
