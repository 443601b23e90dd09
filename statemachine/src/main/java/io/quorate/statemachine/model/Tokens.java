package io.quorate.statemachine.model;

import io.quorate.v1.FencingToken;
import java.util.Comparator;

/** Fencing tokens: (generation, revision) and the one integer that services compare. */
public final class Tokens {
    /** Generation first, then revision: the order in which tokens were granted. */
    public static final Comparator<FencingToken> ORDER =
            Comparator.comparingInt(FencingToken::getGeneration).thenComparingLong(FencingToken::getRevision);

    private static final int REVISION_BITS = 48;

    private Tokens() {}

    /** {@code number} = generation × 2^48 + revision. */
    public static FencingToken of(int generation, long revision) {
        Check.invariant(
                revision >= 0 && revision < 1L << REVISION_BITS && generation >= 0 && generation < 1 << 15,
                "TOKEN-FITS",
                generation + ":" + revision);
        return FencingToken.newBuilder()
                .setGeneration(generation)
                .setRevision(revision)
                .setNumber(((long) generation << REVISION_BITS) + revision)
                .build();
    }

    /** The token with this number. */
    public static FencingToken ofNumber(long number) {
        return of((int) (number >>> REVISION_BITS), number & ((1L << REVISION_BITS) - 1));
    }

    public static String format(FencingToken token) {
        return token.getGeneration() + ":" + token.getRevision();
    }

    /** Same grant. */
    public static boolean same(FencingToken one, FencingToken other) {
        return ORDER.compare(one, other) == 0;
    }
}
