package io.quorate.statemachine.apply;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guards that every command passes before its own. */
final class Envelope {
    private Envelope() {}

    static List<Guard<Command>> guards() {
        return List.of(
                new Guard<>("FeatureLevel", RejectCode.LEVEL_TOO_LOW, Envelope::featureLevel),
                new Guard<>("Initialized", RejectCode.NOT_INITIALIZED, Envelope::initialized),
                new Guard<>("MaySend", RejectCode.NOT_ALLOWED, Envelope::maySend),
                new Guard<>("LedgerHorizon", RejectCode.REQUEST_EXPIRED, Envelope::ledgerHorizon),
                new Guard<>("TermBound", RejectCode.WRONG_TERM, Envelope::termBound),
                new Guard<>("IfPosition", RejectCode.POSITION_MOVED, Envelope::ifPosition),
                new Guard<>("ReadSet", RejectCode.STALE_READ, Envelope::readSet),
                new Guard<>("HistoryBack", RejectCode.HISTORY_WENT_BACK, Envelope::historyBack));
    }

    private static @Nullable Rejection featureLevel(Situation situation, Command command) {
        int needed = CommandKind.of(command).sinceLevel();
        int level = situation.state().meta().getFeatureLevel();
        if (!situation.state().isInitialized() || needed <= level) {
            return null;
        }
        return Rejection.of(
                        RejectCode.LEVEL_TOO_LOW,
                        "",
                        "this needs feature level " + needed + "; the cluster is at level " + level)
                .withNextStep("quorate member list");
    }

    private static @Nullable Rejection initialized(Situation situation, Command command) {
        boolean init = command.getKindCase() == Command.KindCase.INIT_CLUSTER;
        if (init || situation.state().isInitialized()) {
            return null;
        }
        return Rejection.of(RejectCode.NOT_INITIALIZED, "", "the cluster is not initialized yet");
    }

    private static @Nullable Rejection maySend(Situation situation, Command command) {
        CommandKind kind = CommandKind.of(command);
        if (kind.maySend(situation.actor().getKind())) {
            return null;
        }
        return Rejection.of(RejectCode.NOT_ALLOWED, "", situation.actor().getKind() + " may not send " + kind);
    }

    /** The ledger forgets in order, so its oldest row bounds the revision of everything that it forgot. */
    private static @Nullable Rejection ledgerHorizon(Situation situation, Command command) {
        ClusterState state = situation.state();
        if (command.getRequestId().isEmpty()
                || !command.hasKnownPosition()
                || !state.ledger().hasForgotten()) {
            return null;
        }
        Position known = command.getKnownPosition();
        boolean maybeForgotten = known.getGeneration() < state.generation()
                || (known.getGeneration() == state.generation()
                        && known.getRevision() < state.ledger().oldestRevision());
        if (!maybeForgotten) {
            return null;
        }
        return Rejection.of(
                RejectCode.REQUEST_EXPIRED,
                "",
                "the ledger no longer knows whether request " + command.getRequestId()
                        + " was executed before: it was made at or before " + Positions.format(known));
    }

    private static @Nullable Rejection termBound(Situation situation, Command command) {
        if (command.getFormedInTerm() == 0 || command.getFormedInTerm() == situation.term()) {
            return null;
        }
        return Rejection.of(
                RejectCode.WRONG_TERM,
                "",
                "formed in term " + command.getFormedInTerm() + ", proposed in term " + situation.term());
    }

    private static @Nullable Rejection ifPosition(Situation situation, Command command) {
        Position now = situation.state().position();
        if (!command.hasIfPosition() || Positions.ORDER.compare(now, command.getIfPosition()) == 0) {
            return null;
        }
        return Rejection.of(
                RejectCode.POSITION_MOVED,
                "",
                "the state is at " + Positions.format(now) + ", not at " + Positions.format(command.getIfPosition()));
    }

    private static @Nullable Rejection readSet(Situation situation, Command command) {
        for (ObjectRevision read : command.getReadSetList()) {
            long revision = situation.state().revisionOf(read.getObject());
            if (revision != read.getRevision()) {
                return Rejection.of(
                        RejectCode.STALE_READ,
                        read.getObject(),
                        read.getObject() + (revision == 0 ? " does not exist" : " is at revision " + revision)
                                + ", not " + read.getRevision());
            }
        }
        return null;
    }

    /** A client has seen more of this generation than this log holds: acknowledged history is gone. */
    private static @Nullable Rejection historyBack(Situation situation, Command command) {
        Position now = situation.state().position();
        if (Positions.ORDER.compare(command.getKnownPosition(), now) <= 0
                || !situation.state().isInitialized()) {
            return null;
        }
        return Rejection.of(
                        RejectCode.HISTORY_WENT_BACK,
                        "",
                        "the client has seen position " + Positions.format(command.getKnownPosition())
                                + ", this cluster is at " + Positions.format(now))
                .withNextStep("quorate help history-went-back");
    }
}
