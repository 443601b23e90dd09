package io.quorate.server;

import io.quorate.client.cli.QuorateCommand;
import picocli.CommandLine;

/** The one entry point of every role and every verb. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new QuorateCommand()).execute(args));
    }
}
