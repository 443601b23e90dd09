package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.ResumeClusterRequest;
import io.quorate.v1.ResumeClusterResponse;
import picocli.CommandLine.Command;

/** Ends a pause. */
@Command(
        name = "resume",
        description = "Ends a pause of the cluster: decisions are taken again.",
        footer = {"", "  quorate resume", "  quorate node resume n2       # of one drained node"})
public final class ResumeVerb extends WriteVerb {
    public ResumeVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ResumeClusterResponse answer = client.mutate(
                MaintenanceServiceGrpc.getResumeClusterMethod(),
                mutation(),
                options -> ResumeClusterRequest.newBuilder().setOptions(options).build());
        return committed(client, answer, answer.getHeader(), "", "resume");
    }
}
