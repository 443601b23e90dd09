package io.quorate.statemachine.model;

/**
 * Which generation a restore starts (GenerationFloor).
 *
 * <p>A token is one positive 64-bit integer with 48 bits for the revision, so a generation has 15 bits. The clock
 * therefore enters in days, not in seconds: it keeps apart restores of the same backup on different days even when
 * nothing that saw the earlier one can be asked; restores on one day are kept apart by what agents and replaced data
 * directories report.
 */
public final class Generations {
    /** The highest generation that fits into a token number. */
    public static final int MAX = (1 << 15) - 1;

    private static final long MILLIS_PER_DAY = 86_400_000L;
    private static final long EPOCH_MILLIS = 1_767_225_600_000L; // 2026-01-01T00:00:00Z

    private Generations() {}

    /**
     * The generation that a restore must use: above the backup's and any other one known, and at least the day.
     *
     * @param backup generation of the backup
     * @param highestKnown highest generation found in replaced directories or reported by agents; 0 = none
     * @param wallMillis milliseconds since 1970, UTC
     */
    public static int next(int backup, int highestKnown, long wallMillis) {
        long day = Math.max(0, (wallMillis - EPOCH_MILLIS) / MILLIS_PER_DAY + 1);
        long next = Math.max(Math.max(backup, highestKnown) + 1L, day);
        Check.invariant(next <= MAX, "GENERATION-FITS", next);
        return (int) next;
    }
}
