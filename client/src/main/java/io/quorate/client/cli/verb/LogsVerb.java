package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.GetLogsRequest;
import io.quorate.v1.GetLogsResponse;
import io.quorate.v1.OperationResult;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the operations of a resource printed last. */
@Command(
        name = "logs",
        description = "The last outputs of a resource's operations, kept on the node that ran them.",
        footer = {"", "  quorate logs www", "  quorate logs www --on n2 --op monitor"})
public final class LogsVerb extends ReadVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a resource, or a member of a group")
    private String resource = "";

    @Option(names = "--on", paramLabel = "NODE", description = "A node other than the one that owns it")
    private String node = "";

    @Option(names = "--op", paramLabel = "OPERATION", description = "start, stop or monitor only")
    private String operation = "";

    public LogsVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        GetLogsResponse answer = client.read(
                ResourceServiceGrpc.getGetLogsMethod(),
                GetLogsRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setResource(resource)
                        .setNode(node)
                        .setOperation(operation)
                        .build());
        print(answer, () -> render(answer));
        return ExitCodes.OK;
    }

    private String render(GetLogsResponse answer) {
        if (answer.getResultsCount() == 0) {
            return "no outputs on " + answer.getNode() + "\n";
        }
        StringBuilder text = new StringBuilder();
        for (OperationResult result : answer.getResultsList()) {
            String on = result.getNode().isEmpty() ? answer.getNode() : result.getNode();
            text.append(Times.moment(result.getAt(), cli().nowMillis(), cli().zone()))
                    .append("  ")
                    .append(result.getOperation())
                    .append(" on ")
                    .append(on)
                    .append(": ")
                    .append(result.getExitName().isEmpty() ? "exit" : result.getExitName())
                    .append(" (")
                    .append(result.getExitCode())
                    .append(") in ")
                    .append(Times.span(result.getTook()));
            if (!result.getExitReason().isEmpty()) {
                text.append(": ").append(result.getExitReason());
            }
            text.append('\n');
            result.getOutputTail()
                    .lines()
                    .forEach(line -> text.append("    ").append(line).append('\n'));
        }
        return text.toString();
    }
}
