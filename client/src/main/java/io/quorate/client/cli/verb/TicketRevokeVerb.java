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

/** This cluster holds a ticket no longer: what needs it follows its loss policy. */
@Command(
        name = "revoke",
        description = {
            "This cluster holds a ticket no longer: what needs it follows its loss policy.",
            "To stop it in an orderly way whatever the loss policy says, put the ticket in standby before."
        },
        footer = {
            "",
            "  quorate ticket revoke site-a",
            "  quorate ticket revoke site-a --yes --reason \"site B takes over\""
        })
public final class TicketRevokeVerb extends TicketVerb {
    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public TicketRevokeVerb(CliContext cli) {
        super(cli, TicketAction.TICKET_ACTION_REVOKE);
    }

    @Override
    protected int run(QuorateClient client) {
        SiteTicket now = now(client);
        if (!write().dryRun() && now.getGranted()) {
            new Confirmation(cli()).require(confirm, TicketText.beforeRevoke(now, cli().nowMillis()), ticket());
        }
        return change(client, "ticket " + ticket() + " revoked" + TicketText.afterRevoke(now));
    }
}
