package io.quorate.server.raft;

import com.google.protobuf.ByteString;
import io.quorate.log.v1.DigestCheck;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SAME-LOG-SAME-STATE (I6) by the guard DigestMajority. Now and then the leader logs its digest of its newest state,
 * which nearly always is the one before that very entry; if not, the round is left out. While all agree that is all. A
 * member that differs, and then everybody who sees that somebody differs, logs its own digest of the same moment; once a majority of the voters is known to have equal digests, the others halt; when
 * all have voted and there is no such majority, all halt. So a wrong leader cannot make right followers halt.
 *
 * <p>The votes are in the log, so that everybody counts the same ones; what each compares with them is its own digest at
 * the moment of the first. A round is named by the log index of its state: one index is one prefix of the log, so right
 * replicas that compare the same round compare the same state. A revision would not do: clock and request ledger go on
 * without it. Confined to the apply thread, but for {@link #endAt}.
 */
final class DigestMajority {

    private static final Logger log = LoggerFactory.getLogger(DigestMajority.class);

    private final String memberId;
    private final Halt halt;
    private final Consumer<DigestCheck> poster;
    private final TreeMap<String, ByteString> votes = new TreeMap<>();
    private ByteString own = ByteString.EMPTY;
    private boolean posted;
    /** Of the newest round: the index of its state, and its revision for people. */
    private long round;

    private long revision;
    private volatile long newestCheck = -1;

    /** @param poster brings a vote of this member into the log, sooner or later; must not wait */
    DigestMajority(String memberId, Halt halt, Consumer<DigestCheck> poster) {
        this.memberId = memberId;
        this.halt = halt;
        this.poster = poster;
    }

    /** Whether the log entry of this index was a check: there is nothing new to compare after it. Any thread. */
    boolean endAt(long index) {
        return newestCheck == index;
    }

    /**
     * An entry with a digest was applied.
     *
     * @param index of that entry
     * @param before the state before that entry
     * @param voters ids of the present voters
     */
    void applied(DigestCheck check, long index, Replica.Snapshot before, SortedSet<String> voters) {
        newestCheck = index;
        if (check.getLogIndex() <= 0) {
            // No state is at 0, which holds the configuration of the group: a check that does not name its state.
            return;
        }
        if (check.getLogIndex() == before.logIndex() && check.getLogIndex() != round) {
            round = check.getLogIndex();
            revision = before.state().revision();
            own = Digests.bytes(before.state());
            posted = false;
            votes.clear();
        } else if (check.getLogIndex() != round) {
            // Of an older round, or of a state that moved on before the entry was logged, or that this member never
            // had by itself because a snapshot brought it further.
            return;
        }
        votes.put(check.getMember(), check.getDigest());
        boolean ownVoteIsRight =
                check.getMember().equals(memberId) && check.getDigest().equals(own);
        posted |= ownVoteIsRight;
        boolean disagreement = votes.values().stream().anyMatch(vote -> !vote.equals(own));
        if (disagreement && !posted) {
            posted = true;
            log.error("Replicas differ at revision {}, log index {}: {}", revision, round, votes.keySet());
            poster.accept(DigestCheck.newBuilder()
                    .setLogIndex(round)
                    .setRevision(revision)
                    .setDigest(own)
                    .setMember(memberId)
                    .build());
        }
        decide(voters);
    }

    private void decide(SortedSet<String> voters) {
        TreeMap<String, Integer> counts = new TreeMap<>();
        int voted = 0;
        for (String voter : voters) {
            ByteString vote = votes.get(voter);
            if (vote != null) {
                voted++;
                counts.merge(text(vote), 1, Integer::sum);
            }
        }
        for (var count : counts.entrySet()) {
            if (count.getValue() > voters.size() / 2) {
                if (!count.getKey().equals(text(own))) {
                    halt.halt(
                            "The state of this replica differs from that of the majority at revision " + revision
                                    + ": it stops rather than act on a wrong state. Report a bug and keep its data "
                                    + "directory. " + DataDirectory.replaceHint(memberId),
                            null);
                }
                return;
            }
        }
        if (voted == voters.size() && !counts.isEmpty()) {
            halt.halt(
                    "No majority of the replicas agrees on the state at revision " + revision
                            + ": all of them stop. Report a bug; restore from a backup: quorate help restore",
                    null);
        }
    }

    private static String text(ByteString digest) {
        return java.util.HexFormat.of().formatHex(digest.toByteArray());
    }
}
