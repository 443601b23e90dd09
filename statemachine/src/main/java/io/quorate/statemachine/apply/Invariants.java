package io.quorate.statemachine.apply;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.statemachine.model.Check;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.FencingToken;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What must hold of every state. After each command only what it changed is looked at. */
public final class Invariants {
    private Invariants() {}

    static void check(ClusterState before, ClusterState after, List<Change> changes) {
        boolean instances = false;
        for (Change change : changes) {
            instances |= change.hasInstance();
            if (change.hasSiteTicket() && !change.getDeleted()) {
                checkTicket(change.getSiteTicket());
            }
        }
        if (instances) {
            checkInstances(before, after, changes);
        }
    }

    /**
     * Follows each instance through the changes of one command: it may be freed and then removed, not removed owned. One
     * that comes back under the id of a removed one begins anew; its tokens are higher because they are of this revision.
     */
    private static void checkInstances(ClusterState before, ClusterState after, List<Change> changes) {
        NavigableMap<String, InstanceRow> latest = new TreeMap<>();
        NavigableSet<String> removed = new TreeSet<>();
        for (Change change : changes) {
            if (!change.hasInstance()) {
                continue;
            }
            String id = change.getInstance().getId();
            InstanceRow previous = removed.contains(id) ? null : latest.getOrDefault(id, before.instance(id));
            if (change.getDeleted()) {
                Check.invariant(previous == null || !previous.hasOwnership(), "RETIRE: removed while owned", id);
                latest.remove(id);
                removed.add(id);
            } else {
                boolean takesOver = takesOver(before, change.getInstance());
                check(previous, change.getInstance(), after, takesOver);
                checkGrant(previous, change.getInstance(), after, takesOver);
                latest.put(id, change.getInstance());
                removed.remove(id);
            }
        }
        NavigableSet<String> clones = new TreeSet<>();
        for (InstanceRow instance : latest.values()) {
            checkHolders(after, instance);
            if (instance.hasSlot()) {
                clones.add(instance.getUnit());
            }
        }
        clones.forEach(clone -> checkPromotions(after, clone));
    }

    /** PromotionIsOwned: whoever owns a promotion owns its copy, in the same life and under the token that it was granted for. */
    private static void checkPromotions(ClusterState state, String key) {
        ObjectRow clone = state.object(key);
        if (clone == null) {
            return;
        }
        NavigableSet<String> promoted = new TreeSet<>();
        for (InstanceRow promotion : Clones.promotions(state, clone)) {
            OwnershipRow ownership = promotion.getOwnership();
            if (!promotion.hasOwnership()) {
                continue;
            }
            InstanceRow copy = state.instance(ownership.getCopy());
            boolean together = copy != null
                    && Clones.isCopy(copy)
                    && copy.getUnit().equals(key)
                    && Lives.owns(copy, ownership.getNode(), ownership.getIncarnation())
                    && Tokens.same(copy.getOwnership().getToken(), ownership.getCopyToken());
            Check.invariant(together, "PROMOTION-IS-OWNED", promotion.getId());
            Check.invariant(promoted.add(ownership.getCopy()), "PROMOTED-ONCE", ownership.getCopy());
        }
    }

    /** What has arrived by live migration becomes its owner's in one step, under the token that its target had before. */
    private static boolean takesOver(ClusterState before, InstanceRow row) {
        InstanceRow arrival = Migrations.arrivalOf(before, row);
        return arrival != null
                && arrival.getOwnership().getArrived()
                && sameGrant(arrival.getOwnership(), row.getOwnership());
    }

    /** TwoHolders: of what migrates there is a source that leaves for this very arrival, on another node, or none. */
    private static void checkHolders(ClusterState state, InstanceRow instance) {
        String service = Migrations.serviceId(instance);
        InstanceRow source = state.instance(service);
        InstanceRow arrival = state.instance(Migrations.arrivalId(service));
        if (arrival == null) {
            return;
        }
        boolean fits = source != null
                && Migrations.isArrival(arrival)
                && arrival.getArrivalOf().equals(service)
                && arrival.getUnit().equals(source.getUnit())
                && arrival.hasOwnership();
        Check.invariant(fits, "ARRIVAL-OF-AN-INSTANCE", arrival.getId());
        if (source != null && source.hasOwnership()) {
            boolean apart = !source.getOwnership()
                    .getNode()
                    .equals(arrival.getOwnership().getNode());
            Check.invariant(apart && Migrations.isBound(source, arrival), "TWO-HOLDERS", service);
        }
    }

    private static boolean sameGrant(OwnershipRow one, OwnershipRow other) {
        return Tokens.same(one.getToken(), other.getToken())
                && one.getNode().equals(other.getNode())
                && one.getIncarnation() == other.getIncarnation();
    }

    /** CountedSlots: at a grant, since the limits of a clone may be lowered while more is owned. */
    private static void checkCounted(InstanceRow granted, ClusterState state) {
        ObjectRow clone = Units.of(state, granted);
        if (clone == null || !clone.hasClone()) {
            return;
        }
        boolean promotion = Clones.isPromotion(granted);
        List<InstanceRow> owned = (promotion ? Clones.promotions(state, clone) : Clones.copies(state, clone))
                .stream().filter(InstanceRow::hasOwnership).toList();
        long here = owned.stream()
                .filter(slot -> slot.getOwnership()
                        .getNode()
                        .equals(granted.getOwnership().getNode()))
                .count();
        int max = promotion ? Clones.maxPromoted(clone) : Clones.maxCopies(state, clone);
        int perNode = promotion ? Clones.maxPromotedPerNode(clone) : Clones.maxPerNode(clone);
        Check.invariant(owned.size() <= max && here <= perNode, "COUNTED-SLOTS", granted.getId());
    }

    /** An instance has the id that its unit gives it: what is owned under another one nobody would find. */
    private static void checkSlot(InstanceRow instance, ClusterState state) {
        ObjectRow unit = Units.of(state, instance);
        if (unit == null) {
            return;
        }
        String name = Keys.bare(unit.getKey());
        int number = instance.getSlot().getNumber();
        String slot = Clones.isPromotion(instance) ? Clones.promotionId(name, number) : Clones.copyId(name, number);
        String own = Migrations.isArrival(instance) ? Migrations.arrivalId(name) : name;
        boolean fits = instance.hasSlot() == unit.hasClone() && instance.getId().equals(unit.hasClone() ? slot : own);
        Check.invariant(fits, "SLOT-OF-ITS-UNIT", instance.getId());
    }

    /** A new grant has the token of its own revision: higher than any before, whatever became of the rows that had them. */
    private static void checkGrant(
            @Nullable InstanceRow before, InstanceRow after, ClusterState state, boolean takesOver) {
        if (after.hasOwnership() && (before == null || !before.hasOwnership()) && !takesOver) {
            Check.invariant(
                    Tokens.same(after.getOwnership().getToken(), Tokens.of(state.generation(), state.revision())),
                    "TOKEN-OF-ITS-REVISION",
                    after.getId());
            checkCounted(after, state);
        }
    }

    /** What was never granted and is not set aside has no row; one that is held has a time since when. */
    private static void checkTicket(SiteTicketRow ticket) {
        boolean held = ticket.getGranted() || ticket.getStandby() || ticket.hasLastGranted();
        Check.invariant(
                held && ticket.hasSince() && (ticket.hasLastGranted() || !ticket.getGranted()),
                "TICKET-HAS-A-PAST",
                ticket.getName());
    }

    /** Looks at the whole state: at snapshots and in tests. */
    public static void checkAll(ClusterState state) {
        for (InstanceRow instance : state.instances().values()) {
            check(instance, instance, state, false);
            checkHolders(state, instance);
        }
        for (String key : Units.all(state)) {
            checkPromotions(state, key);
        }
        Check.invariant(state.events().size() <= state.settings().historyEvents(), "BOUNDED", "events");
        Check.invariant(state.siteTickets().size() <= Limits.SITE_TICKETS, "BOUNDED", "site tickets");
        state.siteTickets().values().forEach(Invariants::checkTicket);
    }

    private static void check(@Nullable InstanceRow before, InstanceRow after, ClusterState state, boolean takesOver) {
        if (before != null) {
            Check.invariant(
                    Tokens.ORDER.compare(before.getHighestToken(), after.getHighestToken()) <= 0,
                    "TOKEN-RISES",
                    before.getId());
        }
        checkSlot(after, state);
        if (!after.hasOwnership()) {
            return;
        }
        OwnershipRow ownership = after.getOwnership();
        FencingToken token = ownership.getToken();
        Check.invariant(Tokens.same(token, after.getHighestToken()), "OWNER-HAS-HIGHEST-TOKEN", after.getId());
        Check.invariant(Tokens.ORDER.compare(token, after.getStoppedToken()) > 0, "NO-REGRANT", after.getId());
        Check.invariant(state.node(ownership.getNode()) != null, "OWNER-IS-KNOWN", after.getId());
        Check.invariant(
                token.getGeneration() <= state.generation() && ownership.getIncarnation() > 0,
                "TOKEN-OF-THIS-HISTORY",
                after.getId());
        if (before != null && before.hasOwnership()) {
            Check.invariant(
                    takesOver || sameGrant(before.getOwnership(), ownership),
                    "SINGLE-OWNER: moved without being freed",
                    after.getId());
        }
    }
}
