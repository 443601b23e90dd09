package io.quorate.server.raft;

import java.time.Duration;
import java.util.stream.IntStream;

/**
 * Tells when the first entry of a leader's term will never be confirmed: what a reminder does for later entries (see
 * {@link Proposer}) cannot be done for it, because Ratis takes no other before it is committed. Such a leader would keep its
 * followers for ever and serve nobody; the next term sends everything anew.
 */
final class FirstEntry {

    /** Longer than any append: what takes so long was not slow, its confirmation is lost. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private long term = -1;
    private long sinceNanos;

    /**
     * To be asked again and again by a leader whose first entry is not committed yet.
     *
     * @param nextIndex of its log
     * @param sentTo the index that each follower is sent next; a learner counts as a follower, so that it rather waits
     * @param confirmedBy the last index that each follower has confirmed
     * @return true once {@code term} has lasted for {@link #PATIENCE} and a majority has been sent all there is, and each
     *     time that it lasts as long again; a majority that has confirmed it, or is still to be sent something, is waited for
     */
    boolean isLost(long nowNanos, long term, long nextIndex, long[] sentTo, long[] confirmedBy) {
        if (this.term != term) {
            this.term = term;
            this.sinceNanos = nowNanos;
        }
        if (nowNanos - sinceNanos < PATIENCE.toNanos()) {
            return false;
        }
        int majority = (sentTo.length + 1) / 2 + 1;
        long has = 1
                + IntStream.range(0, confirmedBy.length)
                        .filter(follower -> confirmedBy[follower] >= nextIndex - 1)
                        .count();
        long sent = 1
                + IntStream.range(0, sentTo.length)
                        .filter(follower -> sentTo[follower] >= nextIndex)
                        .count();
        boolean lost = has < majority && sent >= majority;
        if (lost) {
            sinceNanos = nowNanos;
        }
        return lost;
    }
}
