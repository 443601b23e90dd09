package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ClearFailuresRequest;
import io.quorate.v1.ClearFailuresResponse;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Forgets failures, so that a node is allowed again. */
@Command(
        name = "clear",
        description = "Forgets failures, so that a node is allowed again for the service.",
        footer = {"", "  quorate failures clear www --on n2", "  quorate failures clear web"})
public final class FailuresClearVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a service or a member of a group")
    private String resource = "";

    @Option(names = "--on", paramLabel = "NODE", description = "Only on this node")
    private String node = "";

    public FailuresClearVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ClearFailuresResponse answer = client.mutate(
                ResourceServiceGrpc.getClearFailuresMethod(),
                mutation(client, resource),
                options -> ClearFailuresRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource)
                        .setNode(node)
                        .build());
        String where = node.isEmpty() ? "" : " on " + node;
        return committed(
                client,
                answer,
                answer.getHeader(),
                "",
                "clear " + answer.getCleared() + (answer.getCleared() == 1 ? " failure of " : " failures of ")
                        + resource + where);
    }
}
