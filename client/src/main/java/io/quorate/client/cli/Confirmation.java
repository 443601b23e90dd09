package io.quorate.client.cli;

/** Asks for a typed word before something dangerous is done. */
public final class Confirmation {
    private final CliContext cli;

    public Confirmation(CliContext cli) {
        this.cli = cli;
    }

    /**
     * Shows the facts and asks. Returns when it may go on.
     *
     * @param word what must be typed, such as the node's name
     * @throws UsageException when nobody is there to ask, or something else was typed
     */
    public void require(ConfirmFlags flags, String facts, String word) {
        if (flags.yes()) {
            return;
        }
        cli.err().println(facts.stripTrailing());
        if (!cli.terminal().inputIsTerminal()) {
            throw new UsageException(
                    "nothing was done: the standard input is no terminal, so nobody can confirm this; --yes goes on"
                            + " without asking");
        }
        String typed = ask("type " + word + " to go on: ");
        if (!typed.equals(word)) {
            throw new UsageException("nothing was done: \"" + typed + "\" is not \"" + word + "\"");
        }
    }

    /** Asks for a line; empty at the end of the input. */
    public String ask(String question) {
        cli.err().print(question);
        cli.err().flush();
        String line = cli.terminal().readLine();
        return line == null ? "" : line.strip();
    }
}
