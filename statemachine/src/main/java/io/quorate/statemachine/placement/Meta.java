package io.quorate.statemachine.placement;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is said about a resource beside what it is; inherited by what is inside it where that says nothing itself.
 *
 * @param priority those of higher priority are placed first
 * @param managed false: it is watched, and nothing is done with it
 * @param maintenance like not managed, and not even watched
 * @param critical by default an important dependent: its colocations influence where the others go
 * @param targetRole what is wanted; empty: as much as possible
 * @param stickiness score of the node where it runs; empty: not said
 * @param migrationThreshold failures on a node after which it may not run there; empty: never
 * @param failureTimeoutMillis after so long without one, failures are forgotten; empty: never
 * @param allowMigrate it can move while it runs
 * @param allowUnhealthyNodes health of nodes does not matter to it
 */
public record Meta(
        int priority,
        boolean managed,
        boolean maintenance,
        boolean critical,
        Optional<Role> targetRole,
        OptionalInt stickiness,
        Requires requires,
        OptionalInt migrationThreshold,
        OptionalLong failureTimeoutMillis,
        MultipleActive multipleActive,
        boolean allowMigrate,
        boolean allowUnhealthyNodes) {

    /** What must be there before it may start. */
    public enum Requires {
        NOTHING,
        QUORUM,
        /** Quorum, and that every lost node has been fenced. */
        FENCING,
        /** Fencing, and that its own node was switched on by its device. */
        UNFENCING
    }

    /** What is done when it is found active on more than one node. */
    public enum MultipleActive {
        BLOCK,
        STOP_ONLY,
        STOP_START,
        /** Only where it does not belong. */
        STOP_UNEXPECTED
    }
}
