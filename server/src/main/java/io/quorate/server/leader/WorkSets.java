package io.quorate.server.leader;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.FenceDeviceCall;
import io.quorate.agent.v1.FormerMember;
import io.quorate.agent.v1.MigrationOrder;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.log.v1.Departure;
import io.quorate.log.v1.FormerLife;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.LookRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.RecoverRow;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ResourceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a state wants a node to do: pure functions from the state. */
final class WorkSets {
    private WorkSets() {}

    /** The part of a node's work that the state decides: what it owns and what it shall look at. */
    static StreamWorkResponse.Builder of(ClusterState state, NodeRow node) {
        StreamWorkResponse.Builder work = StreamWorkResponse.newBuilder()
                .setPosition(state.position())
                .setPhase(node.getPhase())
                .setPaused(state.isPaused())
                .setMaxStarts(state.settings().maxStartsPerNode());
        for (VoterRow voter : state.voters().values()) {
            if (!voter.getRemoved() && !voter.getNodeEndpoint().isEmpty()) {
                work.addServers(voter.getNodeEndpoint());
            }
        }
        for (InstanceRow instance : state.instances().values()) {
            ObjectRow unit = Units.of(state, instance);
            if (unit != null && !Migrations.isArrival(instance)) {
                add(state, node, unit, instance, work);
            }
        }
        return work;
    }

    /** What a node holds of an instance, and whether it is to look at it. To the node an arrival is the instance itself. */
    private static void add(
            ClusterState state, NodeRow node, ObjectRow unit, InstanceRow instance, StreamWorkResponse.Builder work) {
        InstanceRow arrival = Migrations.arrivalOf(state, instance);
        boolean owned = ownedByThisLife(instance, node);
        boolean arrives = arrival != null && ownedByThisLife(arrival, node);
        boolean handsOff = Units.isInMaintenance(unit) || node.hasMaintenance();
        boolean held = Units.isHeldForProbes(state, instance);
        if (owned) {
            DesiredInstance.Builder desired = desired(state, unit, instance, instance.getOwnership());
            departure(state, instance, arrival).ifPresent(desired::setMigrate);
            work.addDesired(desired.setMaintenance(handsOff || (held && !desired.getRelease())));
        } else if (arrival != null && arrives && isTold(instance, arrival)) {
            DesiredInstance.Builder desired =
                    desired(state, unit, instance, arrival.getOwnership()).setArrivesFrom(source(instance));
            work.addDesired(desired.setMaintenance(handsOff || (held && !desired.getRelease())));
        }
        long asked = asked(instance, node);
        if (asked > 0 || (!owned && !arrives && mustLook(instance, arrival, node))) {
            work.addProbes(probe(state, unit, instance, Math.max(asked, instance.getProbeSince()))
                    .setStopFound(Units.isToStopOn(state, instance, node)));
        }
    }

    /** Where an instance is to go: not any more once that was given up, nor while its target is not there to receive it. */
    private static Optional<MigrationOrder> departure(
            ClusterState state, InstanceRow instance, @Nullable InstanceRow arrival) {
        if (arrival == null
                || !Migrations.isBound(instance, arrival)
                || arrival.getOwnership().getReleasing()) {
            return Optional.empty();
        }
        NodeRow target = state.node(arrival.getOwnership().getNode());
        if (target == null || target.getPhase() != NodePhase.NODE_PHASE_UP || !ownedByThisLife(arrival, target)) {
            return Optional.empty();
        }
        Departure departure = instance.getOwnership().getDeparture();
        return Optional.of(MigrationOrder.newBuilder()
                .setToNode(departure.getNode())
                .setTokenNumber(departure.getToken().getNumber())
                .build());
    }

    /**
     * TwoHolders: while migrate_to may be under way, nothing that the target finds out is evidence, be it that there is nothing
     * to release. It is told when that is over: with success, or with the source's ownership.
     */
    private static boolean isTold(InstanceRow instance, InstanceRow arrival) {
        return Migrations.isBound(instance, arrival)
                ? instance.getOwnership().getDeparture().getSent()
                : arrival.getOwnership().getReleasing();
    }

    /** The node that an arrival comes from, or came from when that has ended its part. */
    private static String source(InstanceRow instance) {
        return instance.hasOwnership() ? instance.getOwnership().getNode() : instance.getLastNode();
    }

    private static ProbeOrder.Builder probe(ClusterState state, ObjectRow unit, InstanceRow instance, long since) {
        ProbeOrder.Builder order = ProbeOrder.newBuilder()
                .setInstance(instance.getId())
                .setSince(since)
                .addAllMembers(members(state, unit, instance))
                .setPromotion(Clones.isPromotion(instance));
        if (instance.hasSlot()) {
            order.setClone(CloneContexts.of(state, unit, instance));
        }
        return order;
    }

    /** @param ownership that of the instance, or of its arrival */
    private static DesiredInstance.Builder desired(
            ClusterState state, ObjectRow unit, InstanceRow instance, OwnershipRow ownership) {
        boolean exclusive = Units.isExclusive(unit);
        DesiredInstance.Builder desired = DesiredInstance.newBuilder()
                .setInstance(instance.getId())
                .setToken(ownership.getToken())
                .setRelease(ownership.getReleasing())
                .setAdopt(ownership.getAdopt())
                .setExclusive(exclusive)
                // No watchdogs here: an exclusive instance is lost by a confirmed fence, or by nothing but a person.
                .setKeepWithoutContact(Units.keepsWithoutContact(unit))
                .addAllMembers(members(state, unit, instance))
                .addAllFormerMembers(formerMembers(instance))
                .setCopy(ownership.getCopy());
        if (instance.hasSlot()) {
            desired.setClone(CloneContexts.withPeers(state, unit, instance));
        }
        return desired;
    }

    private static List<FormerMember> formerMembers(InstanceRow instance) {
        return instance.getMembersList().stream()
                .filter(member -> member.getLeftSince() > 0)
                .map(member -> FormerMember.newBuilder()
                        .setResource(member.getResource())
                        .setSince(member.getLeftSince())
                        .build())
                .toList();
    }

    private static List<DesiredMember> members(ClusterState state, ObjectRow unit, InstanceRow instance) {
        RecoverRow recover = instance.getRecover();
        boolean recovering = instance.hasRecover() && recover.getFromMember().isEmpty();
        InstanceRow copy = state.instance(instance.getOwnership().getCopy());
        List<DesiredMember> members = new ArrayList<>();
        for (ObjectRow member : Units.members(state, unit)) {
            String name = member.getMeta().getName();
            recovering |= instance.hasRecover() && name.equals(recover.getFromMember());
            ResourceSpec spec = Units.specOf(copy == null ? instance : copy, member);
            members.add(DesiredMember.newBuilder()
                    .setResource(name)
                    .setSpec(spec)
                    .setDefinitionDigest(ByteString.copyFrom(Units.definitionDigest(spec)))
                    .setRecoverRevision(recovering ? recover.getRevision() : 0)
                    .build());
        }
        return members;
    }

    private static boolean ownedByThisLife(InstanceRow instance, NodeRow node) {
        return instance.hasOwnership()
                && instance.getOwnership().getNode().equals(node.getName())
                && instance.getOwnership().getIncarnation() == node.getIncarnation();
    }

    /** Since when somebody wants this node to look; 0 = nobody does. */
    private static long asked(InstanceRow instance, NodeRow node) {
        return node.getLooksList().stream()
                .filter(look -> look.getInstance().equals(instance.getId()))
                .mapToLong(LookRow::getSince)
                .findFirst()
                .orElse(0);
    }

    /** While joining everything; later what a first grant or the end of a former life waits for. */
    private static boolean mustLook(InstanceRow instance, @Nullable InstanceRow arrival, NodeRow node) {
        if (node.getPhase() == NodePhase.NODE_PHASE_JOINING) {
            return true;
        }
        if (node.getPhase() != NodePhase.NODE_PHASE_UP) {
            return false;
        }
        for (FoundRow found : node.getFoundList()) {
            if (found.getInstance().equals(instance.getId())) {
                return true;
            }
        }
        return !Units.saidNotRunning(instance, node)
                && (instance.getProbeSince() > 0
                        || ownedByFormerLife(instance, node)
                        || (arrival != null && ownedByFormerLife(arrival, node)));
    }

    private static boolean ownedByFormerLife(InstanceRow instance, NodeRow node) {
        if (!instance.hasOwnership() || !instance.getOwnership().getNode().equals(node.getName())) {
            return false;
        }
        for (FormerLife life : node.getFormerLivesList()) {
            if (life.getIncarnation() == instance.getOwnership().getIncarnation()) {
                return true;
            }
        }
        return false;
    }

    /** How a device is called for one target: its own parameters and those of the target's row. */
    static FenceDeviceCall deviceCall(ClusterState state, String device, String target) {
        ObjectRow row = state.object(Keys.FENCE_DEVICES + device);
        FenceDeviceSpec spec = row == null ? FenceDeviceSpec.getDefaultInstance() : row.getFenceDevice();
        FenceTarget own = spec.getPerNodeOrDefault(target, FenceTarget.getDefaultInstance());
        return FenceDeviceCall.newBuilder()
                .setDevice(device)
                .setType(spec.getType())
                .putAllParams(spec.getParamsMap())
                .putAllParams(own.getParamsMap())
                .putAllSecretParams(spec.getSecretParamsMap())
                .build();
    }
}
