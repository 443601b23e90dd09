package io.quorate.client.cli.verb;

import io.quorate.client.ObjectNames;
import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsRequest;
import io.quorate.v1.ListEventsResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The history of one object, or of all. */
@Command(
        name = "history",
        description = "What happened: revision, when, from, to, why, by whom, and the outage with its parts.",
        footer = {"", "  quorate history web --limit 3", "  quorate history nodes/n2"})
public final class HistoryVerb extends ReadVerb {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "OBJECT",
            description = "web, groups/web, nodes/n2; none: all")
    private String object = "";

    @Option(names = "--limit", paramLabel = "N", description = "How many of the newest (default: ${DEFAULT-VALUE})")
    private int limit = 50;

    public HistoryVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListEventsResponse answer = client.read(
                HistoryServiceGrpc.getListEventsMethod(),
                ListEventsRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setObject(ObjectNames.object(object))
                        .setLimit(limit)
                        .build());
        print(answer, () -> Tables.events(answer.getEventsList(), cli().nowMillis(), cli().zone(), object.isEmpty()));
        return ExitCodes.OK;
    }
}
