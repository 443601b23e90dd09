package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.ResumeNodeRequest;
import io.quorate.v1.ResumeNodeResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lets a drained node run services again; nothing moves back by itself. */
@Command(
        name = "resume",
        description = "Lets a drained node run services again; nothing moves back by itself.",
        footer = {"", "  quorate node resume n2", "  quorate resume                # of a paused cluster"})
public final class NodeResumeVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    public NodeResumeVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ResumeNodeResponse answer = client.mutate(
                NodeServiceGrpc.getResumeNodeMethod(),
                mutation(client, "nodes/" + node),
                options -> ResumeNodeRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .build());
        return committed(client, answer, answer.getHeader(), "", "resume " + node);
    }
}
