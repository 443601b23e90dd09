package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.TicketText;
import io.quorate.v1.ListTicketsRequest;
import io.quorate.v1.ListTicketsResponse;
import io.quorate.v1.TicketServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Tickets between sites: which of them this cluster holds, and what needs them. */
@Command(
        name = "list",
        description = "Tickets between sites: which of them this cluster holds, and what needs them.",
        footer = {"", "  quorate ticket list", "  quorate ticket list site-a -o json"})
public final class TicketListVerb extends ReadVerb {
    @Parameters(index = "0", arity = "0..1", paramLabel = "TICKET", description = "only this one; none: all")
    private String ticket = "";

    public TicketListVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListTicketsResponse answer = client.read(
                TicketServiceGrpc.getListTicketsMethod(),
                ListTicketsRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setTicket(ticket)
                        .build());
        print(
                answer,
                () -> answer.getTicketsCount() == 0
                        ? "no tickets: none was granted, and no ticket constraint names one\n"
                        : TicketText.table(answer.getTicketsList(), cli().nowMillis()));
        return ExitCodes.OK;
    }
}
