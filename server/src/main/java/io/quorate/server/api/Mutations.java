package io.quorate.server.api;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ResponseHeader;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Turns a public mutation into a command, commits it or only tries it, and gives its outcome. */
final class Mutations {
    private final ClusterPort cluster;
    private final Applier applier;

    Mutations(ClusterPort cluster, Applier applier) {
        this.cluster = cluster;
        this.applier = applier;
    }

    /**
     * What became of a mutation that was not refused.
     *
     * @param before the state that a preview was made on
     * @param after the state that it would give; both equal to each other's replica state for a committed one
     */
    record Outcome(
            CommandResult result, ResponseHeader header, boolean committed, ClusterState before, ClusterState after) {}

    /** Stamps a command with what its options and its caller say. */
    Command.Builder command(MutationOptions options, Caller caller) {
        Command.Builder command = Command.newBuilder()
                .setRequestId(options.getRequestId())
                .setActor(caller.actor(cluster.memberId()))
                .setReason(options.getReason())
                .setKnownPosition(
                        options.hasKnownPosition()
                                ? options.getKnownPosition()
                                : cluster.applied().position());
        if (options.hasIfPosition()) {
            command.setIfPosition(options.getIfPosition());
        }
        new TreeMap<>(options.getIfObjectRevisionMap())
                .forEach((object, revision) -> command.addReadSet(
                        ObjectRevision.newBuilder().setObject(object).setRevision(revision)));
        return command;
    }

    /**
     * Fails with RejectedException when it was refused; else as {@link ClusterPort#propose}, with a TimeoutException
     * when nothing is known at the deadline.
     */
    CompletableFuture<Outcome> submit(MutationOptions options, Caller caller, Consumer<Command.Builder> kind) {
        requireNoPlan(options);
        Command.Builder command = command(options, caller);
        kind.accept(command);
        return options.getValidateOnly() ? preview(command.build()) : commit(command.build());
    }

    private CompletableFuture<Outcome> commit(Command command) {
        return Reads.bounded(cluster.propose(command)).thenApply(result -> {
            requireAccepted(result);
            ClusterState now = cluster.applied();
            ResponseHeader header = cluster.header(now.meta().getClusterId(), result.getPosition())
                    .build();
            return new Outcome(result, header, true, now, now);
        });
    }

    private CompletableFuture<Outcome> preview(Command command) {
        return Reads.bounded(cluster.readLinearizable()).thenApply(before -> {
            LogEntry entry = LogEntry.newBuilder()
                    .setStamp(before.stamp())
                    .addCommands(command)
                    .build();
            Applied applied = applier.apply(before, entry, cluster.leadership().term());
            CommandResult result = applied.results().get(0);
            requireAccepted(result);
            ResponseHeader header = cluster.header(before.meta().getClusterId(), before.position())
                    .build();
            return new Outcome(result, header, false, before, applied.state());
        });
    }

    /** An id says nothing of what its plan relied on: to ignore it would commit what its caller wanted to be compared. */
    static void requireNoPlan(MutationOptions options) {
        if (!options.getPlanId().isEmpty()) {
            throw ApiException.invalid("plan_id: a plan is compared by its basis, in ApplyManifestsRequest.plan;"
                    + " if_object_revision compares objects");
        }
    }

    private static void requireAccepted(CommandResult result) {
        if (result.getCode() != 0) {
            throw new RejectedException(result);
        }
    }

    /** The options with a request id: the caller's, or a new one, so that every retry inside the server repeats it. */
    static MutationOptions identified(MutationOptions options) {
        return options.getRequestId().isEmpty()
                ? options.toBuilder().setRequestId(UUID.randomUUID().toString()).build()
                : options;
    }
}
