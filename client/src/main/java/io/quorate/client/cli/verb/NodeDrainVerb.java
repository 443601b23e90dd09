package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.DrainNodeRequest;
import io.quorate.v1.DrainNodeResponse;
import io.quorate.v1.NodeServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Moves everything away from a node; it stays empty until resume. */
@Command(
        name = "drain",
        description = "Moves everything away from a node; it stays empty until resume.",
        footer = {"", "  quorate node drain n2 --timeout 10m --reason firmware", "  quorate node resume n2"})
public final class NodeDrainVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    public NodeDrainVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        DrainNodeResponse answer = client.mutate(
                NodeServiceGrpc.getDrainNodeMethod(),
                mutation(client, "nodes/" + node),
                options -> DrainNodeRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .build());
        return committed(
                client,
                answer,
                answer.getHeader(),
                answer.getOperation(),
                "drain " + node + ", until quorate node resume " + node);
    }
}
