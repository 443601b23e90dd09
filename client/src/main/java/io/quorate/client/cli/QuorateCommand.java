package io.quorate.client.cli;

import io.quorate.client.BuildVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line. Verbs are its subcommands; without one it prints the usage and fails. */
@Command(
        name = "quorate",
        description = "Keeps services running on exactly the nodes that a majority has decided.",
        mixinStandardHelpOptions = true,
        versionProvider = QuorateCommand.Version.class,
        subcommands = HelpCommand.class)
public final class QuorateCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything here
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"quorate " + BuildVersion.current()};
        }
    }
}
