package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.text.TicketText;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketAction;
import picocli.CommandLine.Command;

/** Stops, or demotes, what needs a ticket, in an orderly way whatever its loss policy says. */
@Command(
        name = "standby",
        description = {
            "Stops, or demotes, what needs a ticket, in an orderly way whatever its loss policy says.",
            "This cluster goes on holding the ticket; activate ends it."
        },
        footer = {"", "  quorate ticket standby site-a --reason \"handing over\"", "  quorate ticket activate site-a"})
public final class TicketStandbyVerb extends TicketVerb {
    public TicketStandbyVerb(CliContext cli) {
        super(cli, TicketAction.TICKET_ACTION_STANDBY);
    }

    @Override
    protected int run(QuorateClient client) {
        SiteTicket now = now(client);
        return change(client, "ticket " + ticket() + " in standby" + TicketText.afterStandby(now));
    }
}
