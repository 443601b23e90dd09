package io.quorate.server.raft;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells when the first entry of a leader's term will never be confirmed: what a reminder does for later entries (see
 * {@link Proposer}) cannot be done for it, because Ratis takes no other before it is committed. Such a leader would keep its
 * followers for ever and serve nobody; the next term sends everything anew. What is slow looks the same, so each term that is
 * given up in vain makes the next one more patient.
 */
final class FirstEntry {

    /** A confirmation that takes so long is lost more likely than slow. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Longer than the append of any disk that can serve a cluster. */
    static final Duration MOST_PATIENCE = Duration.ofMinutes(2);

    /**
     * Another voter as its leader knows it.
     *
     * @param sentTo the index that it is sent next: everything before may have been taken
     * @param confirmed the last index that it has confirmed
     * @param answers whether it answered lately; Ratis counts as sent what it prepared for one that is off
     */
    record Follower(long sentTo, long confirmed, boolean answers) {}

    /** The present wait: since when nothing has moved. */
    private record Standstill(long term, List<Follower> followers, long sinceNanos) {}

    private @Nullable Standstill standstill;
    private long givenUpTerm = -1;
    private long patienceNanos = PATIENCE.toNanos();

    /**
     * To be asked again and again by a leader whose first entry is not committed yet.
     *
     * @param begunTerm the newest term of which anything is committed
     * @param nextIndex of its log
     * @param followers the other voters
     * @return true when a majority that answers has been sent all there is, is not known to have it, and nothing has moved for as long as
     *     the patience lasts: {@link #PATIENCE}, and twice as long after each time until a term has begun. A majority that has
     *     confirmed it, or is still to be sent something, is waited for
     */
    boolean isLost(long nowNanos, long term, long begunTerm, long nextIndex, List<Follower> followers) {
        if (begunTerm > givenUpTerm) {
            patienceNanos = PATIENCE.toNanos();
        }
        int majority = (followers.size() + 1) / 2 + 1;
        long has = 1
                + followers.stream()
                        .filter(follower -> follower.confirmed() >= nextIndex - 1)
                        .count();
        long sent = 1
                + followers.stream()
                        .filter(follower -> follower.answers() && follower.sentTo() >= nextIndex)
                        .count();
        if (has >= majority || sent < majority) {
            standstill = null;
            return false;
        }
        Standstill before = standstill;
        if (before == null || before.term() != term || !before.followers().equals(followers)) {
            standstill = new Standstill(term, List.copyOf(followers), nowNanos);
            return false;
        }
        if (nowNanos - before.sinceNanos() < patienceNanos) {
            return false;
        }
        standstill = null;
        givenUpTerm = term;
        patienceNanos = Math.min(2 * patienceNanos, MOST_PATIENCE.toNanos());
        return true;
    }
}
