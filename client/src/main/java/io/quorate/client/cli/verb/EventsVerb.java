package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.WatchPrinter;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsRequest;
import io.quorate.v1.ListEventsResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What happened in the whole cluster. */
@Command(
        name = "events",
        description = "What happened in the cluster, newest last.",
        footer = {"", "  quorate events --limit 20", "  quorate events --watch"})
public final class EventsVerb extends ReadVerb {
    @Option(names = "--limit", paramLabel = "N", description = "How many of the newest (default: ${DEFAULT-VALUE})")
    private int limit = 50;

    @Option(names = "--watch", description = "Go on with what happens")
    private boolean watch;

    public EventsVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) throws InterruptedException {
        ListEventsResponse answer = client.read(
                HistoryServiceGrpc.getListEventsMethod(),
                ListEventsRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setLimit(limit)
                        .build());
        print(answer, () -> Tables.events(answer.getEventsList(), cli().nowMillis(), cli().zone(), true));
        return watch ? new WatchPrinter(cli(), options()).follow(client, "", "") : ExitCodes.OK;
    }
}
