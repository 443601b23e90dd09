package io.quorate.client.cli.text;

import io.quorate.v1.LossPolicy;
import io.quorate.v1.Role;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketUse;
import java.util.ArrayList;
import java.util.List;

/** Tickets between sites, what needs them, and what becomes of that. */
public final class TicketText {
    private TicketText() {}

    /** A line for each thing that needs a ticket; one for a ticket that nothing needs. */
    public static String table(List<SiteTicket> tickets, long nowMillis) {
        Table table = new Table("TICKET", "STATE", "SINCE", "NEEDED BY", "ROLE", "LOSS", "ON", "WRITTEN IN");
        for (SiteTicket ticket : tickets) {
            String since = Times.age(ticket.getSince(), nowMillis);
            if (ticket.getUsesCount() == 0) {
                table.row(ticket.getName(), state(ticket), since, "", "", "", "", "");
            }
            for (TicketUse use : ticket.getUsesList()) {
                table.row(
                        ticket.getName(),
                        state(ticket),
                        since,
                        bare(use.getUnit()),
                        use.getRole() == Role.ROLE_PROMOTED ? "promoted" : "started",
                        word(use.getLossPolicy()),
                        String.join(" ", use.getNodesList()),
                        use.getConstraint());
            }
        }
        return table.render();
    }

    /** {@code GRANTED}, {@code GRANTED, STANDBY}, {@code REVOKED}, {@code NOT GRANTED}. */
    private static String state(SiteTicket ticket) {
        String held = ticket.getGranted() ? "GRANTED" : ticket.hasLastGranted() ? "REVOKED" : "NOT GRANTED";
        return held + (ticket.getStandby() ? ", STANDBY" : "");
    }

    /** A loss policy as files write it. */
    static String word(LossPolicy policy) {
        return switch (policy) {
            case LOSS_POLICY_STOP -> "stop";
            case LOSS_POLICY_DEMOTE -> "demote";
            case LOSS_POLICY_FENCE -> "fence";
            case LOSS_POLICY_FREEZE -> "freeze";
            case LOSS_POLICY_UNSPECIFIED, UNRECOGNIZED -> "?";
        };
    }

    /** What a person should know before a grant. */
    public static String beforeGrant(SiteTicket ticket) {
        return "this cluster does not see other sites: if one of them holds " + ticket.getName()
                + ", what needs it runs twice. Revoke it there first, and wait until that has stopped";
    }

    /** What comes of a grant. */
    public static String afterGrant(SiteTicket before) {
        if (before.getStandby()) {
            return ", and in standby: quorate ticket activate " + before.getName();
        }
        return mayRun(before);
    }

    /** What comes of the end of a standby. */
    public static String afterActivate(SiteTicket before) {
        return before.getGranted()
                ? mayRun(before)
                : ", and not granted to this cluster: quorate ticket grant " + before.getName();
    }

    private static String mayRun(SiteTicket ticket) {
        if (ticket.getUsesCount() == 0) {
            return "; no ticket constraint names it";
        }
        List<String> effects = new ArrayList<>();
        for (TicketUse use : ticket.getUsesList()) {
            effects.add(bare(use.getUnit()) + (use.getRole() == Role.ROLE_PROMOTED ? " may be promoted" : " may run"));
        }
        return "; " + String.join(", ", effects);
    }

    /** What a person should know before a revocation. */
    public static String beforeRevoke(SiteTicket ticket, long nowMillis) {
        String since = Times.age(ticket.getSince(), nowMillis);
        StringBuilder text = new StringBuilder(ticket.getName() + " is granted to this cluster"
                + (since.isEmpty() ? "" : ", " + since + " ago") + ". Without it:\n");
        List<String> effects = losses(ticket);
        effects.forEach(effect -> text.append("  ").append(effect).append('\n'));
        if (effects.isEmpty()) {
            text.append("  nothing changes: nothing that runs needs it\n");
        }
        boolean abrupt = !ticket.getStandby()
                && ticket.getUsesList().stream()
                        .anyMatch(
                                use -> use.getNodesCount() > 0 && use.getLossPolicy() == LossPolicy.LOSS_POLICY_FENCE);
        if (abrupt) {
            text.append("to stop all that in an orderly way before: quorate ticket standby ")
                    .append(ticket.getName())
                    .append('\n');
        }
        return text.toString();
    }

    /** What comes of a revocation. */
    public static String afterRevoke(SiteTicket before) {
        return before.getGranted() ? joined(losses(before)) : "; this cluster did not hold it";
    }

    private static List<String> losses(SiteTicket ticket) {
        List<String> effects = new ArrayList<>();
        for (TicketUse use : ticket.getUsesList()) {
            if (use.getNodesCount() > 0) {
                effects.add(loss(use));
            }
        }
        return effects;
    }

    private static String loss(TicketUse use) {
        String unit = bare(use.getUnit());
        String nodes = String.join(", ", use.getNodesList());
        boolean promoted = use.getRole() == Role.ROLE_PROMOTED;
        return switch (use.getLossPolicy()) {
            case LOSS_POLICY_DEMOTE -> unit + " is demoted on " + nodes;
            case LOSS_POLICY_FENCE -> "fence of " + nodes + ", where " + unit + (promoted ? " is promoted" : " runs");
            case LOSS_POLICY_FREEZE -> unit + " stays as it is on " + nodes + ", and is neither moved nor recovered";
            case LOSS_POLICY_STOP, LOSS_POLICY_UNSPECIFIED, UNRECOGNIZED -> unit + " is stopped on " + nodes;
        };
    }

    /** What comes of a standby. */
    public static String afterStandby(SiteTicket before) {
        List<String> effects = new ArrayList<>();
        for (TicketUse use : before.getUsesList()) {
            if (before.getGranted() && use.getNodesCount() > 0) {
                boolean demotes =
                        use.getRole() == Role.ROLE_PROMOTED && use.getLossPolicy() != LossPolicy.LOSS_POLICY_STOP;
                effects.add(bare(use.getUnit())
                        + (demotes ? " is demoted on " : " is stopped on ")
                        + String.join(", ", use.getNodesList()));
            }
        }
        return joined(effects);
    }

    private static String joined(List<String> effects) {
        return effects.isEmpty() ? "" : "; " + String.join("; ", effects);
    }

    private static String bare(String key) {
        return key.substring(key.indexOf('/') + 1);
    }
}
