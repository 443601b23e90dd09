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
        footer = {"", "  quorate pin web --to n2 --reason \"debugging\"", "  quorate unpin web"})
public final class PinVerb extends OverrideVerb {
    @Option(names = "--to", paramLabel = "NODE", required = true, description = "The node")
    private String to = "";

    public PinVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        Pin pin = Pin.newBuilder().setNode(to).build();
        return set(client, io.quorate.v1.Override.newBuilder().setPin(pin), "pin to " + to + ":");
    }
}
