package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.PauseClusterRequest;
import io.quorate.v1.PauseClusterResponse;
import picocli.CommandLine.Command;

/** Lets everything be as it is. */
@Command(
        name = "pause",
        description = "Nothing is started, stopped, moved or fenced until resume; monitors go on.",
        footer = {"", "  quorate pause --reason \"network maintenance\"", "  quorate resume"})
public final class PauseVerb extends WriteVerb {
    public PauseVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        PauseClusterResponse answer = client.mutate(
                MaintenanceServiceGrpc.getPauseClusterMethod(),
                mutation(),
                options -> PauseClusterRequest.newBuilder().setOptions(options).build());
        return committed(client, answer, answer.getHeader(), "", "pause: nothing moves until quorate resume");
    }
}
