package io.quorate.server;

import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;

/** The one entry point of every role and every verb. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Cli.create(CliContext.ofSystem()).run(args));
    }
}
