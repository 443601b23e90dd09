package io.quorate.client.cli.verb;

import io.quorate.client.ObjectNames;
import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.DeleteObjectRequest;
import io.quorate.v1.DeleteObjectResponse;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes one object; what it runs is stopped first. */
@Command(
        name = "delete",
        description = "Deletes an object; what it runs is stopped first.",
        footer = {"", "  quorate delete groups/web --reason CHG-4711", "  quorate delete fenceDevices/ipmi"})
public final class DeleteVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "OBJECT", description = "web, groups/web, fenceDevices/ipmi")
    private String object = "";

    @Option(names = "--allow-unfenced", description = "May take away the last fence path of a node")
    private boolean allowUnfenced;

    public DeleteVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        String key = ObjectNames.resolve(client, object);
        DeleteObjectResponse answer = client.mutate(
                ResourceServiceGrpc.getDeleteObjectMethod(),
                mutation(client, key),
                options -> DeleteObjectRequest.newBuilder()
                        .setOptions(options)
                        .setObject(key)
                        .setAllowUnfenced(allowUnfenced)
                        .build());
        return committed(client, answer, answer.getHeader(), answer.getOperation(), "delete " + key);
    }
}
