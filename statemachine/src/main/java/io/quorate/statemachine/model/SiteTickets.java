package io.quorate.statemachine.model;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which units need tickets between sites for what, and whether this cluster holds them. Rules and policy both ask it. */
public final class SiteTickets {
    private SiteTickets() {}

    /**
     * One unit's need of one ticket.
     *
     * @param constraint key of the ticket constraint that says so
     * @param unit key of the unit
     * @param promotedOnly only what is promoted needs it
     * @param lossPolicy what becomes of it when the ticket is revoked; never unspecified
     * @param granted this cluster holds the ticket
     * @param standby the ticket is set aside
     */
    public record Need(
            String constraint,
            String ticket,
            String unit,
            boolean promotedOnly,
            LossPolicy lossPolicy,
            boolean granted,
            boolean standby) {
        /** Whether everything may run and be promoted. */
        public boolean isMet() {
            return granted && !standby;
        }

        /** Whether it keeps a copy or a unit, or a promotion, from being started or promoted. */
        public boolean bars(boolean promotion) {
            return !isMet() && (promotion || isOfCopies());
        }

        /** Whether the ticket is not held and its loss means this policy for a copy or a unit, or for a promotion. */
        public boolean isLost(LossPolicy policy, boolean promotion) {
            return !granted && lossPolicy == policy && (promotion || isOfCopies());
        }

        /** A promotion whose loss says stop takes its copy with it; so none is started without the ticket. */
        private boolean isOfCopies() {
            return !promotedOnly || lossPolicy == LossPolicy.LOSS_POLICY_STOP;
        }

        /** The key of the ticket. */
        public String ticketKey() {
            return Keys.siteTicket(ticket);
        }
    }

    /** What all units need, by the units' keys, in order of constraint. */
    public static SortedMap<String, List<Need>> all(ClusterState state) {
        SortedMap<String, List<Need>> needs = new TreeMap<>();
        for (ObjectRow constraint : constraints(state)) {
            TicketConstraintSpec spec = constraint.getTicketConstraint();
            SiteTicketRow ticket =
                    state.siteTickets().getOrDefault(spec.getTicket(), SiteTicketRow.getDefaultInstance());
            TreeSet<String> units = new TreeSet<>();
            spec.getResourcesList().forEach(name -> units.add(unitOf(state, name)));
            units.remove("");
            for (String unit : units) {
                needs.computeIfAbsent(unit, key -> new ArrayList<>())
                        .add(new Need(
                                constraint.getKey(),
                                spec.getTicket(),
                                unit,
                                spec.getRole() == Role.ROLE_PROMOTED && isPromotable(state, unit),
                                lossPolicy(spec),
                                ticket.getGranted(),
                                ticket.getStandby()));
            }
        }
        return needs;
    }

    /** What one unit needs, by its key. */
    public static List<Need> of(ClusterState state, String unit) {
        return constraints(state).isEmpty()
                ? List.of()
                : Collections.unmodifiableList(all(state).getOrDefault(unit, List.of()));
    }

    /** Whether an instance has lost a ticket whose loss means this policy for it. */
    public static boolean isLost(ClusterState state, InstanceRow instance, LossPolicy policy) {
        return of(state, instance.getUnit()).stream()
                .anyMatch(need -> need.isLost(policy, Clones.isPromotion(instance)));
    }

    /** Whether a ticket constraint names this ticket. */
    public static boolean isNeeded(ClusterState state, String ticket) {
        return constraints(state).stream()
                .anyMatch(row -> row.getTicketConstraint().getTicket().equals(ticket));
    }

    /** The ticket constraints, in order of name. */
    public static Collection<ObjectRow> constraints(ClusterState state) {
        return state.objects()
                .subMap(Keys.TICKET_CONSTRAINTS, true, Keys.TICKET_CONSTRAINTS + Character.MAX_VALUE, false)
                .values();
    }

    /** What the loss of the ticket means: as written, else to be demoted where only what is promoted needs it, else to be stopped. */
    public static LossPolicy lossPolicy(TicketConstraintSpec spec) {
        if (spec.getLossPolicy() != LossPolicy.LOSS_POLICY_UNSPECIFIED) {
            return spec.getLossPolicy();
        }
        return spec.getRole() == Role.ROLE_PROMOTED ? LossPolicy.LOSS_POLICY_DEMOTE : LossPolicy.LOSS_POLICY_STOP;
    }

    private static boolean isPromotable(ClusterState state, String unit) {
        ObjectRow row = state.object(unit);
        return row != null && Clones.isPromotable(row);
    }

    /** The key of the unit that a name is, or is inside of; empty when there is none. */
    private static String unitOf(ClusterState state, String name) {
        for (String key : List.of(Keys.clone(name), Keys.group(name), Keys.resource(name))) {
            ObjectRow row = state.object(key);
            if (row != null) {
                return Units.unitKey(state, row);
            }
        }
        return "";
    }
}
