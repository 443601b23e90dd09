package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.ListOperationsRequest;
import io.quorate.v1.ListOperationsResponse;
import io.quorate.v1.OperationServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What people asked for and how far it is. */
@Command(
        name = "list",
        description = "What people asked for and how far it is.",
        footer = {"", "  quorate operation list", "  quorate operation list --all"})
public final class OperationListVerb extends ReadVerb {
    @Option(names = "--all", description = "Also those that are finished")
    private boolean all;

    public OperationListVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListOperationsResponse answer = client.read(
                OperationServiceGrpc.getListOperationsMethod(),
                ListOperationsRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setRunningOnly(!all)
                        .build());
        print(
                answer,
                () -> answer.getOperationsCount() == 0
                        ? "none\n"
                        : Tables.operations(answer.getOperationsList(), cli().nowMillis()));
        return ExitCodes.OK;
    }
}
