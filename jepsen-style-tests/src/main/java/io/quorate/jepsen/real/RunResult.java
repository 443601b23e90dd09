package io.quorate.jepsen.real;

import io.quorate.jepsen.report.Report;
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
 * @param again the number of the run that played the same once more, since too few answers a second was all that was wrong, and a
 *     busy neighbour of the machine may be why; 0: none
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
        int again,
        List<String> failures) {
    /** Clients must have so many answers a second at least. */
    static final long LEAST_PER_SECOND = 200;

    RunResult {
        faults = List.copyOf(faults);
        kinds = List.copyOf(kinds);
        failures = List.copyOf(failures);
    }

    static String slow(long perSecond) {
        return "only " + perSecond + " operations a second";
    }

    /** Whether too few answers a second is all that was wrong. */
    boolean isOnlySlow() {
        return failures.equals(List.of(slow(perSecond)));
    }

    /** The same run, which another one stands for. */
    RunResult playedAgain(int number) {
        return new RunResult(
                this.number,
                seed,
                faults,
                kinds,
                operations,
                perSecond,
                outageMillis,
                serviceMillis,
                overlapMillis,
                history,
                watch,
                digest,
                recoveredSeconds,
                tookSeconds,
                number,
                failures);
    }

    Report.Result verdict() {
        if (failures.isEmpty()) {
            return Report.Result.PASSED;
        }
        return again > 0 ? Report.Result.SKIPPED : Report.Result.FAILED;
    }

    /** Why it is no pass; empty when it is. */
    String reason() {
        String why = String.join("; ", failures);
        return again > 0 ? why + ": run " + again + " played the same once more" : why;
    }
}
