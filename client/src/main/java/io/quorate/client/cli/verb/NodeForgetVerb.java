package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ForgetNodeRequest;
import io.quorate.v1.ForgetNodeResponse;
import io.quorate.v1.NodeServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Forgets a node that will never come back. */
@Command(
        name = "forget",
        description = "Forgets a node that will never come back.",
        footer = {"", "  quorate node forget n4", "  quorate node forget n4 --yes"})
public final class NodeForgetVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public NodeForgetVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        if (!write().dryRun()) {
            String facts = NodeFacts.of(client, node)
                    + "its name and what is known about it go; it must join anew to come back";
            new Confirmation(cli()).require(confirm, facts, node);
        }
        ForgetNodeResponse answer = client.mutate(
                NodeServiceGrpc.getForgetNodeMethod(),
                mutation(client, "nodes/" + node),
                options -> ForgetNodeRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .build());
        return committed(client, answer, answer.getHeader(), "", "forget " + node);
    }
}
