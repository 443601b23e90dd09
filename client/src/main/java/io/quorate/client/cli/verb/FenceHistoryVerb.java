package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.ListFenceTicketsRequest;
import io.quorate.v1.ListFenceTicketsResponse;
import io.quorate.v1.NodeServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What was fenced, why, by what, and how often it was tried. */
@Command(
        name = "history",
        description = "What was fenced, why, by what, and how often it was tried.",
        footer = {"", "  quorate fence history", "  quorate fence history n2"})
public final class FenceHistoryVerb extends ReadVerb {
    @Parameters(index = "0", arity = "0..1", paramLabel = "NODE", description = "only this node; none: all")
    private String node = "";

    public FenceHistoryVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListFenceTicketsResponse answer = client.read(
                NodeServiceGrpc.getListFenceTicketsMethod(),
                ListFenceTicketsRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setNode(node)
                        .build());
        print(
                answer,
                () -> answer.getTicketsCount() == 0
                        ? "nothing was fenced\n"
                        : Tables.tickets(answer.getTicketsList(), cli().nowMillis(), cli().zone()));
        return ExitCodes.OK;
    }
}
