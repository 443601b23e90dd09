package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.GetNodeAttributeRequest;
import io.quorate.v1.GetNodeAttributeResponse;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.SetNodeAttributeRequest;
import io.quorate.v1.SetNodeAttributeResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads or sets a value that is kept for a node. */
@Command(
        name = "attribute",
        description = "Reads a node's attribute, sets it with a value, or deletes it.",
        footer = {"", "  quorate node attribute n1 site", "  quorate node attribute n1 site dc1"})
public final class NodeAttributeVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "of the attribute")
    private String name = "";

    @Parameters(index = "2", arity = "0..1", paramLabel = "VALUE", description = "none: read it")
    private String value = "";

    @Option(names = "--delete", description = "Delete it")
    private boolean delete;

    public NodeAttributeVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        if (delete && !value.isEmpty()) {
            throw new UsageException("a value and --delete exclude each other");
        }
        if (!delete && value.isEmpty()) {
            return get(client);
        }
        SetNodeAttributeResponse answer = client.mutate(
                NodeServiceGrpc.getSetNodeAttributeMethod(),
                mutation(client, "nodes/" + node + "/attributes/" + name),
                options -> SetNodeAttributeRequest.newBuilder()
                        .setOptions(options)
                        .setNode(node)
                        .setName(name)
                        .setValue(value)
                        .build());
        String what = delete ? "delete " + name : "set " + name + " = " + value;
        return committed(client, answer, answer.getHeader(), "", what + " of " + node);
    }

    private int get(QuorateClient client) {
        GetNodeAttributeResponse answer = client.read(
                NodeServiceGrpc.getGetNodeAttributeMethod(),
                GetNodeAttributeRequest.newBuilder().setNode(node).setName(name).build());
        print(answer, () -> answer.getRevision() == 0 ? "" : answer.getValue() + "\n");
        return answer.getRevision() == 0 ? ExitCodes.NOT_FOUND : ExitCodes.OK;
    }
}
