package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.text.TicketText;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketAction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** This cluster holds a ticket from now on: what needs it may run here. */
@Command(
        name = "grant",
        description = {
            "This cluster holds a ticket from now on: what needs it may run here.",
            "No other site may hold it: revoke it there first, and wait until what needs it has stopped."
        },
        footer = {
            "",
            "  quorate ticket grant site-a",
            "  quorate ticket grant site-a --yes --reason \"site B is drained\""
        })
public final class TicketGrantVerb extends TicketVerb {
    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public TicketGrantVerb(CliContext cli) {
        super(cli, TicketAction.TICKET_ACTION_GRANT);
    }

    @Override
    protected int run(QuorateClient client) {
        SiteTicket now = now(client);
        if (!write().dryRun() && !now.getGranted()) {
            new Confirmation(cli()).require(confirm, TicketText.beforeGrant(now), ticket());
        }
        return change(client, "ticket " + ticket() + " granted to this cluster" + TicketText.afterGrant(now));
    }
}
