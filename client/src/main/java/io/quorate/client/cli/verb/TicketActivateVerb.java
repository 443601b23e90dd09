package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.text.TicketText;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketAction;
import picocli.CommandLine.Command;

/** Ends the standby of a ticket: what needs it may run here again. */
@Command(
        name = "activate",
        description = {"Ends the standby of a ticket: what needs it may run here again."},
        footer = {"", "  quorate ticket standby site-a", "  quorate ticket activate site-a"})
public final class TicketActivateVerb extends TicketVerb {
    public TicketActivateVerb(CliContext cli) {
        super(cli, TicketAction.TICKET_ACTION_ACTIVATE);
    }

    @Override
    protected int run(QuorateClient client) {
        SiteTicket now = now(client);
        return change(client, "ticket " + ticket() + " active again" + TicketText.afterActivate(now));
    }
}
