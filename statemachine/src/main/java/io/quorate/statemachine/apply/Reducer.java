package io.quorate.statemachine.apply;

import com.google.protobuf.Message;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.SettingsRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import io.quorate.statemachine.model.RequestLedger;
import io.quorate.statemachine.model.Settings;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** State × change → state. The only code that makes states: apply, snapshots and restores all go through it. */
public final class Reducer {
    private Reducer() {}

    /** The state after one change. A deleting change carries the key fields of its row only; the ledger has none such. */
    public static ClusterState reduce(ClusterState state, Change change) {
        Next next = new Next(state);
        boolean gone = change.getDeleted();
        switch (change.getRowCase()) {
            case META -> {
                next.replace(
                        unlessDefault(Change.newBuilder().setMeta(state.meta()).build(), state.meta()),
                        unlessDefault(change, change.getMeta()));
                next.meta = change.getMeta();
            }
            case SETTINGS -> {
                next.replace(
                        unlessDefault(
                                Change.newBuilder()
                                        .setSettings(state.settingsRow())
                                        .build(),
                                state.settingsRow()),
                        unlessDefault(change, change.getSettings()));
                next.settingsRow = change.getSettings();
                next.settings = Settings.of(change.getSettings().getSpec());
            }
            case OBJECT ->
                next.objects = next.put(
                        state.objects(),
                        change.getObject().getKey(),
                        change.getObject(),
                        gone,
                        change,
                        row -> Change.newBuilder().setObject(row));
            case NODE ->
                next.nodes = next.put(
                        state.nodes(),
                        change.getNode().getName(),
                        change.getNode(),
                        gone,
                        change,
                        row -> Change.newBuilder().setNode(row));
            case INSTANCE ->
                next.instances = next.put(
                        state.instances(),
                        change.getInstance().getId(),
                        change.getInstance(),
                        gone,
                        change,
                        row -> Change.newBuilder().setInstance(row));
            case ATTRIBUTE ->
                next.attributes = next.put(
                        state.attributes(),
                        key(change.getAttribute()),
                        change.getAttribute(),
                        gone,
                        change,
                        row -> Change.newBuilder().setAttribute(row));
            case TICKET ->
                next.tickets = next.put(
                        state.tickets(),
                        change.getTicket().getId(),
                        change.getTicket(),
                        gone,
                        change,
                        row -> Change.newBuilder().setTicket(row));
            case SITE_TICKET ->
                next.siteTickets = next.put(
                        state.siteTickets(),
                        change.getSiteTicket().getName(),
                        change.getSiteTicket(),
                        gone,
                        change,
                        row -> Change.newBuilder().setSiteTicket(row));
            case OPERATION ->
                next.operations = next.put(
                        state.operations(),
                        change.getOperation().getId(),
                        change.getOperation(),
                        gone,
                        change,
                        row -> Change.newBuilder().setOperation(row));
            case EVENT ->
                next.events = next.put(
                        state.events(),
                        change.getEvent().getSequence(),
                        change.getEvent(),
                        gone,
                        change,
                        row -> Change.newBuilder().setEvent(row));
            case VOTER ->
                next.voters = next.put(
                        state.voters(),
                        change.getVoter().getId(),
                        change.getVoter(),
                        gone,
                        change,
                        row -> Change.newBuilder().setVoter(row));
            case JOIN_TOKEN ->
                next.joinTokens = next.put(
                        state.joinTokens(),
                        change.getJoinToken().getId(),
                        change.getJoinToken(),
                        gone,
                        change,
                        row -> Change.newBuilder().setJoinToken(row));
            case LEDGER -> next.ledger = state.ledger().plus(change.getLedger());
            case ROW_NOT_SET -> throw new IllegalArgumentException("a change without a row");
        }
        return next.build();
    }

    /** Key of an attribute in {@link ClusterState#attributes}. */
    public static String key(AttributeRow row) {
        return row.getNode() + "/" + row.getName();
    }

    /** A singleton that nobody has written is no row: the empty state has the digest zero. */
    private static @Nullable Change unlessDefault(Change change, Message row) {
        return row.equals(row.getDefaultInstanceForType()) ? null : change;
    }

    private static final class Next {
        private final ClusterState before;
        private MetaRow meta;
        private SettingsRow settingsRow;
        private Settings settings;
        private TreePMap<String, io.quorate.log.v1.ObjectRow> objects;
        private TreePMap<String, io.quorate.log.v1.NodeRow> nodes;
        private TreePMap<String, io.quorate.log.v1.InstanceRow> instances;
        private TreePMap<String, AttributeRow> attributes;
        private TreePMap<String, io.quorate.log.v1.FenceTicketRow> tickets;
        private TreePMap<String, io.quorate.log.v1.SiteTicketRow> siteTickets;
        private TreePMap<String, io.quorate.log.v1.OperationRow> operations;
        private TreePMap<Long, io.quorate.log.v1.EventRow> events;
        private TreePMap<String, io.quorate.log.v1.VoterRow> voters;
        private TreePMap<String, io.quorate.log.v1.JoinTokenRow> joinTokens;
        private RequestLedger ledger;
        private DigestSum rowsDigest;

        Next(ClusterState before) {
            this.before = before;
            meta = before.meta();
            settingsRow = before.settingsRow();
            settings = before.settings();
            objects = before.objects();
            nodes = before.nodes();
            instances = before.instances();
            attributes = before.attributes();
            tickets = before.tickets();
            siteTickets = before.siteTickets();
            operations = before.operations();
            events = before.events();
            voters = before.voters();
            joinTokens = before.joinTokens();
            ledger = before.ledger();
            rowsDigest = before.rowsDigest();
        }

        <K extends Comparable<K>, V> TreePMap<K, V> put(
                TreePMap<K, V> table, K key, V row, boolean gone, Change change, Function<V, Change.Builder> asChange) {
            V old = table.get(key);
            replace(old == null ? null : asChange.apply(old).build(), gone ? null : change);
            return gone ? table.minus(key) : table.plus(key, row);
        }

        void replace(@Nullable Change old, @Nullable Change row) {
            if (old != null) {
                rowsDigest = rowsDigest.minus(old);
            }
            if (row != null) {
                rowsDigest = rowsDigest.plus(row);
            }
        }

        ClusterState build() {
            return new ClusterState(
                    before.revision(),
                    before.stamp(),
                    meta,
                    settingsRow,
                    settings,
                    objects,
                    nodes,
                    instances,
                    attributes,
                    tickets,
                    siteTickets,
                    operations,
                    events,
                    voters,
                    joinTokens,
                    ledger,
                    rowsDigest);
        }
    }
}
