package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ProbeResourceRequest;
import io.quorate.v1.ProbeResourceResponse;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has nodes look again where a service really runs. */
@Command(
        name = "probe",
        description = "Has nodes look again where a service really runs; stops nothing by itself.",
        footer = {"", "  quorate probe web", "  quorate probe web --node n2 --reason \"started by hand?\""})
public final class ProbeVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a group, or a resource outside groups")
    private String resource = "";

    @Option(names = "--node", paramLabel = "NODE", description = "Only there; otherwise on every node that is up")
    private String node = "";

    public ProbeVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ProbeResourceResponse answer = client.mutate(
                ResourceServiceGrpc.getProbeResourceMethod(),
                mutation(client, resource),
                options -> ProbeResourceRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource)
                        .setNode(node)
                        .build());
        String where = node.isEmpty() ? "" : " on " + node;
        return committed(client, answer, answer.getHeader(), answer.getOperation(), "probe " + resource + where);
    }
}
