package io.quorate.client.cli.verb;

import io.quorate.client.BuildVersion;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The version of this program. */
@Command(name = "version", description = "The version of this program.")
public final class VersionVerb implements Callable<Integer> {
    private final CliContext cli;

    public VersionVerb(CliContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() {
        cli.out().println("quorate " + BuildVersion.current());
        return ExitCodes.OK;
    }
}
