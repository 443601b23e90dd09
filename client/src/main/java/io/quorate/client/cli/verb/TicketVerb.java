package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ChangeTicketRequest;
import io.quorate.v1.ChangeTicketResponse;
import io.quorate.v1.ListTicketsRequest;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketAction;
import io.quorate.v1.TicketServiceGrpc;
import picocli.CommandLine.Parameters;

/** Changes which tickets between sites this cluster holds. */
abstract class TicketVerb extends WriteVerb {
    private final TicketAction action;

    @Parameters(index = "0", paramLabel = "TICKET", description = "its name")
    private String ticket = "";

    TicketVerb(CliContext cli, TicketAction action) {
        super(cli);
        this.action = action;
    }

    final String ticket() {
        return ticket;
    }

    /** The ticket as it is now, with what needs it; only its name where nobody knows it yet. */
    final SiteTicket now(QuorateClient client) {
        return client
                .read(TicketServiceGrpc.getListTicketsMethod(), ListTicketsRequest.getDefaultInstance())
                .getTicketsList()
                .stream()
                .filter(each -> each.getName().equals(ticket))
                .findFirst()
                .orElse(SiteTicket.newBuilder().setName(ticket).build());
    }

    /** @param what the sentence after the position */
    final int change(QuorateClient client, String what) {
        ChangeTicketResponse answer = client.mutate(
                TicketServiceGrpc.getChangeTicketMethod(),
                mutationOf("siteTickets/" + ticket),
                options -> ChangeTicketRequest.newBuilder()
                        .setOptions(options)
                        .setTicket(ticket)
                        .setAction(action)
                        .build());
        return committed(client, answer, answer.getHeader(), answer.getOperation(), what);
    }
}
