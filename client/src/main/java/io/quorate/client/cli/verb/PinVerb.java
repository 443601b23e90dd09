package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.v1.Pin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Keeps a service on one node. */
@Command(
        name = "pin",
        description = "Keeps a service on one node until it is unpinned: it runs there or nowhere.",
        footer = {
            "",
            "  quorate pin web --to n2 --reason \"debugging\"",
            "  quorate pin db --promoted --to n2  # of a promotable clone: promoted there as long as it may be",
            "  quorate unpin web"
        })
public final class PinVerb extends OverrideVerb {
    @Option(names = "--to", paramLabel = "NODE", required = true, description = "The node")
    private String to = "";

    @Option(
            names = "--promoted",
            description = "Of a promotable clone: the copy there is promoted as long as it may be, or else another one")
    private boolean promoted;

    public PinVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        Pin pin = Pin.newBuilder().setNode(to).setPromoted(promoted).build();
        String role = promoted ? " the promoted role of" : "";
        return set(client, io.quorate.v1.Override.newBuilder().setPin(pin), "pin to " + to + ":" + role);
    }
}
