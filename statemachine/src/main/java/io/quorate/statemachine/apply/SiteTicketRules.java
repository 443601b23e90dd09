package io.quorate.statemachine.apply;

import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.SiteTickets;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.v1.TicketAction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tickets that clusters at several sites share: a person says which ones this cluster holds. */
final class SiteTicketRules {
    private SiteTicketRules() {}

    static List<Rule<?>> all() {
        return List.of(new Rule<>(
                CommandKind.CHANGE_TICKET,
                Command::getChangeTicket,
                List.of(
                        new Guard<>("SiteTicketValid", RejectCode.INVALID_ARGUMENT, SiteTicketRules::valid),
                        new Guard<>("SiteTicketLimit", RejectCode.LIMIT_REACHED, SiteTicketRules::limit),
                        new Guard<>("SiteTicketKnown", RejectCode.NOT_FOUND, SiteTicketRules::known)),
                SiteTicketRules::change));
    }

    /**
     * Nothing is started or promoted without the tickets that it needs, whatever the leader knew of them when it decided. What
     * a restored cluster finds running it takes over all the same: that is a fact, and what comes of it is decided then.
     */
    static Guard<AssignOwner> held() {
        return new Guard<>("TicketHeld", RejectCode.TICKET_NOT_GRANTED, SiteTicketRules::isHeld);
    }

    private static @Nullable Rejection isHeld(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(assign.getInstance());
        if (instance == null || state.meta().getPause().getQuarantine()) {
            return null;
        }
        for (Need need : SiteTickets.of(state, instance.getUnit())) {
            if (need.bars(Clones.isPromotion(instance))) {
                return Rejection.of(
                                RejectCode.TICKET_NOT_GRANTED,
                                Keys.instance(assign.getInstance()),
                                assign.getInstance() + " needs the ticket " + need.ticket() + " (" + need.constraint()
                                        + "), which " + (need.granted() ? "is in standby" : "is not granted here"))
                        .withNextStep((need.granted() ? "quorate ticket activate " : "quorate ticket grant ")
                                + need.ticket());
            }
        }
        return null;
    }

    private static @Nullable Rejection valid(Situation situation, ChangeTicket change) {
        boolean known = switch (change.getAction()) {
            case TICKET_ACTION_GRANT, TICKET_ACTION_REVOKE, TICKET_ACTION_STANDBY, TICKET_ACTION_ACTIVATE -> true;
            case TICKET_ACTION_UNSPECIFIED, UNRECOGNIZED -> false;
        };
        if (known && Limits.isName(change.getTicket())) {
            return null;
        }
        return Rejection.of(
                RejectCode.INVALID_ARGUMENT,
                "",
                known
                        ? "'" + change.getTicket() + "' is no name of a ticket: letters, digits, '.', '_' and '-'"
                        : "this version does not know what shall become of the ticket " + change.getTicket());
    }

    private static @Nullable Rejection limit(Situation situation, ChangeTicket change) {
        ClusterState state = situation.state();
        boolean adds = !state.siteTickets().containsKey(change.getTicket());
        return adds && state.siteTickets().size() >= Limits.SITE_TICKETS
                ? Rejection.of(
                                RejectCode.LIMIT_REACHED,
                                Keys.siteTicket(change.getTicket()),
                                "there are " + Limits.SITE_TICKETS + " tickets already: revoke one that nothing needs")
                        .withNextStep("quorate ticket list")
                : null;
    }

    /** A ticket may be granted before anything needs it; the rest is about tickets that there are. */
    private static @Nullable Rejection known(Situation situation, ChangeTicket change) {
        ClusterState state = situation.state();
        boolean known = change.getAction() == TicketAction.TICKET_ACTION_GRANT
                || state.siteTickets().containsKey(change.getTicket())
                || SiteTickets.isNeeded(state, change.getTicket());
        return known
                ? null
                : Rejection.of(
                                RejectCode.NOT_FOUND,
                                Keys.siteTicket(change.getTicket()),
                                "there is no ticket " + change.getTicket()
                                        + ": it was never granted, and no ticket constraint names it")
                        .withNextStep("quorate ticket list");
    }

    private static void change(Draft draft, ChangeTicket change, CommandResult.Builder result) {
        String name = change.getTicket();
        SiteTicketRow known = draft.state().siteTickets().get(name);
        SiteTicketRow before =
                known == null ? SiteTicketRow.newBuilder().setName(name).build() : known;
        SiteTicketRow.Builder after = before.toBuilder();
        switch (change.getAction()) {
            case TICKET_ACTION_GRANT -> after.setGranted(true);
            case TICKET_ACTION_REVOKE -> after.setGranted(false);
            case TICKET_ACTION_STANDBY -> after.setStandby(true);
            case TICKET_ACTION_ACTIVATE -> after.setStandby(false);
            case TICKET_ACTION_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("guarded: " + change);
        }
        boolean changed = before.getGranted() != after.getGranted() || before.getStandby() != after.getStandby();
        boolean hasNoPast = !after.hasLastGranted() || !SiteTickets.isNeeded(draft.state(), name);
        boolean isOver = !after.getGranted() && !after.getStandby() && hasNoPast;
        if (isOver && known != null) {
            draft.deleteSiteTicket(name);
        } else if (changed) {
            if (change.getAction() == TicketAction.TICKET_ACTION_GRANT) {
                after.setLastGranted(draft.now());
            }
            draft.put(after.setSince(draft.now())
                    .setBy(draft.actor().getName())
                    .setReason(draft.command().getReason()));
        }
        if (changed) {
            draft.event(Events.of(kind(change.getAction()), Keys.siteTicket(name))
                    .setText("ticket " + name + words(change.getAction()) + UnitRules.because(draft)));
            startOperation(draft, name, result);
        }
    }

    /** Over when everything that needs the ticket is as it is wanted now. A revocation is never refused for want of room. */
    private static void startOperation(Draft draft, String ticket, CommandResult.Builder result) {
        String[] units = SiteTickets.all(draft.state()).entrySet().stream()
                .filter(unit ->
                        unit.getValue().stream().anyMatch(need -> need.ticket().equals(ticket)))
                .map(Map.Entry::getKey)
                .toArray(String[]::new);
        if (units.length > 0 && UnitRules.runningOperations(draft.state()) < Limits.RUNNING_OPERATIONS) {
            result.setObject(Keys.OPERATIONS + draft.startOperation("ticket", "", units));
            UnitRules.trimOperations(draft);
        }
    }

    private static String kind(TicketAction action) {
        return switch (action) {
            case TICKET_ACTION_GRANT -> "TICKET_GRANTED";
            case TICKET_ACTION_REVOKE -> "TICKET_REVOKED";
            case TICKET_ACTION_STANDBY -> "TICKET_STANDBY";
            case TICKET_ACTION_ACTIVATE, TICKET_ACTION_UNSPECIFIED, UNRECOGNIZED -> "TICKET_ACTIVATED";
        };
    }

    private static String words(TicketAction action) {
        return switch (action) {
            case TICKET_ACTION_GRANT -> " granted to this cluster";
            case TICKET_ACTION_REVOKE -> " revoked from this cluster";
            case TICKET_ACTION_STANDBY -> " in standby";
            case TICKET_ACTION_ACTIVATE, TICKET_ACTION_UNSPECIFIED, UNRECOGNIZED -> " active again";
        };
    }
}
