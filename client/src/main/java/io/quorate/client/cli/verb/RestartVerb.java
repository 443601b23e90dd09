package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RestartResourceRequest;
import io.quorate.v1.RestartResourceResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stops and starts a service where it is. */
@Command(
        name = "restart",
        description = "Stops and starts a service where it is; of a clone one copy after the other.",
        footer = {"", "  quorate restart web --reason \"new certificate\"", "  quorate restart web --no-wait"})
public final class RestartVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a group, or a resource outside groups")
    private String resource = "";

    public RestartVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        RestartResourceResponse answer = client.mutate(
                ResourceServiceGrpc.getRestartResourceMethod(),
                mutation(client, resource),
                options -> RestartResourceRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource)
                        .build());
        return committed(client, answer, answer.getHeader(), answer.getOperation(), "restart " + resource);
    }
}
