package io.quorate.server;

import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.VerbEntry;
import io.quorate.server.agent.AgentCommand;
import io.quorate.server.dev.ExampleServer;

/** The one entry point of every role and every verb. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Cli cli = Cli.create(CliContext.ofSystem())
                .add(new VerbEntry("agent", "run this node's agent", context -> new AgentCommand()))
                .add(new VerbEntry("example-server", "a small HTTP server for the examples", ExampleServer::new));
        System.exit(cli.run(args));
    }
}
