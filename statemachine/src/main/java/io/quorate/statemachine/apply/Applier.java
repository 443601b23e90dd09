package io.quorate.statemachine.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LedgerRow;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.command.UnknownCommandException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import io.quorate.statemachine.model.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code (state, entry) -> results + changes + new state}: pure and deterministic, the same on every replica. A
 * refusal is a result with a code; an exception is a defect, and the replica that sees one must halt.
 */
public final class Applier {
    private final RuleTable rules;

    public Applier(RuleTable rules) {
        this.rules = rules;
    }

    /**
     * Applies one entry of the log.
     *
     * @param term the Raft term of the entry
     * @throws UnknownCommandException when the entry holds something that this version does not know
     */
    public Applied apply(ClusterState before, LogEntry entry, long term) {
        Stamp now = later(before.stamp(), entry.getStamp());
        ClusterState state = before.advanced(before.revision(), now);
        List<CommandResult> results = new ArrayList<>(entry.getCommandsCount());
        List<Commit> commits = new ArrayList<>(entry.getCommandsCount());
        for (Command command : entry.getCommandsList()) {
            Step step = apply(state, command, now, term);
            state = step.state;
            results.add(step.result);
            if (step.commit != null) {
                commits.add(step.commit);
            }
        }
        return new Applied(state.with(state.ledger().trimmed(now.getLogMillis())), results, commits);
    }

    private Step apply(ClusterState state, Command command, Stamp now, long term) {
        Rule<?> rule = rules.get(CommandKind.of(command));
        if (rule == null) {
            throw new UnknownCommandException("no rule for " + CommandKind.of(command));
        }
        ByteString body = command.getRequestId().isEmpty() ? ByteString.EMPTY : bodyDigest(rule, command);
        LedgerRow known =
                command.getRequestId().isEmpty() ? null : state.ledger().find(command.getRequestId());
        if (known != null) {
            return new Step(
                    state, known.getBodyDigest().equals(body) ? known.getResult() : reused(state, command), null);
        }
        Step step = decide(rule, new Situation(state, command, now, term));
        if (command.getRequestId().isEmpty()) {
            return step;
        }
        return new Step(remember(step.state, command, body, step.result), step.result, step.commit);
    }

    private <P> Step decide(Rule<P> rule, Situation situation) {
        ClusterState state = situation.state();
        P payload = rule.payload().apply(situation.command());
        Rejection rejection = firstRefusal(rules.envelope(), situation, situation.command());
        if (rejection == null) {
            rejection = firstRefusal(rule.guards(), situation, payload);
        }
        if (rejection != null) {
            return new Step(state, refused(state, rejection), null);
        }
        Draft draft = new Draft(state, situation.command(), situation.now());
        CommandResult.Builder result = CommandResult.newBuilder();
        rule.effect().run(draft, payload, result);
        LastChange.note(state, draft);
        ClusterState after = draft.state().advanced(draft.revision(), situation.now());
        Invariants.check(state, after, draft.changes());
        result.setPosition(after.position());
        return new Step(
                after,
                result.build(),
                new Commit(
                        after.position(),
                        situation.now(),
                        draft.changes(),
                        situation.command().getActor()));
    }

    private static <P> @Nullable Rejection firstRefusal(List<Guard<P>> guards, Situation situation, P payload) {
        for (Guard<P> guard : guards) {
            Rejection rejection = guard.check().check(situation, payload);
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }

    private static CommandResult reused(ClusterState state, Command command) {
        return refused(
                state,
                Rejection.of(
                        RejectCode.REQUEST_ID_REUSED,
                        "",
                        "request id " + command.getRequestId() + " was used before for another request"));
    }

    /** The result of a refusal, of the state that refused. */
    public static CommandResult refused(ClusterState state, Rejection rejection) {
        return CommandResult.newBuilder()
                .setCode(rejection.code().number())
                .setMessage(rejection.message())
                .setObject(rejection.object())
                .setNextStep(rejection.nextStep())
                .setPosition(state.position())
                .build();
    }

    private static ClusterState remember(ClusterState state, Command command, ByteString body, CommandResult result) {
        LedgerRow row = LedgerRow.newBuilder()
                .setSequence(state.ledger().nextSequence())
                .setRequestId(command.getRequestId())
                .setRevision(state.revision())
                .setLogMillis(state.stamp().getLogMillis())
                .setResult(result)
                .setBodyDigest(body)
                .build();
        return state.with(state.ledger().plus(row));
    }

    /** What must be equal for two commands to be one request: not the path, position or term that they came by. */
    private static ByteString bodyDigest(Rule<?> rule, Command command) {
        String sender = command.getKindCase().getNumber() + "\n"
                + command.getActor().getName() + "\n" + command.getReason() + "\n";
        MessageLite payload = (MessageLite) rule.payload().apply(command);
        byte[] digest = DigestSum.sha256(sender.getBytes(StandardCharsets.UTF_8), Wire.bytes(payload));
        return ByteString.copyFrom(digest, 0, 16);
    }

    private static Stamp later(Stamp known, Stamp next) {
        return Stamp.newBuilder()
                .setLogMillis(Math.max(known.getLogMillis(), next.getLogMillis()))
                .setWallMillis(next.getWallMillis() == 0 ? known.getWallMillis() : next.getWallMillis())
                .build();
    }

    private record Step(
            ClusterState state,
            CommandResult result,
            @Nullable Commit commit) {}
}
