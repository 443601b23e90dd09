package io.quorate.jepsen.real;

import java.util.List;

/**
 * What one run came to.
 *
 * @param faults as fired
 * @param kinds of faults that took effect
 * @param outageMillis the longest time in which no client of the registers was answered
 * @param serviceMillis the longest time between two answers of the floating address
 * @param overlapMillis the longest time that something exclusive was in two places
 * @param recoveredSeconds from when the last fault was taken away until all was well; negative: it was not
 * @param tookSeconds the whole run, with all that was looked at afterwards
 * @param failures why it failed; empty when it passed
 */
record RunResult(
        int number,
        long seed,
        List<String> faults,
        List<String> kinds,
        long operations,
        long perSecond,
        double outageMillis,
        double serviceMillis,
        double overlapMillis,
        String history,
        String watch,
        String digest,
        double recoveredSeconds,
        double tookSeconds,
        List<String> failures) {
    RunResult {
        faults = List.copyOf(faults);
        kinds = List.copyOf(kinds);
        failures = List.copyOf(failures);
    }

    boolean passed() {
        return failures.isEmpty();
    }
}
