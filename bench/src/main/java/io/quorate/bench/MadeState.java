package io.quorate.bench;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.Evidence;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.RunState;
import java.util.List;
import java.util.Objects;

/** A made-up cluster as a state of ours: as a leader has it whose cluster has been at rest for a while. */
final class MadeState {
    private static final int MUST = 1_000_000;

    private final MadeCluster cluster;
    private ClusterState state = ClusterState.empty();

    private MadeState(MadeCluster cluster) {
        this.cluster = cluster;
    }

    static ClusterState of(MadeCluster cluster) {
        MadeState made = new MadeState(cluster);
        made.nodes();
        cluster.units.forEach(made::unit);
        made.rules();
        return made.state;
    }

    /** The same after one resource was found dead by its monitor, or runs again. */
    static ClusterState reported(ClusterState state, String unit, RunState member) {
        InstanceRow instance = Objects.requireNonNull(state.instance(unit));
        InstanceRow.Builder row = instance.toBuilder().setRevision(state.revision() + 1);
        row.getMembersBuilder(0).setState(member);
        return with(state, Change.newBuilder().setInstance(row).build());
    }

    /** The same after a node was fenced: what it owned is free. */
    static ClusterState withoutNode(ClusterState state, int number) {
        String name = node(number);
        NodeRow row = Objects.requireNonNull(state.node(name));
        ClusterState after = with(
                state,
                Change.newBuilder()
                        .setNode(row.toBuilder()
                                .setRevision(state.revision() + 1)
                                .setPhase(NodePhase.NODE_PHASE_OFF))
                        .build());
        for (InstanceRow instance : state.instances().values()) {
            if (instance.getOwnership().getNode().equals(name)) {
                InstanceRow.Builder free = instance.toBuilder()
                        .setRevision(after.revision() + 1)
                        .clearOwnership()
                        .clearMembers()
                        .setFreedBy(Evidence.EVIDENCE_FENCED);
                after = with(after, Change.newBuilder().setInstance(free).build());
            }
        }
        return after;
    }

    private static ClusterState with(ClusterState state, Change change) {
        return Reducer.reduce(state, change).advanced(state.revision() + 1, state.stamp());
    }

    private void put(Change.Builder change) {
        state = with(state, change.build());
    }

    private static String node(int number) {
        return MadeCluster.name("node", number + 1);
    }

    private void nodes() {
        FenceDeviceSpec.Builder power = FenceDeviceSpec.newBuilder().setType("fence_ipmilan");
        for (int number = 0; number < cluster.nodes; number++) {
            power.putPerNode(node(number), FenceTarget.getDefaultInstance());
            put(Change.newBuilder()
                    .setNode(NodeRow.newBuilder()
                            .setName(node(number))
                            .setRevision(state.revision() + 1)
                            .setIncarnation(1)
                            .setPhase(NodePhase.NODE_PHASE_UP)));
        }
        object(Keys.FENCE_DEVICES + "power", ObjectRow.newBuilder().setFenceDevice(power));
    }

    private void object(String key, ObjectRow.Builder row) {
        put(Change.newBuilder()
                .setObject(row.setKey(key)
                        .setMeta(ObjectMeta.newBuilder().setName(Keys.bare(key)).setRevision(state.revision() + 1))));
    }

    private void unit(MadeCluster.Unit unit) {
        Placement placement =
                Placement.newBuilder().setStickiness(MadeCluster.STICKINESS).build();
        InstanceRow.Builder instance = InstanceRow.newBuilder()
                .setId(unit.id)
                .setUnit(unit.isGroup() ? Keys.group(unit.id) : Keys.resource(unit.id))
                .setRevision(state.revision() + 1);
        for (String primitive : unit.primitives) {
            ResourceSpec.Builder spec = ResourceSpec.newBuilder()
                    .setOcf(OcfKind.newBuilder().setProvider("pacemaker").setType("Dummy"));
            ObjectRow.Builder row = ObjectRow.newBuilder();
            if (unit.isGroup()) {
                row.setMemberOf(unit.id);
            } else {
                spec.setPlacement(placement);
            }
            object(Keys.resource(primitive), row.setResource(spec));
            instance.addMembers(
                    MemberRowStatus.newBuilder().setResource(primitive).setState(RunState.RUN_STATE_RUNNING));
        }
        if (unit.isGroup()) {
            object(
                    Keys.group(unit.id),
                    ObjectRow.newBuilder()
                            .setGroup(GroupSpec.newBuilder()
                                    .addAllMembers(unit.primitives)
                                    .setPlacement(placement)));
        }
        instance.setOwnership(OwnershipRow.newBuilder()
                .setNode(node(unit.node))
                .setIncarnation(1)
                .setToken(Tokens.of(1, state.revision() + 1)));
        put(Change.newBuilder().setInstance(instance));
    }

    private static int score(MadeCluster.Binding binding, int should) {
        return switch (binding) {
            case MUST -> MUST;
            case SHOULD -> should;
            case MUST_NOT -> -MUST;
        };
    }

    private void rules() {
        int number = 0;
        for (MadeCluster.Location rule : cluster.locations) {
            object(
                    Keys.LOCATIONS + MadeCluster.name("l", ++number),
                    ObjectRow.newBuilder()
                            .setLocation(LocationSpec.newBuilder()
                                    .setResource(rule.unit().id)
                                    .putNodes(node(rule.node()), score(rule.binding(), MadeCluster.PREFERENCE))));
        }
        for (MadeCluster.Colocation rule : cluster.colocations) {
            object(
                    Keys.COLOCATIONS + MadeCluster.name("c", ++number),
                    ObjectRow.newBuilder()
                            .setColocation(ColocationSpec.newBuilder()
                                    .setResource(rule.dependent().id)
                                    .setWithResource(rule.primary().id)
                                    .setScore(score(rule.binding(), MadeCluster.STICKINESS))));
        }
        for (MadeCluster.Order rule : cluster.orders) {
            boolean must = rule.binding() == MadeCluster.Binding.MUST;
            object(
                    Keys.ORDERS + MadeCluster.name("o", ++number),
                    ObjectRow.newBuilder()
                            .setOrder(OrderSpec.newBuilder()
                                    .setFirst(rule.first().id)
                                    .setThen(rule.then().id)
                                    .setKind(must ? OrderKind.ORDER_KIND_MANDATORY : OrderKind.ORDER_KIND_OPTIONAL)));
        }
    }

    /** Single resources, in no particular order: what may fail. */
    static List<String> singles(MadeCluster cluster) {
        return cluster.units.stream()
                .filter(unit -> !unit.isGroup())
                .map(unit -> unit.id)
                .toList();
    }
}
