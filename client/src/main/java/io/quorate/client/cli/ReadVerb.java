package io.quorate.client.cli;

import picocli.CommandLine.Mixin;

/** A verb that reads. */
public abstract class ReadVerb extends ClientVerb {
    @Mixin
    private ReadFlags read = new ReadFlags();

    protected ReadVerb(CliContext cli) {
        super(cli);
    }

    protected final ReadFlags read() {
        return read;
    }
}
