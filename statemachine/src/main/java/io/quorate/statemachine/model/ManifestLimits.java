package io.quorate.statemachine.model;

/** Bounds of everything that people write in files. Servers and clients check the same ones. */
public final class ManifestLimits {
    public static final int MAX_OBJECT_BYTES = 64 * 1024;
    public static final int MAX_VALUE_BYTES = 64 * 1024;
    public static final int MAX_PARAMETERS = 256;
    public static final int MAX_SCORE = 1_000_000;
    public static final int MAX_COPIES = 1_000;
    public static final int MAX_COPIES_PER_NODE = 100;
    public static final int MAX_MEMBERS = 100;
    public static final int MAX_NODES = 1_000;
    public static final int MAX_LABELS = 64;
    public static final int MAX_OPERATIONS = 32;
    public static final int MAX_ARGUMENTS = 1_024;
    public static final int MAX_FENCE_LEVELS = 9;
    public static final int MAX_DEVICES_PER_LEVEL = 16;
    public static final int MAX_RULES = 32;
    public static final int MAX_MATCHES = 16;
    /** Ranges of one field of a condition of dates. */
    public static final int MAX_DATE_RANGES = 16;

    public static final int MAX_SETS = 16;
    public static final int MAX_DESCRIPTION_BYTES = 4 * 1024;
    public static final int MAX_LABEL_BYTES = 256;
    public static final int MAX_FAILURES = 1_000_000;

    /** The shortest interval between two checks. */
    public static final long MIN_INTERVAL_MILLIS = 100;
    /** The longest timeout of one operation. */
    public static final long MAX_TIMEOUT_MILLIS = 24L * 3600 * 1000;
    /** The longest duration anywhere. */
    public static final long MAX_DURATION_MILLIS = 365L * 24 * 3600 * 1000;

    /** How many violations one check returns: enough to fix a file in one go, bounded for hostile input. */
    public static final int MAX_VIOLATIONS = 20;

    private ManifestLimits() {}
}
