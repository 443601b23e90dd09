package io.quorate.statemachine.apply;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.SettingsRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.OperationState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The changes of one accepted command as they come into being: each is reduced at once, so that an effect reads its
 * own writes. Stamps every row it writes with the revision of the command.
 */
public final class Draft {
    private final Command command;
    private final Stamp now;
    private final long revision;
    private final List<Change> changes = new ArrayList<>();
    private ClusterState state;

    Draft(ClusterState state, Command command, Stamp now) {
        this.state = state;
        this.command = command;
        this.now = now;
        this.revision = state.revision() + 1;
    }

    /** The state with the changes so far. */
    public ClusterState state() {
        return state;
    }

    /** The revision that this command creates. */
    public long revision() {
        return revision;
    }

    public Stamp now() {
        return now;
    }

    public Command command() {
        return command;
    }

    public Actor actor() {
        return command.getActor();
    }

    List<Change> changes() {
        return changes;
    }

    void put(MetaRow.Builder row) {
        add(Change.newBuilder().setMeta(row));
    }

    void put(SettingsRow.Builder row) {
        add(Change.newBuilder().setSettings(row.setRevision(revision)));
    }

    /** Writes an object; its meta gets this revision, and this actor as its writer. */
    void put(ObjectRow.Builder row) {
        row.getMetaBuilder().setRevision(revision);
        add(Change.newBuilder().setObject(row));
    }

    void put(NodeRow.Builder row) {
        add(Change.newBuilder().setNode(row.setRevision(revision)));
    }

    void put(InstanceRow.Builder row) {
        add(Change.newBuilder().setInstance(row.setRevision(revision)));
    }

    void put(AttributeRow.Builder row) {
        add(Change.newBuilder().setAttribute(row.setRevision(revision)));
    }

    void put(FenceTicketRow.Builder row) {
        add(Change.newBuilder().setTicket(row.setRevision(revision)));
    }

    void put(SiteTicketRow.Builder row) {
        add(Change.newBuilder().setSiteTicket(row.setRevision(revision)));
    }

    void put(OperationRow.Builder row) {
        add(Change.newBuilder().setOperation(row.setRevision(revision)));
    }

    void put(VoterRow.Builder row) {
        add(Change.newBuilder().setVoter(row.setRevision(revision)));
    }

    void put(JoinTokenRow.Builder row) {
        add(Change.newBuilder().setJoinToken(row));
    }

    void deleteObject(String key) {
        add(Change.newBuilder().setObject(ObjectRow.newBuilder().setKey(key)).setDeleted(true));
    }

    void deleteNode(String name) {
        add(Change.newBuilder().setNode(NodeRow.newBuilder().setName(name)).setDeleted(true));
    }

    void deleteInstance(String id) {
        add(Change.newBuilder().setInstance(InstanceRow.newBuilder().setId(id)).setDeleted(true));
    }

    void deleteAttribute(String node, String name) {
        add(Change.newBuilder()
                .setAttribute(AttributeRow.newBuilder().setNode(node).setName(name))
                .setDeleted(true));
    }

    void deleteTicket(String id) {
        add(Change.newBuilder().setTicket(FenceTicketRow.newBuilder().setId(id)).setDeleted(true));
    }

    void deleteSiteTicket(String name) {
        add(Change.newBuilder()
                .setSiteTicket(SiteTicketRow.newBuilder().setName(name))
                .setDeleted(true));
    }

    void deleteOperation(String id) {
        add(Change.newBuilder()
                .setOperation(OperationRow.newBuilder().setId(id))
                .setDeleted(true));
    }

    void deleteJoinToken(String id) {
        add(Change.newBuilder()
                .setJoinToken(JoinTokenRow.newBuilder().setId(id))
                .setDeleted(true));
    }

    void deleteEvent(long sequence) {
        add(Change.newBuilder()
                .setEvent(EventRow.newBuilder().setSequence(sequence))
                .setDeleted(true));
    }

    /** Adds a line of history: position, time, actor and number are filled in here. The oldest line goes over the bound. */
    void event(EventRow.Builder event) {
        long sequence = state.events().isEmpty() ? 1 : state.events().lastKey() + 1;
        if (event.getActor().isEmpty()) {
            event.setActor(command.getActor().getName());
        }
        add(Change.newBuilder()
                .setEvent(event.setSequence(sequence)
                        .setRevision(revision)
                        .setGeneration(state.generation())
                        .setAt(now)));
        while (state.events().size() > state.settings().historyEvents()) {
            deleteEvent(state.events().firstKey());
        }
    }

    /** Starts an operation that somebody may wait for, in the place of one that asked the same, and gives its id. */
    String startOperation(String kind, String node, String... objects) {
        String id = "op-" + revision;
        for (OperationRow old : List.copyOf(state.operations().values())) {
            if (old.getState() == OperationState.OPERATION_STATE_RUNNING
                    && old.getKind().equals(kind)
                    && old.getObjectsList().equals(Arrays.asList(objects))) {
                put(old.toBuilder()
                        .setState(OperationState.OPERATION_STATE_CANCELLED)
                        .setDetail("superseded by " + id)
                        .setFinished(now));
            }
        }
        put(OperationRow.newBuilder()
                .setId(id)
                .setKind(kind)
                .setNode(node)
                .addAllObjects(Arrays.asList(objects))
                .setState(OperationState.OPERATION_STATE_RUNNING)
                .setActor(command.getActor().getName())
                .setReason(command.getReason())
                .setStarted(now)
                .setStartedRevision(revision));
        return id;
    }

    private void add(Change.Builder builder) {
        Change change = builder.build();
        state = Reducer.reduce(state, change);
        changes.add(change);
    }
}
