package io.quorate.client.cli;

import picocli.CommandLine.Option;

/** Option of verbs that ask before they act. */
public final class ConfirmFlags {
    @Option(names = "--yes", description = "Do not ask: for scripts")
    private boolean yes;

    public boolean yes() {
        return yes;
    }
}
