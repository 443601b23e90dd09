package io.quorate.client.cli;

import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of verbs that read. */
public final class ReadFlags {
    @Option(names = "--stale", description = "Take what the server has, also without a leader")
    private boolean stale;

    @Option(
            names = "--at",
            paramLabel = "POSITION",
            converter = PositionConverter.class,
            description = "The state at a past position, such as 1:120")
    private @Nullable Position at;

    public boolean stale() {
        return stale;
    }

    public boolean isPast() {
        return at != null;
    }

    public ReadOptions toOptions() {
        ReadOptions.Builder options = ReadOptions.newBuilder();
        if (stale) {
            options.setConsistency(ReadConsistency.READ_CONSISTENCY_STALE);
        }
        if (at != null) {
            options.setAt(at);
        }
        return options.build();
    }
}
