package io.quorate.server.api;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.quorate.log.v1.AttemptRow;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explainer;
import io.quorate.statemachine.policy.Explanation;
import io.quorate.statemachine.policy.Explanation.OfUnit;
import io.quorate.statemachine.policy.Explanation.Survival;
import io.quorate.v1.AnyObject;
import io.quorate.v1.Clone;
import io.quorate.v1.Colocation;
import io.quorate.v1.Event;
import io.quorate.v1.FailureCount;
import io.quorate.v1.FenceAttempt;
import io.quorate.v1.FenceDevice;
import io.quorate.v1.FencePlan;
import io.quorate.v1.FenceTicket;
import io.quorate.v1.Group;
import io.quorate.v1.Instance;
import io.quorate.v1.LeaderCounters;
import io.quorate.v1.Location;
import io.quorate.v1.LongOperation;
import io.quorate.v1.Member;
import io.quorate.v1.MemberStatus;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationResult;
import io.quorate.v1.Order;
import io.quorate.v1.Owner;
import io.quorate.v1.Reason;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketConstraint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of a state as messages of the public API. The same state gives the same messages on every server. */
public final class Projection {
    private final ClusterState state;
    private final Map<String, OfUnit> explained = new HashMap<>();
    private @Nullable Explainer explainer;
    private @Nullable Explanation explanation;

    /** For one state; safe for use by several threads. What was explained once is kept. */
    public Projection(ClusterState state) {
        this.state = state;
    }

    ClusterState state() {
        return state;
    }

    /** Whether it is of this very state: two that are equal may differ in the time that they were stamped with. */
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(ClusterState other) {
        return state == other;
    }

    /** What the policy's own code says about a unit. */
    private synchronized OfUnit explained(ObjectRow unit) {
        return explained.computeIfAbsent(
                unit.getKey(), key -> explainer().unit(key).orElseGet(() -> nothing(key)));
    }

    /** Of a unit that the policy does not look at. */
    private static OfUnit nothing(String key) {
        return new OfUnit(key, "", RunState.RUN_STATE_STOPPED, false, List.of(), new Survival(false, Optional.empty()));
    }

    /** What the policy's own code says about everything. */
    synchronized Explanation explanation() {
        if (explanation == null) {
            explanation = explainer().explain();
            explained.putAll(explanation.units());
        }
        return explanation;
    }

    private synchronized Explainer explainer() {
        if (explainer == null) {
            explainer = new Explainer(state);
        }
        return explainer;
    }

    /** The object with this key, as in {@code resources/web} or {@code nodes/n1}. */
    public Optional<AnyObject> any(String key) {
        if (key.startsWith(Keys.NODES)) {
            NodeRow node = state.node(Keys.bare(key));
            return Optional.ofNullable(node)
                    .map(row -> AnyObject.newBuilder().setNode(node(row)).build());
        }
        ObjectRow row = state.object(key);
        return row == null ? Optional.empty() : Optional.of(any(row));
    }

    /** A configuration object; the facts that people wrote about a node come as a node. */
    public AnyObject any(ObjectRow row) {
        AnyObject.Builder any = AnyObject.newBuilder();
        switch (row.getSpecCase()) {
            case RESOURCE -> any.setResource(resource(row));
            case GROUP -> any.setGroup(group(row));
            case CLONE -> any.setClone(clone(row));
            case FENCE_DEVICE -> any.setFenceDevice(fenceDevice(row));
            case FENCE_PLAN -> any.setFencePlan(fencePlan(row));
            case LOCATION ->
                any.setLocation(Location.newBuilder().setMeta(row.getMeta()).setSpec(row.getLocation()));
            case COLOCATION ->
                any.setColocation(Colocation.newBuilder().setMeta(row.getMeta()).setSpec(row.getColocation()));
            case ORDER -> any.setOrder(Order.newBuilder().setMeta(row.getMeta()).setSpec(row.getOrder()));
            case TICKET_CONSTRAINT ->
                any.setTicketConstraint(
                        TicketConstraint.newBuilder().setMeta(row.getMeta()).setSpec(row.getTicketConstraint()));
            case NODE -> any.setNode(Node.newBuilder().setMeta(row.getMeta()).setSpec(row.getNode()));
            case SPEC_NOT_SET -> throw new IllegalStateException("a row without a spec: " + row.getKey());
        }
        return any.build();
    }

    public Resource resource(ObjectRow row) {
        Resource.Builder resource = Resource.newBuilder()
                .setMeta(row.getMeta())
                .setSpec(row.getResource())
                .addAllOverrides(row.getOverridesList())
                .setGroup(row.getMemberOf())
                .setClone(row.getCloneOf())
                .setDeleting(row.getDeleting());
        ObjectRow unit = unitOf(row);
        if (unit != null) {
            resource.setStatus(status(unit, row));
        }
        return resource.build();
    }

    /** What a resource or group is placed with; null while that is being changed. */
    private @Nullable ObjectRow unitOf(ObjectRow row) {
        ObjectRow group = row.getMemberOf().isEmpty() ? row : state.object(Keys.group(row.getMemberOf()));
        return group == null || group.getCloneOf().isEmpty() ? group : state.object(Keys.clone(group.getCloneOf()));
    }

    public Group group(ObjectRow row) {
        Group.Builder group = Group.newBuilder()
                .setMeta(row.getMeta())
                .setSpec(row.getGroup())
                .addAllOverrides(row.getOverridesList())
                .setClone(row.getCloneOf())
                .setDeleting(row.getDeleting());
        ObjectRow unit = unitOf(row);
        if (unit != null) {
            group.setStatus(status(unit, row));
        }
        return group.build();
    }

    public Clone clone(ObjectRow row) {
        return Clone.newBuilder()
                .setMeta(row.getMeta())
                .setSpec(row.getClone())
                .addAllOverrides(row.getOverridesList())
                .setStatus(status(row, row))
                .setDeleting(row.getDeleting())
                .build();
    }

    static FenceDevice fenceDevice(ObjectRow row) {
        return FenceDevice.newBuilder()
                .setMeta(row.getMeta())
                .setSpec(row.getFenceDevice())
                .build();
    }

    static FencePlan fencePlan(ObjectRow row) {
        return FencePlan.newBuilder()
                .setMeta(row.getMeta())
                .setSpec(row.getFencePlan())
                .build();
    }

    private ResourceStatus status(ObjectRow unit, ObjectRow shown) {
        OfUnit why = explained(unit);
        ResourceStatus.Builder status = ResourceStatus.newBuilder()
                .addAllReasons(why.reasons())
                .setSurvivesNodeLoss(why.survival().survives());
        if (unit.hasClone()) {
            for (InstanceRow row : Units.instances(state, unit)) {
                if (row.hasOwnership()) {
                    status.addInstances(slot(row, unit, shown));
                }
            }
            return status.build();
        }
        InstanceRow row = state.instance(unit.getMeta().getName());
        if (row != null) {
            InstanceRow arrival = Migrations.arrivalOf(state, row);
            status.addInstances(instance(row, unit, shown, why.state())
                    .addAllReasons(why.reasons())
                    .setMigratingTo(
                            arrival == null ? "" : arrival.getOwnership().getNode()));
        }
        return status.build();
    }

    /** An owned copy of a clone, or an owned promotion. */
    private Instance.Builder slot(InstanceRow row, ObjectRow clone, ObjectRow shown) {
        RunState runState = stateOfSlot(row);
        Instance.Builder instance = instance(row, clone, shown, runState);
        if (!RunStates.isUp(runState)) {
            return instance.setCopy(row.getOwnership().getCopy());
        }
        if (Clones.isPromotion(row)) {
            return instance.setCopy(row.getOwnership().getCopy()).setRole(Role.ROLE_PROMOTED);
        }
        InstanceRow promotion = Clones.promotionOf(state, row);
        boolean promoted = promotion != null && RunStates.isUp(stateOfSlot(promotion));
        return Clones.isPromotable(clone)
                ? instance.setRole(promoted ? Role.ROLE_PROMOTED : Role.ROLE_UNPROMOTED)
                : instance;
    }

    private RunState stateOfSlot(InstanceRow row) {
        NodeRow node = state.node(row.getOwnership().getNode());
        boolean heard = node != null
                && node.getPhase() == NodePhase.NODE_PHASE_UP
                && node.getIncarnation() == row.getOwnership().getIncarnation();
        if (!heard) {
            return RunState.RUN_STATE_UNKNOWN;
        }
        if (row.getOwnership().getStopFailed()) {
            return RunState.RUN_STATE_BLOCKED;
        }
        if (row.getOwnership().getReleasing()) {
            return RunState.RUN_STATE_STOPPING;
        }
        RunState worst = RunState.RUN_STATE_RUNNING;
        for (MemberRowStatus member : row.getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_FAILED) {
                return RunState.RUN_STATE_FAILED;
            }
            boolean worse = RunStates.isUp(worst) && member.getState() != RunState.RUN_STATE_RUNNING;
            worst = worse ? member.getState() : worst;
        }
        return worst;
    }

    private Instance.Builder instance(InstanceRow row, ObjectRow unit, ObjectRow shown, RunState whole) {
        Instance.Builder instance = Instance.newBuilder().setId(row.getId());
        boolean isWhole = shown.getKey().equals(unit.getKey());
        RunState runState = whole;
        Stamp since = row.hasOwnership() ? row.getOwnership().getGranted() : row.getFreedAt();
        for (MemberRowStatus member : row.getMembersList()) {
            boolean isShown = member.getResource().equals(shown.getMeta().getName());
            if (isShown && !isWhole && whole != RunState.RUN_STATE_UNKNOWN && row.hasOwnership()) {
                runState = member.getState();
            }
            if (isShown || isWhole) {
                instance.addMembers(member(member));
                since = newer(since, member.getSince());
            }
            if (isShown && member.hasLastFailure()) {
                instance.setLastResult(member.getLastFailure());
            }
        }
        instance.setState(runState).setRole(RunStates.isUp(runState) ? Role.ROLE_STARTED : Role.ROLE_STOPPED);
        timestamp(since).ifPresent(instance::setSince);
        if (row.hasOwnership()) {
            OwnershipRow ownership = row.getOwnership();
            instance.setNode(ownership.getNode()).setToken(ownership.getToken());
            instance.setFailuresHere(failures(row, ownership.getNode(), isWhole ? null : shown));
        }
        return instance;
    }

    private static MemberStatus member(MemberRowStatus row) {
        MemberStatus.Builder member =
                MemberStatus.newBuilder().setResource(row.getResource()).setState(row.getState());
        return (row.hasLastFailure() ? member.setLastFailure(row.getLastFailure()) : member).build();
    }

    private static int failures(InstanceRow row, String node, @Nullable ObjectRow member) {
        int count = 0;
        for (FailureRow failure : row.getFailuresList()) {
            if (failure.getNode().equals(node)
                    && (member == null
                            || failure.getMember().equals(member.getMeta().getName()))) {
                count += failure.getCount();
            }
        }
        return count;
    }

    public Node node(NodeRow row) {
        Node.Builder node = Node.newBuilder()
                .setPhase(row.getPhase())
                .setIncarnation(row.getIncarnation())
                .setVersion(row.getVersion());
        ObjectRow spec = state.object(Keys.nodeSpec(row.getName()));
        if (spec != null) {
            node.setMeta(spec.getMeta()).setSpec(spec.getNode());
        }
        node.setMeta(node.getMeta().toBuilder()
                .setName(row.getName())
                .setCreatedRevision(row.getCreatedRevision())
                .setRevision(row.getRevision()));
        if (row.hasDrain()) {
            node.setDrain(row.getDrain());
        }
        if (row.hasMaintenance()) {
            node.setMaintenance(row.getMaintenance());
        }
        timestamp(row.getPhaseSince()).ifPresent(node::setPhaseSince);
        node.addAllReasons(explanation().nodes().getOrDefault(row.getName(), List.of()));
        for (AttributeRow attribute : state.attributes()
                .tailMap(row.getName() + "/", true)
                .headMap(row.getName() + "0", false)
                .values()) {
            node.putAttributes(attribute.getName(), attribute.getValue());
        }
        for (List<String> level : FencePaths.levels(state, row.getName())) {
            node.addFencePaths(String.join("+", level));
        }
        for (InstanceRow instance : state.instances().values()) {
            if (instance.hasOwnership() && instance.getOwnership().getNode().equals(row.getName())) {
                node.addOwned(instance.getId());
            }
        }
        return node.build();
    }

    public static FenceTicket ticket(FenceTicketRow row) {
        FenceTicket.Builder ticket = FenceTicket.newBuilder()
                .setId(row.getId())
                .setNode(row.getNode())
                .setIncarnation(row.getIncarnation())
                .setState(row.getState())
                .setReason(row.getReason())
                .setRequestedBy(row.getRequestedBy())
                .setConfirmedBy(row.getConfirmedBy())
                .setAttempts(row.getAttempts());
        timestamp(row.getRequested()).ifPresent(ticket::setRequestedAt);
        timestamp(row.getClosed()).ifPresent(ticket::setClosedAt);
        for (AttemptRow attempt : row.getLastAttemptsList()) {
            FenceAttempt.Builder shown = FenceAttempt.newBuilder()
                    .setDevice(attempt.getDevice())
                    .setExecutor(attempt.getExecutor())
                    .setExitCode(attempt.getExitCode())
                    .setOffReadBack(attempt.getOffReadBack())
                    .setOutputTail(attempt.getOutputTail())
                    .setTook(Durations.fromMillis(attempt.getTookMillis()));
            timestamp(attempt.getAt()).ifPresent(shown::setAt);
            ticket.addLastAttempts(shown);
        }
        return ticket.build();
    }

    /** A ticket between sites, without what needs it. */
    static SiteTicket siteTicket(SiteTicketRow row) {
        SiteTicket.Builder ticket = SiteTicket.newBuilder()
                .setName(row.getName())
                .setGranted(row.getGranted())
                .setStandby(row.getStandby())
                .setBy(row.getBy())
                .setReason(row.getReason())
                .setRevision(row.getRevision());
        timestamp(row.getSince()).ifPresent(ticket::setSince);
        timestamp(row.getLastGranted()).ifPresent(ticket::setLastGranted);
        return ticket.build();
    }

    public LongOperation operation(OperationRow row) {
        LongOperation.Builder operation = LongOperation.newBuilder()
                .setId(row.getId())
                .setKind(row.getKind())
                .addAllObjects(row.getObjectsList())
                .setNode(row.getNode())
                .setState(row.getState())
                .setActor(row.getActor())
                .setReason(row.getReason())
                .setDetail(row.getDetail())
                .setStarted(Positions.of(state.generation(), row.getStartedRevision()));
        timestamp(row.getStarted()).ifPresent(operation::setStartedAt);
        timestamp(row.getFinished()).ifPresent(operation::setFinishedAt);
        return operation.build();
    }

    public static Event event(EventRow row) {
        Event.Builder event = Event.newBuilder()
                .setPosition(Positions.of(row.getGeneration(), row.getRevision()))
                .setKind(row.getKind())
                .setObject(row.getObject())
                .setText(row.getText())
                .setActor(row.getActor())
                .setFromNode(row.getFromNode())
                .setToNode(row.getToNode())
                .setSequence(row.getSequence());
        if (row.hasReason()) {
            event.setReason(row.getReason());
        }
        if (row.hasToken()) {
            event.setToken(row.getToken());
        }
        timestamp(row.getAt()).ifPresent(event::setAt);
        if (row.getKind().equals("RESOURCE_UP") && row.getOutageMillis() >= 0) {
            event.setOutage(Durations.fromMillis(row.getOutageMillis()))
                    .setDetect(part(row.getDetectMillis()))
                    .setFree(part(row.getFreeMillis()))
                    .setStart(part(row.getStartMillis()));
        }
        return event.build();
    }

    private static Duration part(long millis) {
        return Durations.fromMillis(Math.max(0, millis));
    }

    /** The owner of an instance; empty when it is free. */
    public static Optional<Owner> owner(InstanceRow row) {
        if (!row.hasOwnership()) {
            return Optional.empty();
        }
        OwnershipRow ownership = row.getOwnership();
        Owner.Builder owner = Owner.newBuilder()
                .setScope(Keys.instance(row.getId()))
                .setNode(ownership.getNode())
                .setToken(ownership.getToken())
                .setTakenBy(ownership.getTakenBy())
                .setReleasing(ownership.getReleasing())
                .setIncarnation(ownership.getIncarnation());
        timestamp(ownership.getGranted()).ifPresent(owner::setSince);
        return Optional.of(owner.build());
    }

    static FailureCount failure(InstanceRow instance, FailureRow row) {
        return FailureCount.newBuilder()
                .setResource(row.getMember())
                .setUnit(instance.getUnit())
                .setNode(row.getNode())
                .setCount(row.getCount())
                .setLast(row.hasLast() ? row.getLast() : OperationResult.getDefaultInstance())
                .build();
    }

    static Member.Builder member(VoterRow row) {
        return Member.newBuilder()
                .setId(row.getId())
                .setName(row.getName())
                .setApiEndpoint(row.getApiEndpoint())
                .setRaftEndpoint(row.getRaftEndpoint())
                .setNodeEndpoint(row.getNodeEndpoint())
                .setVersion(row.getVersion())
                .addAddresses(host(row.getApiEndpoint()));
    }

    private static String host(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return colon < 0 ? endpoint : endpoint.substring(0, colon);
    }

    private static Stamp newer(Stamp one, Stamp other) {
        return one.getLogMillis() >= other.getLogMillis() ? one : other;
    }

    /** Display time of a stamp; empty for one that was never set. */
    static Optional<Timestamp> timestamp(Stamp stamp) {
        return stamp.getWallMillis() == 0
                ? Optional.empty()
                : Optional.of(Timestamps.fromMillis(stamp.getWallMillis()));
    }

    /** Names of the tables whose objects ListObjects gives, with the prefix of their keys. */
    static final Map<String, String> KINDS = Map.of(
            "resources", Keys.RESOURCES,
            "groups", Keys.GROUPS,
            "clones", Keys.CLONES,
            "fenceDevices", Keys.FENCE_DEVICES,
            "fencePlans", Keys.FENCE_PLANS,
            "locations", Keys.LOCATIONS,
            "colocations", Keys.COLOCATIONS,
            "orders", Keys.ORDERS,
            "ticketConstraints", Keys.TICKET_CONSTRAINTS,
            "nodes", Keys.NODES);

    static LeaderCounters counters(io.quorate.server.leader.LeaderCounters counted) {
        return LeaderCounters.newBuilder()
                .setTerms(counted.terms())
                .setDefects(counted.defects())
                .setRenewals(counted.renewals())
                .setRevocations(counted.revocations())
                .setConfirmations(counted.confirmations())
                .setNodesDeclaredLost(counted.nodesDeclaredLost())
                .setFenceAttempts(counted.fenceAttempts())
                .setFenceFailures(counted.fenceFailures())
                .setPolicyRuns(counted.policyRuns())
                .setDecisionsProposed(counted.decisionsProposed())
                .setDecisionsAccepted(counted.decisionsAccepted())
                .setRepeatedRefusals(counted.repeatedRefusals())
                .putAllRefusals(counted.refusalsByCode())
                .build();
    }

    /** The reasons of a unit, as its status shows them. */
    List<Reason> reasonsOf(ObjectRow unit) {
        return explained(unit).reasons();
    }
}
