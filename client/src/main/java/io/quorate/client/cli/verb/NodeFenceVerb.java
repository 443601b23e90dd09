package io.quorate.client.cli.verb;

import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.TicketWaiter;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.FenceNodeRequest;
import io.quorate.v1.FenceNodeResponse;
import io.quorate.v1.NodeServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Switches a node off, reads it back, and frees what it owned. */
@Command(
        name = "fence",
        description = "Switches a node off, reads it back, and frees what it owned.",
        footer = {"", "  quorate node fence n2", "  quorate node fence n2 --yes --reason hangs"})
public final class NodeFenceVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public NodeFenceVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) throws InterruptedException {
        if (!write().dryRun()) {
            String facts = NodeFacts.of(client, node) + "it is switched off now: what runs there stops without warning";
            new Confirmation(cli()).require(confirm, facts, node);
        }
        FenceNodeResponse answer = client.mutate(
                NodeServiceGrpc.getFenceNodeMethod(),
                mutation(client, "nodes/" + node),
                options -> FenceNodeRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .build());
        if (!forPeople()) {
            print(answer, () -> "");
        } else {
            String position = Positions.format(answer.getHeader().getPosition());
            say(
                    write().dryRun()
                            ? "would fence " + node
                            : "committed " + position + " · fence " + node + " as " + answer.getTicket());
        }
        if (!write().waits() || answer.getTicket().isEmpty()) {
            return ExitCodes.OK;
        }
        return new TicketWaiter(cli(), options()).await(client, node, answer.getTicket(), waitLimit());
    }
}
