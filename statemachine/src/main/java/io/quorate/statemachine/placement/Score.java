package io.quorate.statemachine.placement;

/** Scores as everybody in this field knows them: integers that saturate at one million, called infinity. */
public final class Score {
    /** Certainly; its negative: certainly not. */
    public static final int INFINITY = 1_000_000;

    private Score() {}

    /** Within plus and minus infinity. */
    public static int limited(long score) {
        return (int) Math.max(-INFINITY, Math.min(INFINITY, score));
    }

    /** Infinity minus infinity is minus infinity: a ban is a ban. */
    public static int add(int one, int other) {
        if (one <= -INFINITY || other <= -INFINITY) {
            return -INFINITY;
        }
        if (one >= INFINITY || other >= INFINITY) {
            return INFINITY;
        }
        return limited((long) one + other);
    }

    public static String inWords(int score) {
        return score >= INFINITY ? "infinity" : score <= -INFINITY ? "-infinity" : Integer.toString(score);
    }
}
