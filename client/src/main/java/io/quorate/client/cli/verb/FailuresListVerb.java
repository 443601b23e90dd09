package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Table;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.FailureCount;
import io.quorate.v1.ListFailuresRequest;
import io.quorate.v1.ListFailuresResponse;
import io.quorate.v1.OperationResult;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What failed where, and how often. */
@Command(
        name = "list",
        description = "What failed where, how often, and why the last time.",
        footer = {"", "  quorate failures list", "  quorate failures list web"})
public final class FailuresListVerb extends ReadVerb {
    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "a service or a member; none: all")
    private String resource = "";

    public FailuresListVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListFailuresResponse answer = client.read(
                ResourceServiceGrpc.getListFailuresMethod(),
                ListFailuresRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setResource(resource)
                        .build());
        print(answer, () -> render(answer));
        return ExitCodes.OK;
    }

    private String render(ListFailuresResponse answer) {
        if (answer.getFailuresCount() == 0) {
            return "no failures\n";
        }
        Table table = new Table("RESOURCE", "SERVICE", "NODE", "COUNT", "LAST", "WHY");
        for (FailureCount failure : answer.getFailuresList()) {
            table.row(
                    failure.getResource(),
                    failure.getUnit(),
                    failure.getNode(),
                    Integer.toString(failure.getCount()),
                    Times.moment(failure.getLast().getAt(), cli().nowMillis(), cli().zone()),
                    why(failure.getLast()));
        }
        return table.render();
    }

    private static String why(OperationResult last) {
        String reason = last.getExitReason().isEmpty() ? "" : ": " + last.getExitReason();
        return last.getOperation().isEmpty()
                ? ""
                : last.getOperation() + ": " + last.getExitName() + " (" + last.getExitCode() + ")" + reason;
    }
}
