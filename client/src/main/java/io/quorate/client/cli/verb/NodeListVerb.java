package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.ListNodesRequest;
import io.quorate.v1.ListNodesResponse;
import io.quorate.v1.NodeServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Nodes: phase, what they own, how they can be fenced. */
@Command(
        name = "list",
        description = "Nodes: phase, what they own, how they can be fenced.",
        footer = {"", "  quorate node list", "  quorate node list -l rack=a -o wide"})
public final class NodeListVerb extends ReadVerb {
    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "Only nodes with such labels, as in quorate get")
    private String selector = "";

    public NodeListVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListNodesRequest.Builder request =
                ListNodesRequest.newBuilder().setRead(read().toOptions()).setLabelSelector(selector);
        ListNodesResponse.Builder all = ListNodesResponse.newBuilder();
        ListNodesResponse page;
        do {
            page = client.read(NodeServiceGrpc.getListNodesMethod(), request.build());
            all.setHeader(page.getHeader()).addAllNodes(page.getNodesList());
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        print(all.build(), () -> Tables.nodes(all.getNodesList(), cli().nowMillis(), wide()));
        return ExitCodes.OK;
    }
}
