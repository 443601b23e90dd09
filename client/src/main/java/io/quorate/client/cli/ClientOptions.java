package io.quorate.client.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every verb that talks to a cluster. */
public final class ClientOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            converter = OutputFormatConverter.class,
            description = "table, wide, json or yaml")
    private OutputFormat output = OutputFormat.TABLE;

    @Option(names = "--endpoints", paramLabel = "HOST:PORT,...", description = "Servers to ask; also QUORATE_ENDPOINTS")
    private String endpoints = "";

    @Option(names = "--context", paramLabel = "NAME", description = "A context of config.yaml; also QUORATE_CONTEXT")
    private String context = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Longest time to ask and to wait (defaults: 5s to ask, 10m to wait)")
    private @Nullable Duration timeout;

    @Option(names = "--no-color", description = "No colours; also NO_COLOR")
    private boolean noColor;

    @Option(names = "--no-progress", description = "No progress lines while waiting")
    private boolean noProgress;

    @Option(names = "--verbose", description = "Tell more, also where an error comes from")
    private boolean verbose;

    public OutputFormat output() {
        return output;
    }

    /** Empty = not given. */
    public String endpoints() {
        return endpoints;
    }

    /** Empty = not given. */
    public String context() {
        return context;
    }

    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    public boolean colour() {
        return !noColor;
    }

    public boolean progress() {
        return !noProgress;
    }

    public boolean verbose() {
        return verbose;
    }
}
