package io.quorate.jepsen.level;

/** How thoroughly to check. */
enum Level {
    /** Minutes, on any machine: part of the build. */
    FAST,
    /** A quarter of an hour on two cores. */
    CI,
    /** For hours, with seeds that nobody has seen yet. */
    SOAK
}
