package io.quorate.statemachine.model;

import io.quorate.log.v1.AttributeRow;
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
import io.quorate.v1.Position;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The whole replicated state at one position: immutable, safe to share between threads, cheap to keep old ones of.
 * Only {@code apply.Reducer} makes new ones from changes. All tables are sorted: iteration has one order everywhere.
 *
 * @param revision rises by one with every accepted command
 * @param stamp the newest time that the log carried
 * @param settings effective values of {@code settingsRow}
 * @param objects configuration by key, as in {@code resources/web}
 * @param attributes by {@code NODE/NAME}
 * @param tickets of fences, by id
 * @param siteTickets by name: those that somebody granted or set aside
 * @param ledger outcomes of requests
 * @param rowsDigest sum over all rows but the ledger's
 */
public record ClusterState(
        long revision,
        Stamp stamp,
        MetaRow meta,
        SettingsRow settingsRow,
        Settings settings,
        TreePMap<String, ObjectRow> objects,
        TreePMap<String, NodeRow> nodes,
        TreePMap<String, InstanceRow> instances,
        TreePMap<String, AttributeRow> attributes,
        TreePMap<String, FenceTicketRow> tickets,
        TreePMap<String, SiteTicketRow> siteTickets,
        TreePMap<String, OperationRow> operations,
        TreePMap<Long, EventRow> events,
        TreePMap<String, VoterRow> voters,
        TreePMap<String, JoinTokenRow> joinTokens,
        RequestLedger ledger,
        DigestSum rowsDigest) {

    private static final ClusterState EMPTY = new ClusterState(
            0,
            Stamp.getDefaultInstance(),
            MetaRow.getDefaultInstance(),
            SettingsRow.getDefaultInstance(),
            Settings.of(SettingsRow.getDefaultInstance().getSpec()),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            RequestLedger.empty(),
            DigestSum.ZERO);

    /** Before the first command: no cluster id yet. */
    public static ClusterState empty() {
        return EMPTY;
    }

    /** The sum over all rows. */
    public DigestSum digest() {
        return rowsDigest.plus(ledger.digest());
    }

    public int generation() {
        return meta.getGeneration();
    }

    public Position position() {
        return Positions.of(generation(), revision);
    }

    /** Whether the first command of the cluster was applied. */
    public boolean isInitialized() {
        return !meta.getClusterId().isEmpty();
    }

    public boolean isPaused() {
        return meta.hasPause();
    }

    /**
     * Whether nothing that services depend on differs from another state but instances. Told by identity, which costs nothing:
     * false says that something was written, not that it is different now.
     */
    @SuppressWarnings("ReferenceEquality")
    public boolean differsInInstancesOnly(ClusterState other) {
        return isSameButForLastChange(meta, other.meta)
                && settingsRow == other.settingsRow
                && objects == other.objects
                && nodes == other.nodes
                && attributes == other.attributes
                && tickets == other.tickets
                && siteTickets == other.siteTickets
                && operations == other.operations;
    }

    /** A failure of an instance is noted in it, and is a change of instances only. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSameButForLastChange(MetaRow one, MetaRow other) {
        return one == other
                || one.toBuilder()
                        .setChangedRevision(other.getChangedRevision())
                        .build()
                        .equals(other);
    }

    public @Nullable NodeRow node(String name) {
        return nodes.get(name);
    }

    public @Nullable InstanceRow instance(String id) {
        return instances.get(id);
    }

    public @Nullable ObjectRow object(String key) {
        return objects.get(key);
    }

    /**
     * The modification revision of the object with this key, as read sets and compare-and-set name it; 0 when there is
     * no such object.
     */
    public long revisionOf(String key) {
        if (key.equals(Keys.SETTINGS)) {
            return settingsRow.getRevision();
        }
        if (key.startsWith(Keys.NODES)) {
            return revisionOfNodeOrAttribute(key.substring(Keys.NODES.length()));
        }
        if (key.startsWith(Keys.INSTANCES)) {
            InstanceRow row = instances.get(key.substring(Keys.INSTANCES.length()));
            return row == null ? 0 : row.getRevision();
        }
        if (key.startsWith(Keys.TICKETS)) {
            FenceTicketRow row = tickets.get(key.substring(Keys.TICKETS.length()));
            return row == null ? 0 : row.getRevision();
        }
        if (key.startsWith(Keys.SITE_TICKETS)) {
            SiteTicketRow row = siteTickets.get(key.substring(Keys.SITE_TICKETS.length()));
            return row == null ? 0 : row.getRevision();
        }
        if (key.startsWith(Keys.OPERATIONS)) {
            OperationRow row = operations.get(key.substring(Keys.OPERATIONS.length()));
            return row == null ? 0 : row.getRevision();
        }
        ObjectRow row = objects.get(key);
        return row == null ? 0 : row.getMeta().getRevision();
    }

    private long revisionOfNodeOrAttribute(String rest) {
        int split = rest.indexOf(Keys.ATTRIBUTES);
        if (split < 0) {
            NodeRow row = nodes.get(rest);
            return row == null ? 0 : row.getRevision();
        }
        AttributeRow row =
                attributes.get(rest.substring(0, split) + "/" + rest.substring(split + Keys.ATTRIBUTES.length()));
        return row == null ? 0 : row.getRevision();
    }

    /** This state at another revision and time: what the applier does after the changes of a command. */
    public ClusterState advanced(long newRevision, Stamp newStamp) {
        return new ClusterState(
                newRevision,
                newStamp,
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

    /** This state with another ledger. */
    public ClusterState with(RequestLedger newLedger) {
        return new ClusterState(
                revision,
                stamp,
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
                newLedger,
                rowsDigest);
    }

    /** This state without its request ledger: for keeping past states cheaply. It must not be applied to. */
    public ClusterState withoutLedger() {
        return with(RequestLedger.empty());
    }
}
