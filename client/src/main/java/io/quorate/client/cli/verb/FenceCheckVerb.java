package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ClientVerb;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.text.Table;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.CheckFencingRequest;
import io.quorate.v1.CheckFencingResponse;
import io.quorate.v1.FencePathResult;
import io.quorate.v1.NodeServiceGrpc;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Proves every fence path with the device's harmless status action. */
@Command(
        name = "check",
        description = "Runs the harmless status action on every fence path, from every node that may have to use it.",
        footer = {"", "  quorate fence check", "  quorate fence check n1 --exit-code     # 8 = a path does not work"})
public final class FenceCheckVerb extends ClientVerb {
    private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(60);

    @Parameters(index = "0", arity = "0..1", paramLabel = "NODE", description = "only this node; none: all")
    private String node = "";

    @Option(names = "--all", description = "All nodes: the default")
    private boolean all;

    @Option(names = "--exit-code", description = "Exit with 8 when a path does not work")
    private boolean exitCode;

    public FenceCheckVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        CheckFencingResponse answer = client.read(
                NodeServiceGrpc.getCheckFencingMethod(),
                CheckFencingRequest.newBuilder().setNode(all ? "" : node).build(),
                options().timeout().orElse(DEFAULT_LIMIT));
        print(answer, () -> render(answer));
        boolean works =
                answer.getResultsList().stream().allMatch(FencePathResult::getOk) && answer.getResultsCount() > 0;
        return works || !exitCode ? ExitCodes.OK : ExitCodes.DIFFERS;
    }

    private static String render(CheckFencingResponse answer) {
        if (answer.getResultsCount() == 0) {
            return "no fence paths: nothing will move from a lost node · quorate help fencing\n";
        }
        Table table = new Table("NODE", "PATH", "BY", "RESULT", "TOOK", "WHY");
        for (FencePathResult result : answer.getResultsList()) {
            table.row(
                    result.getNode(),
                    result.getDevice(),
                    result.getExecutor(),
                    result.getOk() ? result.getPower() : "FAILED",
                    Times.span(result.getTook()),
                    result.getMessage().strip().replaceAll("\\s+", " "));
        }
        return table.render();
    }
}
