package io.quorate.statemachine.model;

import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.HeldDefinition;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.ProbeRow;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.Follow;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OnLostContact;
import io.quorate.v1.Override;
import io.quorate.v1.Placement;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups on units. A unit is what is placed: a clone, or a group or resource that is in no other unit. The instance of a
 * group or resource has its bare name as id; a clone has several, see {@link Clones}.
 */
public final class Units {
    /** Failures on one node before a unit moves, where its failure policy does not say. */
    public static final int DEFAULT_MOVE_AFTER = 3;

    /** After this time without another failure a node's failures are forgotten, where the policy does not say. */
    public static final long DEFAULT_FORGET_AFTER_MILLIS = 600_000;

    /** Score of staying where it is, where the placement does not say. */
    public static final int DEFAULT_STICKINESS = 100;

    private Units() {}

    /** Keys of all units, in order of key. */
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
        boolean alone = row.getMemberOf().isEmpty() && row.getCloneOf().isEmpty();
        return row.hasClone() || ((row.hasGroup() || row.hasResource()) && alone);
    }

    /** The unit with this bare name or key; null when there is none, or when it names what is inside another unit. */
    public static @Nullable ObjectRow find(ClusterState state, String nameOrKey) {
        if (nameOrKey.indexOf('/') >= 0) {
            ObjectRow row = state.object(nameOrKey);
            return row != null && isUnit(row) ? row : null;
        }
        for (String key : List.of(Keys.clone(nameOrKey), Keys.group(nameOrKey), Keys.resource(nameOrKey))) {
            ObjectRow row = state.object(key);
            if (row != null && isUnit(row)) {
                return row;
            }
        }
        return null;
    }

    /**
     * What has been made of a unit so far: one instance and, while it moves without being stopped, its arrival; or the copies
     * of a clone by number and then its promotions.
     */
    public static List<InstanceRow> instances(ClusterState state, ObjectRow unit) {
        if (unit.hasClone()) {
            return Clones.instances(state, unit);
        }
        InstanceRow instance = state.instance(unit.getMeta().getName());
        if (instance == null) {
            return List.of();
        }
        InstanceRow arrival = Migrations.arrivalOf(state, instance);
        return arrival == null ? List.of(instance) : List.of(instance, arrival);
    }

    /** The key of the unit that an object is, or is inside of. */
    public static String unitKey(ClusterState state, ObjectRow row) {
        ObjectRow group = row.getMemberOf().isEmpty() ? null : state.object(Keys.group(row.getMemberOf()));
        ObjectRow outer = group == null ? row : group;
        return outer.getCloneOf().isEmpty() ? outer.getKey() : Keys.clone(outer.getCloneOf());
    }

    /** The units that an operation is about, each once: a file may name a clone and what it is made of. */
    public static List<ObjectRow> of(ClusterState state, OperationRow operation) {
        return operation.getObjectsList().stream()
                .map(state::object)
                .filter(Objects::nonNull)
                .map(row -> unitKey(state, row))
                .distinct()
                .map(state::object)
                .filter(unit -> unit != null && isUnit(unit))
                .toList();
    }

    /** The unit of an instance; null when its object is gone. */
    public static @Nullable ObjectRow of(ClusterState state, InstanceRow instance) {
        return state.object(instance.getUnit());
    }

    /** The resources of a unit in start order: itself, the members of the group, or those of what a clone copies. */
    public static List<ObjectRow> members(ClusterState state, ObjectRow unit) {
        if (unit.hasClone()) {
            ObjectRow copied = Clones.copied(state, unit);
            return copied == null ? List.of() : members(state, copied);
        }
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
        Safety safety = switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getSafety();
            case GROUP -> unit.getGroup().getSafety();
            default -> unit.getResource().getSafety();
        };
        return safety != Safety.SAFETY_BEST_EFFORT;
    }

    /** Whether a node goes on with it once its lease is over: never where time alone may give it away. */
    public static boolean keepsWithoutContact(ObjectRow unit) {
        OnLostContact said = switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getOnLostContact();
            case GROUP -> unit.getGroup().getOnLostContact();
            default -> unit.getResource().getOnLostContact();
        };
        return isExclusive(unit) && said != OnLostContact.ON_LOST_CONTACT_STOP;
    }

    /** What becomes of it on a node that runs it without owning it. */
    public static MultipleActive multipleActive(ObjectRow unit) {
        MultipleActive said = switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getMultipleActive();
            case GROUP -> unit.getGroup().getMultipleActive();
            default -> unit.getResource().getMultipleActive();
        };
        return said == MultipleActive.MULTIPLE_ACTIVE_UNSPECIFIED ? MultipleActive.MULTIPLE_ACTIVE_BLOCK : said;
    }

    /** Whether the cluster itself stops it where it runs without being owned. */
    public static boolean isStoppedWhereFound(ObjectRow unit) {
        return switch (multipleActive(unit)) {
            case MULTIPLE_ACTIVE_STOP_UNEXPECTED, MULTIPLE_ACTIVE_STOP_AND_START -> true;
            case MULTIPLE_ACTIVE_UNSPECIFIED, MULTIPLE_ACTIVE_BLOCK, UNRECOGNIZED -> false;
        };
    }

    /**
     * Whether a node is to stop what it runs without owning it. Never what any life of the node owns, nor what may be on its way between two
     * nodes: that has rules of its own.
     */
    public static boolean isToStopOn(ClusterState state, InstanceRow instance, NodeRow node) {
        ObjectRow unit = of(state, instance);
        return unit != null
                && isStoppedWhereFound(unit)
                && node.getFoundList().stream()
                        .anyMatch(found -> found.getInstance().equals(instance.getId())
                                && whatKeepsAStop(state, unit, node, found) == null)
                && !instance.getOwnership().getNode().equals(node.getName())
                && Migrations.arrivalOf(state, instance) == null;
    }

    /** What keeps a node from being told to stop what it runs without owning it. */
    public enum StopHeld {
        CLUSTER_PAUSED,
        UNIT_IN_MAINTENANCE,
        NODE_NOT_UP,
        NODE_IN_MAINTENANCE,
        /** A look failed, which does not say that it runs. */
        NOT_SURE
    }

    /** What keeps it from being stopped where it was found; null when nothing does, and its file says that it is to be stopped. */
    public static @Nullable StopHeld whatKeepsAStop(ClusterState state, ObjectRow unit, NodeRow node, FoundRow found) {
        if (state.isPaused()) {
            return StopHeld.CLUSTER_PAUSED;
        }
        if (isInMaintenance(unit)) {
            return StopHeld.UNIT_IN_MAINTENANCE;
        }
        if (node.getPhase() != NodePhase.NODE_PHASE_UP) {
            return StopHeld.NODE_NOT_UP;
        }
        if (node.hasMaintenance()) {
            return StopHeld.NODE_IN_MAINTENANCE;
        }
        return found.getRunning() ? null : StopHeld.NOT_SURE;
    }

    /** Whether it should run: neither stopped by its file, nor disabled by a verb, nor being deleted. */
    public static boolean isWanted(ObjectRow unit) {
        boolean stopped = switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getStopped();
            case GROUP -> unit.getGroup().getStopped();
            default -> unit.getResource().getStopped();
        };
        return !stopped && !unit.getDeleting() && override(unit, Override.KindCase.DISABLED) == null;
    }

    public static boolean isInMaintenance(ObjectRow unit) {
        return override(unit, Override.KindCase.MAINTENANCE) != null;
    }

    /**
     * ProbeFirst: hands were off it, it may have been started elsewhere, or promoted, and not every node has said that it was
     * not. Its owner starts it anew, or promotes it, only then. Copies that cannot be told apart are a thing of their node.
     */
    public static boolean isHeldForProbes(ClusterState state, InstanceRow instance) {
        return instance.hasOwnership() && instance.getProbeSince() > 0 && !Clones.isAnonymousCopy(state, instance);
    }

    /** As what a copy runs one of its members: as long as it waits to be restarted, as that was defined before. */
    public static ResourceSpec specOf(InstanceRow copy, ObjectRow member) {
        return copy.getRestart().getHeldList().stream()
                .filter(held -> held.getResource().equals(member.getMeta().getName()))
                .findFirst()
                .map(HeldDefinition::getSpec)
                .orElse(member.getResource());
    }

    /** Whether the node, in its present life, has answered what the instance's next grant asks: it does not run here. */
    public static boolean saidNotRunning(InstanceRow instance, NodeRow node) {
        for (ProbeRow probe : instance.getProbesList()) {
            if (probe.getNode().equals(node.getName())) {
                return probe.getIncarnation() == node.getIncarnation()
                        && probe.getSince() >= instance.getProbeSince()
                        && !probe.getRunning();
            }
        }
        return false;
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
        return switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getPriority();
            case GROUP -> unit.getGroup().getPriority();
            default -> unit.getResource().getPriority();
        };
    }

    public static Placement placement(ObjectRow unit) {
        return switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getPlacement();
            case GROUP -> unit.getGroup().getPlacement();
            default -> unit.getResource().getPlacement();
        };
    }

    /** Whether health of nodes does not matter to it. */
    public static boolean allowsUnhealthyNodes(ObjectRow unit) {
        return switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getAllowUnhealthyNodes();
            case GROUP -> unit.getGroup().getAllowUnhealthyNodes();
            default -> unit.getResource().getAllowUnhealthyNodes();
        };
    }

    /** Whether, where nothing else is said, what is good for it counts when what it depends on is placed. */
    public static boolean isCritical(ObjectRow unit) {
        return !switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getNotCritical();
            case GROUP -> unit.getGroup().getNotCritical();
            default -> unit.getResource().getNotCritical();
        };
    }

    /** What it follows; the default instance when it follows nothing. */
    public static Follow follow(ObjectRow unit) {
        return switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getFollow();
            case GROUP -> unit.getGroup().getFollow();
            default -> unit.getResource().getFollow();
        };
    }

    public static int stickiness(ObjectRow unit) {
        Placement placement = placement(unit);
        return placement.hasStickiness() ? placement.getStickiness() : DEFAULT_STICKINESS;
    }

    public static FailurePolicy failurePolicy(ObjectRow unit) {
        return switch (unit.getSpecCase()) {
            case CLONE -> unit.getClone().getFailure();
            case GROUP -> unit.getGroup().getFailure();
            default -> unit.getResource().getFailure();
        };
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
     * only the cluster reads (placement, follow, priority, failure policy, safety, stopped, utilization, health, what is done
     * without contact and where it is found, critical, live migration) is left out, and so are operations: new intervals and timeouts do not restart
     * anything.
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
                .clearAllowUnhealthyNodes()
                .clearOnLostContact()
                .clearMultipleActive()
                .clearNotCritical()
                .clearOperations()
                .clearLiveMigration()
                .build();
        return DigestSum.sha256(Wire.bytes(essential));
    }
}
