package io.quorate.e2e;

import java.util.OptionalDouble;

/**
 * How a case ended.
 *
 * @param reason why it failed or was skipped; empty when it passed
 * @param overlapMillis the longest time that the service ran twice, by the witness; empty when nothing was recorded
 * @param clientMillis the longest time between two answers that the client got, from the fault on
 * @param reportedMillis the outage that `quorate history` reports; empty when it reports none
 */
public record Outcome(
        String name,
        String title,
        Result result,
        String reason,
        OptionalDouble overlapMillis,
        OptionalDouble clientMillis,
        OptionalDouble reportedMillis,
        double seconds) {
    /** As the names of the summary in lower case. */
    public enum Result {
        PASSED,
        FAILED,
        SKIPPED
    }
}
