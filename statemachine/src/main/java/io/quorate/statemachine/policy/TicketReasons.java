package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;

/** The sentences about tickets between sites. */
final class TicketReasons {
    private TicketReasons() {}

    /** It does not run, or is not promoted, and waits. */
    static Reason missing(UnitView unit, Need need) {
        String who = unit.isPromotion() ? "no copy of " + unit.unitName() + " is promoted: it" : unit.unitName();
        return of(
                need.granted() ? ReasonCode.TICKET_IN_STANDBY : ReasonCode.TICKET_NOT_GRANTED,
                who + " needs the ticket " + state(need),
                unit,
                need);
    }

    /** It runs, or is promoted, and may not go on. */
    static Reason lost(UnitView unit, NodeRow node, Need need) {
        boolean fences = need.isLost(LossPolicy.LOSS_POLICY_FENCE, unit.isPromotion());
        return of(
                ReasonCode.TICKET_LOST,
                subject(unit) + (unit.isPromotion() ? " is demoted on " : " is stopped on ") + node.getName()
                        + ": it needs the ticket " + state(need)
                        + (fences ? "; it should be fenced, which cannot be done now" : ""),
                unit,
                need,
                Keys.node(node.getName()));
    }

    static Reason fence(UnitView unit, NodeRow node, Need need) {
        return of(
                ReasonCode.TICKET_FENCE,
                node.getName() + (unit.isPromotion() ? " has " + subject(unit) + " promoted" : " runs " + unit.name())
                        + ", which needs the ticket " + state(need) + ", and its loss policy says fence",
                unit,
                need,
                Keys.node(node.getName()));
    }

    static Reason frozen(UnitView unit, Need need) {
        return of(
                ReasonCode.TICKET_FROZEN,
                unit.unitName() + " is let be: it needs the ticket " + state(need)
                        + ", and its loss policy says freeze",
                unit,
                need);
    }

    /** A promotion is told by the copy that it is of. */
    private static String subject(UnitView unit) {
        return unit.isPromotion() ? unit.instance().getOwnership().getCopy() : unit.name();
    }

    private static String state(Need need) {
        return need.ticket() + (need.granted() ? ", which is in standby" : ", which is not granted to this cluster");
    }

    private static Reason of(ReasonCode code, String text, UnitView unit, Need need, String... nodes) {
        List<String> objects = new ArrayList<>(List.of(unit.key()));
        objects.addAll(List.of(nodes));
        objects.add(need.constraint());
        objects.add(need.ticketKey());
        return Reasons.of(
                code,
                text,
                objects,
                (need.granted() ? "quorate ticket activate " : "quorate ticket grant ") + need.ticket());
    }
}
