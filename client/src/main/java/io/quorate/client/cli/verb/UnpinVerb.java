package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.v1.ClearOverrideRequest;
import picocli.CommandLine.Command;

/** Takes a pin back. */
@Command(
        name = "unpin",
        description = "Takes a pin back; the service stays where it is unless a rule moves it.",
        footer = {
            "",
            "  quorate unpin web",
            "  quorate unpin db            # its promoted role: the scores of its agents decide again",
            "  quorate get web             # shows its overrides"
        })
public final class UnpinVerb extends OverrideVerb {
    public UnpinVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        return clear(client, ClearOverrideRequest.Kind.KIND_PIN, "unpin");
    }
}
