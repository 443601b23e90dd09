package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Migrations;
import io.quorate.v1.NodePhase;

/**
 * How the live migration of a unit stands.
 *
 * @param why of a broken one, what broke it; else empty
 */
record MigrationView(Progress progress, String why) {
    enum Progress {
        /** The unit is not leaving alive. */
        NONE,
        /** Both nodes are there and do what they are told. */
        GOING_ON,
        /** The target is gone before anything was sent: it goes on where it runs until its target's part is over. */
        HELD,
        /** It runs on the target; what is left of it on the source is to be stopped. */
        ARRIVED,
        /** It does not come to its end: both nodes give up what they hold. */
        BROKEN
    }

    private static final MigrationView NONE = new MigrationView(Progress.NONE, "");
    private static final MigrationView GOING_ON = new MigrationView(Progress.GOING_ON, "");
    private static final MigrationView HELD = new MigrationView(Progress.HELD, "");
    private static final MigrationView ARRIVED = new MigrationView(Progress.ARRIVED, "");

    private static MigrationView broken(String why) {
        return new MigrationView(Progress.BROKEN, why);
    }

    /** @param source the unit itself, not what arrives of it */
    static MigrationView of(Survey survey, UnitView source) {
        OwnershipRow from = source.ownership();
        if (from == null || !from.hasDeparture()) {
            return NONE;
        }
        UnitView arrival = survey.arrivalOf(source);
        String target = from.getDeparture().getNode();
        if (arrival == null || !Migrations.isBound(source.instance(), arrival.instance())) {
            return broken(target + " no longer holds what was to arrive");
        }
        OwnershipRow to = arrival.instance().getOwnership();
        if (to.getStopFailed() || to.getReleasing()) {
            return broken(target + " gives up what was to arrive");
        }
        if (to.getArrived()) {
            return ARRIVED;
        }
        if (from.getStopFailed() || from.getReleasing()) {
            return broken(from.getNode() + " is told to stop it");
        }
        return inTheMiddle(survey, source, arrival);
    }

    private static MigrationView inTheMiddle(Survey survey, UnitView source, UnitView arrival) {
        if (source.row().getMeta().getSpecRevision() > arrival.instance().getCreatedRevision()) {
            return broken("its definition changed on the way");
        }
        for (UnitView half : new UnitView[] {source, arrival}) {
            OwnershipRow ownership = half.instance().getOwnership();
            if (isGone(survey, ownership)) {
                boolean unsent = half.isArrival()
                        && !source.instance().getOwnership().getDeparture().getSent();
                return unsent ? HELD : broken(ownership.getNode() + " is no longer there");
            }
            var failed = Standing.firstFailed(half);
            if (failed != null) {
                return broken(ownership.getNode() + ": " + UnitReasons.inWords(failed.getLastFailure()));
            }
        }
        return GOING_ON;
    }

    /** A node that registered anew in the same life is still there: its agent says what became of its half. */
    private static boolean isGone(Survey survey, OwnershipRow ownership) {
        NodeRow node = survey.state().node(ownership.getNode());
        return node == null
                || node.getIncarnation() != ownership.getIncarnation()
                || node.getPhase() == NodePhase.NODE_PHASE_LOST
                || node.getPhase() == NodePhase.NODE_PHASE_OFF;
    }

    /** It came, or still comes, to its end. */
    boolean isAlive() {
        return progress == Progress.GOING_ON || progress == Progress.ARRIVED;
    }

    boolean isHeld() {
        return progress == Progress.HELD;
    }

    boolean isBroken() {
        return progress == Progress.BROKEN;
    }

    boolean hasArrived() {
        return progress == Progress.ARRIVED;
    }
}
