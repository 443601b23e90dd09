package io.quorate.statemachine.model;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.Follow;
import io.quorate.v1.Override;
import io.quorate.v1.Placement;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups on units. A unit is what is placed: a group, or a resource outside groups. Its instance has the unit's bare
 * name as id.
 */
public final class Units {
    /** Failures on one node before a unit moves, where its failure policy does not say. */
    public static final int DEFAULT_MOVE_AFTER = 3;

    /** After this time without another failure a node's failures are forgotten, where the policy does not say. */
    public static final long DEFAULT_FORGET_AFTER_MILLIS = 600_000;

    /** Score of staying where it is, where the placement does not say. */
    public static final int DEFAULT_STICKINESS = 100;

    private Units() {}

    /** Keys of all units, groups first, each in order of name. */
    public static List<String> all(ClusterState state) {
        List<String> units = new ArrayList<>();
        for (ObjectRow row : state.objects().values()) {
            if (isUnit(row)) {
                units.add(row.getKey());
            }
        }
        return units;
    }

    public static boolean isUnit(ObjectRow row) {
        return row.hasGroup() || (row.hasResource() && row.getMemberOf().isEmpty());
    }

    /** The unit with this bare name or key; null when there is none, or when it names a member of a group. */
    public static @Nullable ObjectRow find(ClusterState state, String nameOrKey) {
        ObjectRow row = nameOrKey.indexOf('/') >= 0
                ? state.object(nameOrKey)
                : Optional.ofNullable(state.object(Keys.group(nameOrKey)))
                        .orElse(state.object(Keys.resource(nameOrKey)));
        return row != null && isUnit(row) ? row : null;
    }

    /** The unit of an instance; null when its object is gone. */
    public static @Nullable ObjectRow of(ClusterState state, InstanceRow instance) {
        return state.object(instance.getUnit());
    }

    /** The resources of a unit in start order: itself, or the members of the group. */
    public static List<ObjectRow> members(ClusterState state, ObjectRow unit) {
        if (!unit.hasGroup()) {
            return List.of(unit);
        }
        List<ObjectRow> members = new ArrayList<>();
        for (String name : unit.getGroup().getMembersList()) {
            ObjectRow member = state.object(Keys.resource(name));
            if (member != null) {
                members.add(member);
            }
        }
        return members;
    }

    /** Whether it may only move on evidence. */
    public static boolean isExclusive(ObjectRow unit) {
        Safety safety = unit.hasGroup()
                ? unit.getGroup().getSafety()
                : unit.getResource().getSafety();
        return safety != Safety.SAFETY_BEST_EFFORT;
    }

    /** Whether it should run: neither stopped by its file, nor disabled by a verb, nor being deleted. */
    public static boolean isWanted(ObjectRow unit) {
        boolean stopped = unit.hasGroup()
                ? unit.getGroup().getStopped()
                : unit.getResource().getStopped();
        return !stopped && !unit.getDeleting() && override(unit, Override.KindCase.DISABLED) == null;
    }

    public static boolean isInMaintenance(ObjectRow unit) {
        return override(unit, Override.KindCase.MAINTENANCE) != null;
    }

    /** The node that a verb pinned it to; null when it is not pinned. */
    public static @Nullable String pinnedTo(ObjectRow unit) {
        Override pin = override(unit, Override.KindCase.PIN);
        return pin == null ? null : pin.getPin().getNode();
    }

    public static @Nullable Override override(ObjectRow unit, Override.KindCase kind) {
        for (Override override : unit.getOverridesList()) {
            if (override.getKindCase() == kind) {
                return override;
            }
        }
        return null;
    }

    public static int priority(ObjectRow unit) {
        return unit.hasGroup()
                ? unit.getGroup().getPriority()
                : unit.getResource().getPriority();
    }

    public static Placement placement(ObjectRow unit) {
        return unit.hasGroup()
                ? unit.getGroup().getPlacement()
                : unit.getResource().getPlacement();
    }

    /** What it follows; the default instance when it follows nothing. */
    public static Follow follow(ObjectRow unit) {
        return unit.hasGroup()
                ? unit.getGroup().getFollow()
                : unit.getResource().getFollow();
    }

    public static int stickiness(ObjectRow unit) {
        Placement placement = placement(unit);
        return placement.hasStickiness() ? placement.getStickiness() : DEFAULT_STICKINESS;
    }

    public static FailurePolicy failurePolicy(ObjectRow unit) {
        return unit.hasGroup()
                ? unit.getGroup().getFailure()
                : unit.getResource().getFailure();
    }

    public static int moveAfter(ObjectRow unit) {
        FailurePolicy policy = failurePolicy(unit);
        return policy.hasMoveAfter() ? policy.getMoveAfter() : DEFAULT_MOVE_AFTER;
    }

    public static long forgetAfterMillis(ObjectRow unit) {
        FailurePolicy policy = failurePolicy(unit);
        return policy.hasForgetAfter() ? Settings.millis(policy.getForgetAfter()) : DEFAULT_FORGET_AFTER_MILLIS;
    }

    /**
     * Digest of what an agent runs for a resource: another digest means stop the old one and start the new one. What
     * only the policy reads (placement, follow, priority, failure policy, safety, stopped, utilization) is left out, and so
     * are operations: new intervals and timeouts do not restart anything.
     */
    public static byte[] definitionDigest(ResourceSpec spec) {
        ResourceSpec essential = spec.toBuilder()
                .clearPlacement()
                .clearFollow()
                .clearPriority()
                .clearFailure()
                .clearSafety()
                .clearStopped()
                .clearUtilization()
                .clearOperations()
                .build();
        return DigestSum.sha256().digest(Wire.bytes(essential));
    }
}
