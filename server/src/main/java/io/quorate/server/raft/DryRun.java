package io.quorate.server.raft;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LogEntry;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.apply.Rejection;
import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard DryRun: the leader applies a batch to its own state before it proposes it, so that a defect becomes a refusal
 * of one command, and not an entry that halts every replica at every start.
 */
final class DryRun {

    private static final Logger log = LoggerFactory.getLogger(DryRun.class);

    private DryRun() {}

    /**
     * What may be logged of a batch.
     *
     * @param entry with the commands that apply, in their order
     * @param predicted what it does to the state that it was tried on
     * @param verdicts one per command of the batch: null = it is in the entry, else why it is not
     */
    record Plan(LogEntry entry, Applied predicted, List<@Nullable CommandResult> verdicts) {}

    /**
     * Tries {@code commands} on {@code base}.
     *
     * @param envelope the entry without commands
     */
    static Plan plan(Replica replica, ClusterState base, LogEntry envelope, List<Command> commands, long term) {
        List<@Nullable CommandResult> verdicts = new ArrayList<>(commands.size());
        for (Command command : commands) {
            verdicts.add(boundToAnotherTerm(base, command, term));
        }
        LogEntry entry = entryOf(envelope, commands, verdicts);
        try {
            return new Plan(entry, replica.apply(base, entry, term), verdicts);
        } catch (RuntimeException | StackOverflowError | AssertionError defect) {
            log.error(
                    "Applying a batch of {} commands failed on the leader; looking for the culprit",
                    entry.getCommandsCount(),
                    defect);
            return withoutDefects(replica, base, envelope, commands, verdicts, term);
        }
    }

    /** TermBound: what rests on an earlier term's own measurement is dropped here, never logged and never retried. */
    private static @Nullable CommandResult boundToAnotherTerm(ClusterState base, Command command, long term) {
        long formedIn = command.getFormedInTerm();
        if (formedIn == 0 || formedIn == term) {
            return null;
        }
        return Applier.refused(
                base,
                Rejection.of(
                        RejectCode.WRONG_TERM,
                        "",
                        "formed by the leader of term " + formedIn + ", now is term " + term));
    }

    private static Plan withoutDefects(
            Replica replica,
            ClusterState base,
            LogEntry envelope,
            List<Command> commands,
            List<@Nullable CommandResult> verdicts,
            long term) {
        ClusterState state = base;
        for (int index = 0; index < commands.size(); index++) {
            if (verdicts.get(index) == null) {
                LogEntry alone =
                        envelope.toBuilder().addCommands(commands.get(index)).build();
                try {
                    state = replica.apply(state, alone, term).state();
                } catch (RuntimeException | StackOverflowError | AssertionError defect) {
                    verdicts.set(index, defective(base, commands.get(index), defect));
                }
            }
        }
        LogEntry entry = entryOf(envelope, commands, verdicts);
        try {
            return new Plan(entry, replica.apply(base, entry, term), verdicts);
        } catch (RuntimeException | StackOverflowError | AssertionError defect) {
            // Each alone applies but together they do not: none of them is logged.
            for (int index = 0; index < commands.size(); index++) {
                if (verdicts.get(index) == null) {
                    verdicts.set(index, defective(base, commands.get(index), defect));
                }
            }
            return new Plan(envelope, replica.apply(base, envelope, term), verdicts);
        }
    }

    private static CommandResult defective(ClusterState base, Command command, Throwable defect) {
        log.error(
                "A command of kind {} cannot be applied and is refused: this is a bug, please report it",
                command.getKindCase(),
                defect);
        return Applier.refused(
                base,
                Rejection.of(
                        RejectCode.DEFECT,
                        "",
                        "a bug in Quorate prevents this command (" + command.getKindCase() + "): " + defect));
    }

    private static LogEntry entryOf(LogEntry envelope, List<Command> commands, List<@Nullable CommandResult> verdicts) {
        LogEntry.Builder entry = envelope.toBuilder();
        for (int index = 0; index < commands.size(); index++) {
            if (verdicts.get(index) == null) {
                entry.addCommands(commands.get(index));
            }
        }
        return entry.build();
    }
}
