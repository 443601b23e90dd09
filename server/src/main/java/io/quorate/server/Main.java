package io.quorate.server;

import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.VerbEntry;
import io.quorate.server.agent.AgentCommand;
import io.quorate.server.dev.DevVerbs;
import java.util.Set;

/** The one entry point of every role and every verb. */
public final class Main {
    private static final Set<String> LONG_RUNNING = Set.of("server", "agent");

    private Main() {}

    public static void main(String[] args) {
        if (args.length > 0 && LONG_RUNNING.contains(args[0]) && System.getProperty(Logging.LEVEL) == null) {
            System.setProperty(Logging.LEVEL, "INFO"); // before the first logger
        }
        System.exit(cli(CliContext.ofSystem()).run(args));
    }

    /** With the verbs of all modules. */
    static Cli cli(CliContext world) {
        Cli cli = Cli.create(world);
        cli.add(new VerbEntry("agent", "run this node's agent", context -> new AgentCommand()));
        ServerVerbs.all().forEach(cli::add);
        DevVerbs.all().forEach(cli::add);
        return cli;
    }
}
