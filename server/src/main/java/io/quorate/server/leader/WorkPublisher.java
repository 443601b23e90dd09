package io.quorate.server.leader;

import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Migrations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends each connected node its full set of work whenever it changed. A set is computed only from a state that a
 * barrier of this term confirmed (ConfirmedToken). For each node nothing but the last set and one mark is kept, however
 * slow the node is.
 */
final class WorkPublisher {

    /** After a barrier that failed, it is tried again when this has passed and the term still lasts. */
    private static final long AGAIN_MILLIS = 200;

    /** Adds to a node's set what is not in the state: orders to fence, to look, to send logs. */
    interface OrderSource extends BiConsumer<NodeRow, StreamWorkResponse.Builder> {}

    private static final class Subscriber {
        private final WorkStream stream;
        private @Nullable StreamWorkResponse last;

        private Subscriber(WorkStream stream) {
            this.stream = stream;
        }
    }

    private final TermContext context;
    private final ConfirmationRounds rounds;
    private final List<OrderSource> sources;
    private final Map<String, Subscriber> subscribers = new TreeMap<>();
    private final Set<String> dirty = new TreeSet<>();
    private final Map<String, String> ownerOfInstance = new TreeMap<>();
    private final Set<String> departing = new TreeSet<>();
    private boolean asked;

    WorkPublisher(TermContext context, ConfirmationRounds rounds, List<OrderSource> sources) {
        this.context = context;
        this.rounds = rounds;
        this.sources = List.copyOf(sources);
        for (InstanceRow instance : context.state().instances().values()) {
            ownerOfInstance.put(instance.getId(), instance.getOwnership().getNode());
            noteDeparture(instance, false);
        }
    }

    /** A node wants its work. An earlier stream of it ends. */
    void open(WorkStream stream) {
        Subscriber former = subscribers.put(stream.node(), new Subscriber(stream));
        if (former != null) {
            former.stream.closeRevoked("another stream of this node was opened");
        }
        touch(stream.node());
    }

    /** A stream ended. False: it was not the node's present one. */
    boolean closed(WorkStream stream) {
        Subscriber present = subscribers.get(stream.node());
        if (present == null || present.stream != stream) {
            return false;
        }
        subscribers.remove(stream.node());
        return true;
    }

    /** A stream can take another set. */
    void ready(WorkStream stream) {
        if (dirty.contains(stream.node())) {
            askForProof();
        }
    }

    boolean isConnected(String node) {
        return subscribers.containsKey(node);
    }

    /** The node's set may have changed. */
    void touch(String node) {
        dirty.add(node);
        askForProof();
    }

    /** All sets may have changed. */
    void touchAll() {
        if (!subscribers.isEmpty()) {
            dirty.addAll(subscribers.keySet());
            askForProof();
        }
    }

    /** Marks the nodes whose work these commits may have changed. */
    void committed(List<Commit> commits) {
        for (Commit commit : commits) {
            commit.changes().forEach(this::changed);
        }
    }

    /** The term is over. */
    void end() {
        List<Subscriber> left = new ArrayList<>(subscribers.values());
        subscribers.clear();
        left.forEach(subscriber -> subscriber.stream.closeNotLeader());
    }

    private void changed(Change change) {
        switch (change.getRowCase()) {
            case META, SETTINGS, OBJECT -> touchAll();
            case NODE -> nodeChanged(change.getNode().getName());
            case INSTANCE -> instanceChanged(change.getInstance(), change.getDeleted());
            case ATTRIBUTE, TICKET, SITE_TICKET, OPERATION, EVENT, VOTER, JOIN_TOKEN, LEDGER, ROW_NOT_SET -> {
                // Not part of any node's set; open tickets reach their executors through the fence coordinator.
            }
        }
    }

    /** Nothing is sent to a node that is not there: whoever is to send something to it is told when it is, and when it is not. */
    private void nodeChanged(String node) {
        touch(node);
        for (String id : departing) {
            InstanceRow row = context.state().instance(id);
            if (row != null && row.getOwnership().getDeparture().getNode().equals(node)) {
                touch(row.getOwnership().getNode());
            }
        }
    }

    private void noteDeparture(InstanceRow row, boolean deleted) {
        if (row.getOwnership().hasDeparture() && !deleted) {
            departing.add(row.getId());
        } else {
            departing.remove(row.getId());
        }
    }

    private void instanceChanged(InstanceRow row, boolean deleted) {
        noteDeparture(row, deleted);
        String owner = row.getOwnership().getNode();
        String before = deleted ? ownerOfInstance.remove(row.getId()) : ownerOfInstance.put(row.getId(), owner);
        if (before == null || deleted || row.getProbeSince() > 0 || isToldToPeers(row)) {
            touchAll();
            return;
        }
        if (!before.isEmpty()) {
            touch(before);
        }
        if (!owner.isEmpty()) {
            touch(owner);
        }
        otherHolder(row).ifPresent(this::touch);
    }

    /** Who holds the other half of a live migration: what it is told depends on how far this one is. */
    private Optional<String> otherHolder(InstanceRow row) {
        ClusterState state = context.state();
        InstanceRow other =
                Migrations.isArrival(row) ? state.instance(row.getArrivalOf()) : Migrations.arrivalOf(state, row);
        return Optional.ofNullable(other)
                .map(half -> half.getOwnership().getNode())
                .filter(node -> !node.isEmpty());
    }

    /** The other copies of its clone are told what becomes of it. */
    private boolean isToldToPeers(InstanceRow row) {
        ObjectRow unit = context.state().object(row.getUnit());
        return row.hasSlot() && unit != null && unit.getClone().getNotify();
    }

    private void askForProof() {
        dirty.retainAll(subscribers.keySet());
        if (asked || dirty.isEmpty()) {
            return;
        }
        asked = true;
        rounds.ask(
                state -> {
                    asked = false;
                    publish(state);
                },
                failure -> context.after(AGAIN_MILLIS, "work-again", late -> {
                    asked = false;
                    askForProof();
                }));
    }

    private void publish(ClusterState state) {
        for (String node : List.copyOf(dirty)) {
            Subscriber subscriber = subscribers.get(node);
            if (subscriber == null) {
                dirty.remove(node);
            } else if (subscriber.stream.isReady()) {
                dirty.remove(node);
                send(state, node, subscriber);
            }
        }
    }

    private void send(ClusterState state, String node, Subscriber subscriber) {
        NodeRow row = state.node(node);
        if (row == null
                || row.getIncarnation() != subscriber.stream.incarnation()
                || row.getSession() != subscriber.stream.session()
                || !LeaseAuthority.isInContact(row)) {
            subscribers.remove(node);
            subscriber.stream.closeRevoked(row == null ? "the node is unknown" : "the node must register again");
            return;
        }
        StreamWorkResponse.Builder work = WorkSets.of(state, row);
        sources.forEach(source -> source.accept(row, work));
        StreamWorkResponse complete = work.build();
        if (!sameWork(complete, subscriber.last)) {
            subscriber.last = complete;
            subscriber.stream.send(complete);
        }
    }

    private static boolean sameWork(StreamWorkResponse work, @Nullable StreamWorkResponse last) {
        return last != null
                && work.toBuilder().setPosition(last.getPosition()).build().equals(last);
    }
}
