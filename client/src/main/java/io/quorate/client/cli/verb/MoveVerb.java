package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.MoveResourceRequest;
import io.quorate.v1.MoveResourceResponse;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves a service once; no constraint stays behind. */
@Command(
        name = "move",
        description = "Moves a service once. Nothing stays behind: it may move again for other reasons.",
        footer = {"", "  quorate move web --to n3", "  quorate move web              # the best other node"})
public final class MoveVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a group, or a resource outside groups")
    private String resource = "";

    @Option(names = "--to", paramLabel = "NODE", description = "Where to (default: the best other node)")
    private String to = "";

    public MoveVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        MoveResourceResponse answer = client.mutate(
                ResourceServiceGrpc.getMoveResourceMethod(),
                mutation(client, resource),
                options -> MoveResourceRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource)
                        .setToNode(to)
                        .build());
        String where = to.isEmpty() ? "to the best other node" : "to " + to;
        return committed(client, answer, answer.getHeader(), answer.getOperation(), "move " + resource + " " + where);
    }
}
