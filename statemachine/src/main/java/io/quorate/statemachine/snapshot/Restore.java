package io.quorate.statemachine.snapshot;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.PauseRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.Check;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationState;
import io.quorate.v1.RunState;
import io.quorate.v1.TicketState;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What a backup becomes when a new generation begins with it (RestoreQuarantine). */
public final class Restore {
    private static final String BY = "restore";

    private Restore() {}

    /**
     * The state that a restored group begins with. The backup may be old: nothing in it says what runs where now. So
     * the cluster is paused in quarantine, every node is lost until it registers anew (with a new life: it may have had
     * later ones than the backup knows), and no instance has an owner: it is granted only where a probe finds it
     * running, or after every node said that it does not run. Tokens that were given out stay the floor for later
     * ones. The former voters never vote again.
     *
     * <p>Tickets between sites are revoked: another site may hold them by now, and two that hold one run everything twice.
     * A person grants them again, best before the cluster is resumed, when what was lost with them is stopped.
     *
     * <p>Every voter of the group is formatted on its own host, and all must begin with the same state: it depends on
     * the arguments alone, on no host's name or clock. Its times are those of the backup's last change.
     *
     * @param generation of the new history; above the backup's
     * @param voters of the new group
     * @param addedNodes that joined after the backup: it knows nothing of them, and they may run anything
     */
    public static ClusterState quarantined(
            ClusterState backup, int generation, List<VoterRow> voters, Collection<String> addedNodes) {
        Check.invariant(generation > backup.generation(), "GENERATION-RISES", generation);
        long revision = backup.revision() + 1;
        Stamp now = backup.stamp();
        NavigableMap<String, NodeRow> nodes = new TreeMap<>(backup.nodes());
        addedNodes.forEach(name -> nodes.putIfAbsent(name, added(name, revision)));
        Draft draft = new Draft(backup);
        draft.put(Change.newBuilder()
                .setMeta(backup.meta().toBuilder()
                        .setGeneration(generation)
                        .setPause(PauseRow.newBuilder()
                                .setReason("restored from a backup of " + Positions.format(backup.position()))
                                .setBy(BY)
                                .setSince(now)
                                .setQuarantine(true)
                                .addAllExpectedNodes(nodes.keySet()))));
        nodes.values().forEach(node -> draft.put(Change.newBuilder().setNode(lost(node, revision, now))));
        backup.instances()
                .values()
                .forEach(instance ->
                        draft.put(Migrations.isArrival(instance) ? gone(instance) : unowned(instance, revision, now)));
        backup.tickets().values().forEach(ticket -> closed(draft, ticket, revision, now));
        backup.siteTickets().values().forEach(ticket -> revoked(draft, ticket, revision, now));
        backup.operations().values().forEach(operation -> ended(draft, operation, revision, now));
        backup.joinTokens()
                .keySet()
                .forEach(id -> draft.put(Change.newBuilder()
                        .setJoinToken(JoinTokenRow.newBuilder().setId(id))
                        .setDeleted(true)));
        backup.voters()
                .values()
                .forEach(voter -> draft.put(Change.newBuilder()
                        .setVoter(voter.toBuilder().setRemoved(true).setRevision(revision))));
        voters.forEach(voter ->
                draft.put(Change.newBuilder().setVoter(voter.toBuilder().setRevision(revision))));
        if (backup.events().size() >= backup.settings().historyEvents()) {
            draft.put(Change.newBuilder()
                    .setEvent(EventRow.newBuilder().setSequence(backup.events().firstKey()))
                    .setDeleted(true));
        }
        draft.put(Change.newBuilder().setEvent(event(backup, generation, revision, now)));
        return draft.state.advanced(revision, now);
    }

    private static final class Draft {
        private ClusterState state;

        Draft(ClusterState state) {
            this.state = state;
        }

        void put(Change.Builder change) {
            state = Reducer.reduce(state, change.build());
        }
    }

    /** A node of which only the name is known: whichever machine registers with it has it. */
    private static NodeRow added(String name, long revision) {
        return NodeRow.newBuilder()
                .setName(name)
                .setCreatedRevision(revision)
                .setIncarnation(revision)
                .build();
    }

    private static NodeRow lost(NodeRow node, long revision, Stamp now) {
        return node.toBuilder()
                .setPhase(NodePhase.NODE_PHASE_LOST)
                .setPhaseSince(now)
                .setRevision(revision)
                .setLostReason("not seen since the restore")
                .setSilenceMillis(0)
                .clearBootId() // whatever boot it is in, it begins a new life here
                .clearSessionNonce()
                .clearProcessId()
                .clearFound()
                .clearFormerLives()
                .clearJoinPending()
                .clearLooks()
                .clearOffEvidence()
                .setMustJoinClean(false)
                .setDetaching(false)
                .build();
    }

    /** What was moving is where it is found. */
    private static Change.Builder gone(InstanceRow arrival) {
        return Change.newBuilder()
                .setInstance(InstanceRow.newBuilder().setId(arrival.getId()))
                .setDeleted(true);
    }

    private static Change.Builder unowned(InstanceRow instance, long revision, Stamp now) {
        InstanceRow.Builder row = instance.toBuilder()
                .setRevision(revision)
                .setProbeSince(revision)
                .clearProbes()
                .clearRecover()
                .clearRestart();
        if (instance.hasOwnership()) {
            boolean higher = Tokens.ORDER.compare(instance.getOwnership().getToken(), instance.getStoppedToken()) > 0;
            row.clearOwnership().setLastNode(instance.getOwnership().getNode());
            if (higher) {
                row.setStoppedToken(instance.getOwnership().getToken());
            }
        }
        for (int i = 0; i < row.getMembersCount(); i++) {
            row.getMembersBuilder(i).setState(RunState.RUN_STATE_UNKNOWN).setSince(now);
        }
        return Change.newBuilder().setInstance(row);
    }

    private static void closed(Draft draft, FenceTicketRow ticket, long revision, Stamp now) {
        if (ticket.getState() == TicketState.TICKET_STATE_OPEN) {
            draft.put(Change.newBuilder()
                    .setTicket(ticket.toBuilder()
                            .setState(TicketState.TICKET_STATE_CANCELLED)
                            .setClosed(now)
                            .setRevision(revision)));
        }
    }

    private static void revoked(Draft draft, SiteTicketRow ticket, long revision, Stamp now) {
        if (ticket.getGranted()) {
            draft.put(Change.newBuilder()
                    .setSiteTicket(ticket.toBuilder()
                            .setGranted(false)
                            .setSince(now)
                            .setBy(BY)
                            .setReason("the backup does not say which site has held it since")
                            .setRevision(revision)));
        }
    }

    private static void ended(Draft draft, OperationRow operation, long revision, Stamp now) {
        if (operation.getState() == OperationState.OPERATION_STATE_RUNNING) {
            draft.put(Change.newBuilder()
                    .setOperation(operation.toBuilder()
                            .setState(OperationState.OPERATION_STATE_FAILED)
                            .setDetail("the cluster was restored from a backup meanwhile")
                            .setFinished(now)
                            .setRevision(revision)));
        }
    }

    private static EventRow event(ClusterState backup, int generation, long revision, Stamp now) {
        long sequence = backup.events().isEmpty() ? 1 : backup.events().lastKey() + 1;
        return EventRow.newBuilder()
                .setSequence(sequence)
                .setRevision(revision)
                .setGeneration(generation)
                .setAt(now)
                .setKind("CLUSTER_RESTORED")
                .setActor(BY)
                .setOutageMillis(-1)
                .setText("generation %d begins with the backup of %s"
                        .formatted(generation, Positions.format(backup.position())))
                .build();
    }
}
