package io.quorate.client.cli;

/** The process's answer to scripts; {@code quorate help exit-codes} prints the same table. */
public final class ExitCodes {
    public static final int OK = 0;
    public static final int ERROR = 1;
    public static final int USAGE = 2;
    public static final int NOT_FOUND = 3;
    public static final int CONFLICT = 4;
    public static final int UNAVAILABLE = 5;
    public static final int REFUSED = 6;
    public static final int TIMED_OUT = 7;
    public static final int DIFFERS = 8;
    public static final int OUTCOME_UNKNOWN = 9;

    private ExitCodes() {}
}
