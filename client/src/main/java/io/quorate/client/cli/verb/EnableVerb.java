package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.v1.ClearOverrideRequest;
import picocli.CommandLine.Command;

/** Takes a disable back. */
@Command(
        name = "enable",
        description = "Lets a disabled service run again.",
        footer = {"", "  quorate enable web", "  quorate enable web --no-wait"})
public final class EnableVerb extends OverrideVerb {
    public EnableVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        return clear(client, ClearOverrideRequest.Kind.KIND_DISABLED, "enable");
    }
}
