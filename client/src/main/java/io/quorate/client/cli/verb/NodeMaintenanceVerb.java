package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.EndNodeMaintenanceRequest;
import io.quorate.v1.EndNodeMaintenanceResponse;
import io.quorate.v1.MaintainNodeRequest;
import io.quorate.v1.MaintainNodeResponse;
import io.quorate.v1.NodeServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the hands off all that a node owns, until the end is said. */
@Command(
        name = "maintenance",
        description = {
            "Takes the hands off all that a node owns: nothing there is started, stopped or moved, nothing new comes,",
            "and the node is not fenced without a person. To empty it first: quorate node drain NODE."
        },
        footer = {"", "  quorate node maintenance n2 --reason firmware", "  quorate node maintenance n2 --end"})
public final class NodeMaintenanceVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    @Option(names = "--end", description = "The work is done: what it owns is watched and kept running again")
    private boolean end;

    public NodeMaintenanceVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        return end ? end(client) : begin(client);
    }

    private int begin(QuorateClient client) {
        MaintainNodeResponse answer = client.mutate(
                NodeServiceGrpc.getMaintainNodeMethod(),
                mutation(client, "nodes/" + node),
                options -> MaintainNodeRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .build());
        String what = "maintenance of " + node + ", until quorate node maintenance " + node + " --end";
        return committed(client, answer, answer.getHeader(), "", what);
    }

    private int end(QuorateClient client) {
        EndNodeMaintenanceResponse answer = client.mutate(
                NodeServiceGrpc.getEndNodeMaintenanceMethod(),
                mutation(client, "nodes/" + node),
                options -> EndNodeMaintenanceRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .build());
        return committed(client, answer, answer.getHeader(), "", "end of the maintenance of " + node);
    }
}
