package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What the failures on record mean for a unit. Failures count until they are forgotten or cleared; a cleared row stays
 * with count 0 and means nothing here.
 */
final class Failures {
    private static final long FIRST_BACKOFF_MILLIS = 1_000;

    private Failures() {}

    /** Failures of all members on a node. */
    static int countOn(UnitView unit, String node) {
        int count = 0;
        for (FailureRow failure : unit.failures()) {
            if (failure.getNode().equals(node)) {
                count += failure.getCount();
            }
        }
        return count;
    }

    /** Log time of the newest failure on a node; 0 when there is none. */
    static long newestOn(UnitView unit, String node) {
        long newest = 0;
        for (FailureRow failure : unit.failures()) {
            if (failure.getCount() > 0 && failure.getNode().equals(node)) {
                newest = Math.max(newest, failure.getLastAt().getLogMillis());
            }
        }
        return newest;
    }

    static @Nullable FailureRow of(InstanceRow instance, String node, String member) {
        for (FailureRow failure : instance.getFailuresList()) {
            if (failure.getCount() > 0
                    && failure.getNode().equals(node)
                    && failure.getMember().equals(member)) {
                return failure;
            }
        }
        return null;
    }

    /**
     * Whether the unit failed too often on a node to be placed there. A {@code moveAfter} of 0 or less never bans. A
     * failure whose {@code onFail} says standby bans at once, and so does one of a slot that says stop or block: another
     * slot there would be the same thing again.
     */
    static boolean bans(ClusterState state, UnitView unit, String node) {
        int moveAfter = Units.moveAfter(unit.row());
        if (moveAfter > 0 && countOn(unit, node) >= moveAfter) {
            return true;
        }
        for (FailureRow failure : unit.failures()) {
            if (failure.getNode().equals(node) && bansAtOnce(unit, onFail(state, failure))) {
                return true;
            }
        }
        return false;
    }

    private static boolean bansAtOnce(UnitView unit, OnFail onFail) {
        boolean held = onFail == OnFail.ON_FAIL_STOP || onFail == OnFail.ON_FAIL_BLOCK;
        return onFail == OnFail.ON_FAIL_STANDBY || (held && unit.isSlot());
    }

    /** The first failure on any node, by node and member, whose {@code onFail} is this one; null when there is none. */
    static @Nullable FailureRow firstWith(ClusterState state, UnitView unit, OnFail onFail) {
        for (FailureRow failure : unit.instance().getFailuresList()) {
            if (onFail(state, failure) == onFail) {
                return failure;
            }
        }
        return null;
    }

    /** What the member's definition says about a failure of that operation; restart where it does not say. */
    static OnFail onFail(ClusterState state, FailureRow failure) {
        ObjectRow member = state.object(Keys.resource(failure.getMember()));
        return member == null || failure.getCount() == 0
                ? OnFail.ON_FAIL_RESTART
                : onFail(member, failure.getLast().getOperation());
    }

    private static OnFail onFail(ObjectRow member, String operation) {
        for (Operation spec : member.getResource().getOperationsList()) {
            boolean says = spec.getOnFail() != OnFail.ON_FAIL_UNSPECIFIED && spec.getOnFail() != OnFail.UNRECOGNIZED;
            if (says && spec.getName().equals(operation)) {
                return spec.getOnFail();
            }
        }
        return OnFail.ON_FAIL_RESTART;
    }

    /** Whether a failed stop of one of the unit's members must not lead to a fence: its file says block. */
    static boolean stopMayNotFence(ClusterState state, UnitView unit) {
        for (ObjectRow member : Units.members(state, unit.row())) {
            OnFail onFail = onFail(member, "stop");
            if (onFail == OnFail.ON_FAIL_BLOCK || onFail == OnFail.ON_FAIL_IGNORE) {
                return true;
            }
        }
        return false;
    }

    /** How long to wait after this many failures on a node: 0, 1, 2, 4 … seconds, up to the setting. */
    static long backoffMillis(int count, long maxMillis) {
        if (count <= 1) {
            return 0;
        }
        int doublings = Math.min(count - 2, 30);
        return Math.min(maxMillis, FIRST_BACKOFF_MILLIS << doublings);
    }
}
