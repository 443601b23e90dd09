package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ClearOverrideRequest;
import io.quorate.v1.ClearOverrideResponse;
import io.quorate.v1.Override;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.SetOverrideRequest;
import io.quorate.v1.SetOverrideResponse;
import picocli.CommandLine.Parameters;

/** A verb that says something beside the spec: it stays until its counterpart takes it back. */
abstract class OverrideVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a group, or a resource outside groups")
    private String resource = "";

    OverrideVerb(CliContext cli) {
        super(cli);
    }

    /** What the service is called on the command line. */
    final String resource() {
        return resource;
    }

    final int set(QuorateClient client, Override.Builder override, String what) {
        SetOverrideResponse answer = client.mutate(
                ResourceServiceGrpc.getSetOverrideMethod(),
                mutation(client, resource),
                options -> SetOverrideRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource)
                        .setOverride(override.setReason(write().reason()))
                        .build());
        return committed(client, answer, answer.getHeader(), answer.getOperation(), what + " " + resource);
    }

    final int clear(QuorateClient client, ClearOverrideRequest.Kind kind, String what) {
        ClearOverrideResponse answer = client.mutate(
                ResourceServiceGrpc.getClearOverrideMethod(),
                mutation(client, resource),
                options -> ClearOverrideRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource)
                        .setKind(kind)
                        .build());
        return committed(client, answer, answer.getHeader(), answer.getOperation(), what + " " + resource);
    }
}
