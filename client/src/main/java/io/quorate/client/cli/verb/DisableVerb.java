package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.v1.Disabled;
import picocli.CommandLine.Command;

/** Stops a service until it is enabled again. */
@Command(
        name = "disable",
        description = "Stops a service until it is enabled again; files stay as they are.",
        footer = {"", "  quorate disable web --reason \"data repair\"", "  quorate enable web"})
public final class DisableVerb extends OverrideVerb {
    public DisableVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        return set(client, io.quorate.v1.Override.newBuilder().setDisabled(Disabled.getDefaultInstance()), "disable");
    }
}
