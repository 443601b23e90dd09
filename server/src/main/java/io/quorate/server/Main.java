package io.quorate.server;

import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.VerbEntry;
import io.quorate.server.agent.AgentCommand;
import io.quorate.server.dev.DevVerbs;

/** The one entry point of every role and every verb. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Cli cli = Cli.create(CliContext.ofSystem());
        cli.add(new VerbEntry("agent", "run this node's agent", context -> new AgentCommand()));
        DevVerbs.all().forEach(cli::add);
        System.exit(cli.run(args));
    }
}
