package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.v1.ClearOverrideRequest;
import io.quorate.v1.Maintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes the hands off a service, until the end is said. */
@Command(
        name = "maintain",
        description = {
            "Takes the hands off a service: nothing of it is started, stopped or moved, whatever its monitors say.",
            "At the end, what its node still runs goes on; other nodes are asked before it starts anywhere."
        },
        footer = {"", "  quorate maintain web --reason \"upgrade by hand\"", "  quorate maintain web --end"})
public final class MaintainVerb extends OverrideVerb {
    @Option(names = "--end", description = "The work is done: it is watched and kept running again")
    private boolean end;

    public MaintainVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        return end
                ? clear(client, ClearOverrideRequest.Kind.KIND_MAINTENANCE, "end of the maintenance of")
                : set(
                        client,
                        io.quorate.v1.Override.newBuilder().setMaintenance(Maintenance.getDefaultInstance()),
                        "maintain");
    }
}
