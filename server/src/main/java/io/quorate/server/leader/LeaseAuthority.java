package io.quorate.server.leader;

import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.log.v1.NodeRow;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.NodePhase;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Answers lease renewals. A lease is given only by a leader that was confirmed after the renewal arrived (Confirmed),
 * and never to a lost or fenced node or to an earlier life of it (Revoke, Incarnation).
 */
final class LeaseAuthority {
    private final TermContext context;
    private final HeartbeatTable heartbeats;
    private final ConfirmationRounds rounds;
    private final HeardNotes heardNotes;

    LeaseAuthority(TermContext context, HeartbeatTable heartbeats, ConfirmationRounds rounds) {
        this.context = context;
        this.heartbeats = heartbeats;
        this.rounds = rounds;
        this.heardNotes = new HeardNotes(context);
    }

    /**
     * Takes a renewal in. Its header is left to the caller, who knows the replica's names.
     *
     * @param arrivalNanos when it reached this process, before any queue
     */
    void renew(RenewLeaseRequest request, long arrivalNanos, CompletableFuture<Confirmed> answer) {
        NodeRow row = context.state().node(request.getNode());
        if (row != null) {
            heartbeats.heard(
                    request.getNode(),
                    request.getIncarnation(),
                    request.getSession(),
                    arrivalNanos,
                    TermContext.millisToNanos(FailureDetector.timeoutMillis(row, context.settings())));
            heardNotes.heard(request.getNode());
        }
        rounds.askSoon(state -> answer(request, arrivalNanos, state, answer), answer::completeExceptionally);
    }

    /** An answer and the confirmed state that it rests on. */
    record Confirmed(RenewLeaseResponse.Builder response, ClusterState state) {}

    private void answer(
            RenewLeaseRequest request, long arrivalNanos, ClusterState state, CompletableFuture<Confirmed> answer) {
        if (Positions.ORDER.compare(request.getHighestSeen(), state.position()) > 0) {
            context.raft().historyWentBack(request.getHighestSeen(), request.getNode());
            answer.completeExceptionally(new UnavailableException("node " + request.getNode() + " has seen position "
                    + Positions.format(request.getHighestSeen()) + ", this cluster is at "
                    + Positions.format(state.position())));
            return;
        }
        RenewLeaseResponse.Verdict verdict = verdict(request, state.node(request.getNode()));
        RenewLeaseResponse.Builder response =
                RenewLeaseResponse.newBuilder().setVerdict(verdict).setSequence(request.getSequence());
        if (verdict == RenewLeaseResponse.Verdict.VERDICT_RENEWED) {
            heartbeats.accepted(request.getNode(), request.getIncarnation(), arrivalNanos);
            context.counters().renewals.increment();
            response.setLease(Settings.duration(state.settings().leaseMillis()));
        } else {
            context.counters().revocations.increment();
        }
        answer.complete(new Confirmed(response, state));
    }

    private static RenewLeaseResponse.Verdict verdict(RenewLeaseRequest request, @Nullable NodeRow row) {
        if (row == null
                || row.getIncarnation() != request.getIncarnation()
                || row.getSession() != request.getSession()) {
            return RenewLeaseResponse.Verdict.VERDICT_OLD_INCARNATION;
        }
        return isInContact(row)
                ? RenewLeaseResponse.Verdict.VERDICT_RENEWED
                : RenewLeaseResponse.Verdict.VERDICT_REVOKED;
    }

    /** Whether the cluster counts the node as present. */
    static boolean isInContact(NodeRow row) {
        return row.getPhase() == NodePhase.NODE_PHASE_UP || row.getPhase() == NodePhase.NODE_PHASE_JOINING;
    }
}
