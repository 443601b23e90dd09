package io.quorate.client.cli;

import io.quorate.client.RequestId;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of verbs that change something. */
public final class WriteFlags {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Kept in the history")
    private String reason = "";

    @Option(
            names = "--if-revision",
            paramLabel = "N",
            converter = RevisionConverter.class,
            description = "Only if the named object still has this revision")
    private @Nullable Long ifRevision;

    @Option(names = "--dry-run", description = "Check everything, change nothing")
    private boolean dryRun;

    @Option(names = "--no-wait", description = "Return when it is committed, before it took effect")
    private boolean noWait;

    @Option(
            names = "--request-id",
            paramLabel = "ID@POSITION",
            converter = RequestIdConverter.class,
            description = "Repeat a request whose outcome is unknown, by the id that was printed: it is done at most"
                    + " once")
    private @Nullable RequestId requestId;

    public Optional<RequestId> repeated() {
        return Optional.ofNullable(requestId);
    }

    public String reason() {
        return reason;
    }

    public OptionalLong ifRevision() {
        return ifRevision == null ? OptionalLong.empty() : OptionalLong.of(ifRevision);
    }

    public boolean dryRun() {
        return dryRun;
    }

    public boolean waits() {
        return !noWait && !dryRun;
    }
}
