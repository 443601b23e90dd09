package io.quorate.server.raft;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The replicated log as the rest of the server sees it. Thread-safe; no method blocks. Futures may complete on the apply
 * thread: continuations must be quick, or use the Async forms with an executor of their own.
 */
public interface RaftPort {

    /**
     * Has a command decided, together with others that wait. Leader only.
     *
     * @return its verdict, accepted or refused. Fails with {@link UnavailableException} (definitely not done) or {@link
     *     IndeterminateException} (may have been done)
     */
    CompletableFuture<CommandResult> propose(Command command);

    /**
     * A state at least as new as every command that anybody had acknowledged before this call, through the shared read
     * barrier. Leader only. Fails with {@link UnavailableException}: a read can always be repeated.
     */
    CompletableFuture<ClusterState> readLinearizable();

    /** What this replica has applied: a stale read. */
    ClusterState applied();

    /**
     * Completes when this replica has applied {@code atLeast}; at once when its generation is already a later one. Fails
     * with {@link UnavailableException} when the member stops, or when too many wait.
     */
    CompletableFuture<ClusterState> whenApplied(Position atLeast);

    /** The newest known leadership. */
    Leadership leadership();

    /** Registers for every later applied entry. */
    Subscription onApplied(AppliedListener listener);

    /**
     * Registers for changes of leadership, beginning with the present one; in order, on a thread of their own.
     * {@code ready} becomes true when this term's first entry is applied and the cluster is initialized.
     */
    Subscription onLeadership(Consumer<Leadership> listener);

    /** Time since this member last knew that a leader is at work; zero on a leader. */
    Duration sinceLeaderContact();

    /**
     * When the newest entry of the terms before the one that this member leads was proposed, on its monotonic clock and as
     * nearly as it can tell: somebody led until then, and had not given up any node that was in contact. Of use while this
     * member leads.
     */
    long formerLeaderNanos();

    /** Hands leadership to a voter; completes when that one leads. Leader only. */
    CompletableFuture<Void> transferLeadership(String memberId);

    /**
     * Replaces a voter: the coming one, already started as a learner, catches up, then one configuration change swaps
     * them, so that the group never has fewer voters than before. Idempotent. Leader only.
     *
     * @param goingId empty: nobody goes, the group grows by one
     */
    CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming);

    /** Progress of every member, this one included; empty on followers. */
    List<MemberProgress> members();

    /** Id of this member: name and random suffix, made when its directory was formatted. */
    String memberId();

    /**
     * An agent says that it was shown {@code shown} by this cluster (HistoryBack). When this member leads the same
     * generation and has never heard of it, acknowledged history is gone and the process halts. One agent is enough: it may
     * be the only one that was shown the lost part, and what was granted in it may run there. So the caller makes sure that
     * the agent's memory is of this cluster, and the agent that it is whole.
     *
     * @param node whose agent says it, for the last words
     */
    void historyWentBack(Position shown, String node);
}
