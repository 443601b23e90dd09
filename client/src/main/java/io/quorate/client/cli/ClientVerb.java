package io.quorate.client.cli;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ResponseHeader;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;

/** A verb that talks to a cluster. One object serves one command line. */
public abstract class ClientVerb implements Callable<Integer> {
    @Mixin
    private ClientOptions options = new ClientOptions();

    private final CliContext cli;

    protected ClientVerb(CliContext cli) {
        this.cli = cli;
    }

    /** Does it and returns the exit code; failures are QuorateExceptions and UsageExceptions. */
    protected abstract int run(QuorateClient client) throws InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        try (QuorateClient client = cli.connect(options)) {
            return run(client);
        } finally {
            cli.out().flush();
        }
    }

    protected final CliContext cli() {
        return cli;
    }

    public final ClientOptions options() {
        return options;
    }

    protected final PrintWriter out() {
        return cli.out();
    }

    protected final boolean wide() {
        return options.output() == OutputFormat.WIDE;
    }

    /** Whether the answer is for people, so that a sentence may be added to it. */
    protected final boolean forPeople() {
        return options.output() == OutputFormat.TABLE || wide();
    }

    protected final void print(Message message, Supplier<String> text) {
        Output.print(cli.out(), options.output(), message, text);
        FieldDescriptor field = message.getDescriptorForType().findFieldByName("header");
        if (field != null && message.getField(field) instanceof ResponseHeader header) {
            sayIfStale(header);
        }
    }

    /** What a server had without asking its leader says so, beside the answer; in JSON its header does. */
    protected final void sayIfStale(ResponseHeader header) {
        if (header.getServedAs() == ReadConsistency.READ_CONSISTENCY_STALE
                && options.output() != OutputFormat.JSON
                && !saysItselfWhetherStale()) {
            String age = header.hasStaleness() ? " " + Times.span(header.getStaleness()) : "";
            cli.err()
                    .println("STALE" + age + ", from " + header.getAnsweredBy() + ", position "
                            + Positions.format(header.getPosition()));
        }
    }

    /** For verbs whose screen has it. */
    protected boolean saysItselfWhetherStale() {
        return false;
    }

    /** A line for people only. */
    protected final void say(String line) {
        if (forPeople()) {
            cli.out().println(line);
            cli.out().flush();
        }
    }
}
