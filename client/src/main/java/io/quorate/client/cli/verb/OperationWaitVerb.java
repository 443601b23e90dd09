package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ClientVerb;
import io.quorate.client.cli.OperationWaiter;
import io.quorate.v1.LongOperation;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Waits for the end of an operation. */
@Command(
        name = "wait",
        description = "Waits for the end of an operation.",
        footer = {"", "  quorate operation wait op-17", "  quorate operation wait op-17 --timeout 60s"})
public final class OperationWaitVerb extends ClientVerb {
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(10);

    @Parameters(index = "0", paramLabel = "ID", description = "such as op-17")
    private String id = "";

    public OperationWaitVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        Duration limit = options().timeout().orElse(DEFAULT_LIMIT);
        OperationWaiter waiter = new OperationWaiter(cli(), options());
        LongOperation end = waiter.end(client, id, limit);
        print(end, () -> "");
        return waiter.finished(end);
    }
}
