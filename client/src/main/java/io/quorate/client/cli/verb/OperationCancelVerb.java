package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.CancelOperationRequest;
import io.quorate.v1.CancelOperationResponse;
import io.quorate.v1.OperationServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Ends an operation; what it did so far stays, and copies that a restart has not come to are not restarted. */
@Command(
        name = "cancel",
        description = "Ends an operation; what it did so far stays. Copies that wait for their turn in a restart that a"
                + " person asked for are not restarted; the roll of a changed definition goes on.",
        footer = {"", "  quorate operation cancel op-17", "  quorate operation list"})
public final class OperationCancelVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "ID", description = "such as op-17")
    private String id = "";

    public OperationCancelVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        CancelOperationResponse answer = client.mutate(
                OperationServiceGrpc.getCancelOperationMethod(),
                mutation(),
                options -> CancelOperationRequest.newBuilder()
                        .setOptions(options)
                        .setId(id)
                        .build());
        return committed(
                client,
                answer,
                answer.getHeader(),
                "",
                id + " " + answer.getOperation().getDetail());
    }
}
