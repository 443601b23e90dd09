package io.quorate.jepsen.check;

import java.util.Locale;

/** What a check of a history comes to. */
public enum Verdict {
    /** There is an order, in keeping with real time, in which every answer is right. */
    LINEARIZABLE,
    /** There is none. */
    ILLEGAL,
    /** The search was given up. */
    UNKNOWN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
