package io.quorate.server.leader;

import java.util.List;

/**
 * How far the attempts for one ticket have come: each level is tried {@code triesPerLevel} times, then the next one;
 * after the last the first again, for ever. A level that was not tried yet in this round is tried at once; every other
 * attempt waits, 2 s at first, doubled each time up to a limit.
 */
final class FenceProgress {
    private static final long FIRST_BACKOFF_MILLIS = 2_000;
    private static final int MAX_DOUBLINGS = 20;

    /**
     * An order that is under way.
     *
     * @param orderedNanos when it was given
     */
    record Running(String executor, long executorSession, int attempt, List<String> devices, long orderedNanos) {}

    private int level;
    private int triesAtLevel;
    private int failures;
    private int attempts;

    /** Takes over from the attempts that the ticket has on record: their count goes on. */
    FenceProgress(int attemptsOnRecord) {
        attempts = attemptsOnRecord;
    }

    int failures() {
        return failures;
    }

    /** The devices to try now, of levels that may have changed since the last attempt. */
    List<String> devices(List<List<String>> levels) {
        return levels.get(level % levels.size());
    }

    /** The number of the attempt that begins now. */
    int begin() {
        attempts++;
        return attempts;
    }

    /** An attempt failed: how long to wait before the next one. */
    long failed(int levels, int triesPerLevel, long maxBackoffMillis) {
        failures++;
        triesAtLevel++;
        if (triesAtLevel >= triesPerLevel) {
            triesAtLevel = 0;
            level = level + 1 >= levels ? 0 : level + 1;
            if (level > 0) {
                return 0;
            }
        }
        int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
        return Math.min(maxBackoffMillis, FIRST_BACKOFF_MILLIS << doublings);
    }
}
