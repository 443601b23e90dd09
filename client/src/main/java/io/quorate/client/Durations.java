package io.quorate.client;

import java.time.Duration;

/** The shorter and the longer of two spans of time. */
final class Durations {
    private Durations() {}

    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
