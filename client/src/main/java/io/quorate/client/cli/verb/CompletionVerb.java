package io.quorate.client.cli.verb;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

/** Prints the completion script of the shell. */
@Command(
        name = "completion",
        description = "A completion script for bash, and for zsh with bashcompinit.",
        footer = {"", "  source <(quorate completion)", "  quorate completion > /etc/bash_completion.d/quorate"})
public final class CompletionVerb implements Callable<Integer> {
    private final CliContext cli;
    private final Supplier<String> script;

    /** With the script of the whole command line. */
    public CompletionVerb(CliContext cli, Supplier<String> script) {
        this.cli = cli;
        this.script = script;
    }

    @Override
    public Integer call() {
        cli.out().print(script.get());
        return ExitCodes.OK;
    }
}
