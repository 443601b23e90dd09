package io.quorate.server.api;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.ClearFailures;
import io.quorate.log.v1.ClearOverride;
import io.quorate.log.v1.DeleteObject;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.ProbeUnit;
import io.quorate.log.v1.RestartUnit;
import io.quorate.log.v1.SetOverride;
import io.quorate.server.api.ClusterPort.LeaderMethod;
import io.quorate.server.leader.LeaderPort;
import io.quorate.statemachine.forecast.Question;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explainer;
import io.quorate.v1.AnyObject;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.ClearFailuresRequest;
import io.quorate.v1.ClearFailuresResponse;
import io.quorate.v1.ClearOverrideRequest;
import io.quorate.v1.ClearOverrideResponse;
import io.quorate.v1.ClonePlacement;
import io.quorate.v1.CreatePlanRequest;
import io.quorate.v1.CreatePlanResponse;
import io.quorate.v1.DeleteObjectRequest;
import io.quorate.v1.DeleteObjectResponse;
import io.quorate.v1.ExplainPlacementRequest;
import io.quorate.v1.ExplainPlacementResponse;
import io.quorate.v1.FailureCount;
import io.quorate.v1.GetLogsRequest;
import io.quorate.v1.GetLogsResponse;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.GetObjectResponse;
import io.quorate.v1.ListFailuresRequest;
import io.quorate.v1.ListFailuresResponse;
import io.quorate.v1.ListObjectsRequest;
import io.quorate.v1.ListObjectsResponse;
import io.quorate.v1.Manifest;
import io.quorate.v1.MoveResourceRequest;
import io.quorate.v1.MoveResourceResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.PlanBasis;
import io.quorate.v1.ProbeResourceRequest;
import io.quorate.v1.ProbeResourceResponse;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RestartResourceRequest;
import io.quorate.v1.RestartResourceResponse;
import io.quorate.v1.SetOverrideRequest;
import io.quorate.v1.SetOverrideResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Definitions, what verbs say beside them, failures, explanations and outputs. */
final class ResourceServiceImpl extends ResourceServiceGrpc.ResourceServiceImplBase {
    static final LeaderMethod<GetLogsRequest, GetLogsResponse> GET_LOGS =
            new LeaderMethod<>("quorate.v1.ResourceService/GetLogs", GetLogsRequest.parser(), GetLogsResponse.parser());

    private final ServiceSupport support;
    private final LeaderPort leader;
    private final PlanDesk plans;

    ResourceServiceImpl(ServiceSupport support, LeaderPort leader, PlanDesk plans) {
        this.support = support;
        this.leader = leader;
        this.plans = plans;
        support.leaderCalls().register(GET_LOGS, (request, caller) -> logsHere(request));
    }

    @Override
    public void applyManifests(ApplyManifestsRequest request, StreamObserver<ApplyManifestsResponse> observer) {
        MutationOptions options = Mutations.identified(request.getOptions());
        Caller caller = Caller.current();
        support.unary().answer(observer, options.getRequestId(), () -> {
            ZoneCheck.require(request.getManifestsList());
            return requireKnownTypes(request.getManifestsList())
                    .thenCompose(known -> submit(options, caller, request))
                    .thenCompose(this::withStates)
                    .thenApply(shown -> applied(request, shown));
        });
    }

    /** With a plan, what it relied on is compared in the very commit: its read set is the command's. */
    private CompletableFuture<Mutations.Outcome> submit(
            MutationOptions options, Caller caller, ApplyManifestsRequest request) {
        if (request.hasPlan()) {
            PlanBases.require(support.cluster().applied(), request);
        }
        CompletableFuture<Mutations.Outcome> outcome = support.mutations().submit(options, caller, command -> {
            PlanBases.addReads(request.getPlan(), command);
            command.setApplyObjects(ApplyObjects.newBuilder()
                    .addAllManifests(request.getManifestsList())
                    .setPruneSet(request.getPruneSet())
                    .setAllowUnfenced(request.getAllowUnfenced()));
        });
        return request.hasPlan()
                ? outcome.exceptionallyCompose(failure -> stalePlan(request.getPlan(), failure))
                : outcome;
    }

    private CompletableFuture<Mutations.Outcome> stalePlan(PlanBasis basis, Throwable failure) {
        if (ErrorMapper.unwrap(failure) instanceof RejectedException rejected
                && PlanBases.isStale(basis, rejected.result())) {
            return Reads.bounded(support.cluster().whenApplied(rejected.result().getPosition()))
                    .thenApply(now -> {
                        throw PlanBases.stale(basis, rejected.result(), now);
                    });
        }
        return CompletableFuture.failedFuture(failure);
    }

    @Override
    public void createPlan(CreatePlanRequest request, StreamObserver<CreatePlanResponse> observer) {
        plans.create(request, observer);
    }

    /** What this replica does not know of may have been reported a moment ago: nothing is refused before that is asked. */
    private CompletableFuture<?> requireKnownTypes(List<Manifest> manifests) {
        if (TypeCheck.refusal(support.cluster().applied(), manifests).isEmpty()) {
            return CompletableFuture.completedFuture(manifests);
        }
        return Reads.bounded(support.cluster().readLinearizable()).thenApply(now -> {
            TypeCheck.refusal(now, manifests).ifPresent(refusal -> {
                throw refusal;
            });
            return now;
        });
    }

    /**
     * What an apply is told by.
     *
     * @param statesKnown whether the states of the outcome are those around the commit
     */
    private record Shown(Mutations.Outcome outcome, boolean statesKnown) {}

    /** Waits until the commit has reached this replica, and gives the states around it if they are still kept. */
    private CompletableFuture<Shown> withStates(Mutations.Outcome outcome) {
        if (!outcome.committed()) {
            return CompletableFuture.completedFuture(new Shown(outcome, true));
        }
        return Reads.bounded(support.cluster().whenApplied(outcome.result().getPosition()))
                .handle((state, failure) -> support.hub()
                        .revision(outcome.result().getPosition())
                        .map(revision -> new Shown(
                                new Mutations.Outcome(
                                        outcome.result(), outcome.header(), true, revision.before(), revision.after()),
                                true))
                        .orElseGet(() -> new Shown(outcome, false)));
    }

    private static ApplyManifestsResponse applied(ApplyManifestsRequest request, Shown shown) {
        Mutations.Outcome outcome = shown.outcome();
        return ApplyManifestsResponse.newBuilder()
                .setHeader(outcome.header())
                .addAllChanges(
                        shown.statesKnown()
                                ? Differences.between(outcome.before(), outcome.after(), request.getManifestsList())
                                : List.of())
                .setChangesUnknown(!shown.statesKnown())
                .addAllWarnings(Notices.warnings(outcome.after(), request.getManifestsList()))
                .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                .build();
    }

    @Override
    public void deleteObject(DeleteObjectRequest request, StreamObserver<DeleteObjectResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setDeleteObject(DeleteObject.newBuilder()
                        .setObject(resolve(support.cluster().applied(), request.getObject()))
                        .setAllowUnfenced(request.getAllowUnfenced())),
                outcome -> DeleteObjectResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }

    /** A bare name looks for a clone, then a group, a resource, then a fence device, a fence plan and a node. */
    static String resolve(ClusterState state, String nameOrKey) {
        if (nameOrKey.indexOf('/') >= 0) {
            return nameOrKey;
        }
        for (String key : List.of(
                Keys.clone(nameOrKey),
                Keys.group(nameOrKey),
                Keys.resource(nameOrKey),
                Keys.FENCE_DEVICES + nameOrKey,
                Keys.FENCE_PLANS + nameOrKey,
                Keys.LOCATIONS + nameOrKey,
                Keys.COLOCATIONS + nameOrKey,
                Keys.ORDERS + nameOrKey,
                Keys.TICKET_CONSTRAINTS + nameOrKey)) {
            if (state.object(key) != null) {
                return key;
            }
        }
        return state.node(nameOrKey) != null ? Keys.node(nameOrKey) : Keys.resource(nameOrKey);
    }

    @Override
    public void getObject(GetObjectRequest request, StreamObserver<GetObjectResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            String key = resolve(view.state(), request.getObject());
            Optional<AnyObject> object = support.projections().of(view.state()).any(key);
            return GetObjectResponse.newBuilder()
                    .setHeader(view.header())
                    .setObject(object.orElseThrow(() -> ApiException.notFound(key)))
                    .build();
        });
    }

    @Override
    public void listObjects(ListObjectsRequest request, StreamObserver<ListObjectsResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            ClusterState state = view.state();
            Projection projection = support.projections().of(state);
            TreeMap<String, AnyObject> objects = new TreeMap<>();
            Pages.Page<String> page = Pages.page(keys(state, request), request.getPageSize(), request.getPageToken());
            for (String key : page.rows()) {
                projection.any(key).ifPresent(object -> objects.put(key, object));
            }
            return ListObjectsResponse.newBuilder()
                    .setHeader(view.header())
                    .addAllObjects(objects.values())
                    .setNextPageToken(page.nextToken())
                    .build();
        });
    }

    private static SortedMap<String, String> keys(ClusterState state, ListObjectsRequest request) {
        String kind = request.getKind();
        if (!kind.isEmpty() && !Projection.KINDS.containsKey(kind)) {
            throw ApiException.invalid("no such kind: " + kind + "; known: "
                    + String.join(", ", new TreeMap<>(Projection.KINDS).keySet()));
        }
        LabelSelector selector = LabelSelector.parse(request.getLabelSelector());
        TreeMap<String, String> keys = new TreeMap<>();
        if (kind.equals("nodes")) {
            state.nodes().keySet().stream()
                    .map(Keys::node)
                    .filter(key -> selector.matches(Labels.of(state, key)))
                    .forEach(key -> keys.put(key, key));
            return keys;
        }
        String prefix = kind.isEmpty() ? "" : Projection.KINDS.getOrDefault(kind, "");
        for (ObjectRow row : state.objects().values()) {
            boolean inSet = request.getSet().isEmpty() || row.getMeta().getSet().equals(request.getSet());
            boolean selected = selector.matches(row.getMeta().getLabelsMap());
            if (inSet && selected && row.getKey().startsWith(prefix) && !row.hasNode()) {
                keys.put(row.getKey(), row.getKey());
            }
        }
        return keys;
    }

    @Override
    public void setOverride(SetOverrideRequest request, StreamObserver<SetOverrideResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setSetOverride(SetOverride.newBuilder()
                        .setUnit(unitKey(request.getResource()))
                        .setOverride(request.getOverride())),
                outcome -> SetOverrideResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }

    @Override
    public void clearOverride(ClearOverrideRequest request, StreamObserver<ClearOverrideResponse> observer) {
        String kind = switch (request.getKind()) {
            case KIND_DISABLED -> "disabled";
            case KIND_MAINTENANCE -> "maintenance";
            case KIND_PIN -> "pin";
            case KIND_UNSPECIFIED, UNRECOGNIZED -> "";
        };
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setClearOverride(ClearOverride.newBuilder()
                        .setUnit(unitKey(request.getResource()))
                        .setKind(kind)),
                outcome -> ClearOverrideResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }

    @Override
    public void moveResource(MoveResourceRequest request, StreamObserver<MoveResourceResponse> observer) {
        MutationOptions options = Mutations.identified(request.getOptions());
        Caller caller = Caller.current();
        String unit = unitKey(request.getResource());
        Question.Move move = new Question.Move(unit, request.getToNode(), request.getPromoted());
        support.unary()
                .answer(
                        observer,
                        options.getRequestId(),
                        () -> plans.requireLastingMove(options.getRequestId(), move)
                                .thenCompose(state -> support.mutations()
                                        .submit(
                                                options,
                                                caller,
                                                command -> command.setMoveUnit(MoveUnit.newBuilder()
                                                        .setUnit(unit)
                                                        .setToNode(request.getToNode())
                                                        .setPromoted(request.getPromoted()))))
                                .thenApply(outcome -> MoveResourceResponse.newBuilder()
                                        .setHeader(outcome.header())
                                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                                        .build()));
    }

    @Override
    public void restartResource(RestartResourceRequest request, StreamObserver<RestartResourceResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setRestartUnit(RestartUnit.newBuilder().setUnit(unitKey(request.getResource()))),
                outcome -> RestartResourceResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }

    @Override
    public void probeResource(ProbeResourceRequest request, StreamObserver<ProbeResourceResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setProbeUnit(ProbeUnit.newBuilder()
                        .setUnit(unitKey(request.getResource()))
                        .setNode(request.getNode())),
                outcome -> ProbeResourceResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }

    /** The key of the unit as this replica knows it; an unknown name goes on as it is, for the leader to refuse. */
    private String unitKey(String nameOrKey) {
        ObjectRow unit = Units.find(support.cluster().applied(), nameOrKey);
        return unit == null ? resolve(support.cluster().applied(), nameOrKey) : unit.getKey();
    }

    @Override
    public void listFailures(ListFailuresRequest request, StreamObserver<ListFailuresResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            String wanted = request.getResource().isEmpty() ? "" : Keys.bare(request.getResource());
            return ListFailuresResponse.newBuilder()
                    .setHeader(view.header())
                    .addAllFailures(failures(view.state(), wanted))
                    .build();
        });
    }

    /** @param wanted a member or an instance; empty = all */
    static List<FailureCount> failures(ClusterState state, String wanted) {
        List<FailureCount> failures = new ArrayList<>();
        for (InstanceRow instance : state.instances().values()) {
            for (FailureRow failure : instance.getFailuresList()) {
                boolean asked = wanted.isEmpty()
                        || wanted.equals(Migrations.serviceId(instance))
                        || wanted.equals(failure.getMember());
                if (asked && failure.getCount() > 0 && !isCountedByArrival(state, instance, failure)) {
                    failures.add(Projection.failure(instance, failure));
                }
            }
        }
        return failures;
    }

    /** What failed where an instance is moving to is counted there, on top of what is known of it. */
    private static boolean isCountedByArrival(ClusterState state, InstanceRow instance, FailureRow failure) {
        InstanceRow arrival = Migrations.arrivalOf(state, instance);
        return arrival != null && arrival.getOwnership().getNode().equals(failure.getNode());
    }

    @Override
    public void clearFailures(ClearFailuresRequest request, StreamObserver<ClearFailuresResponse> observer) {
        String unit =
                request.getResource().isEmpty() ? "" : resolve(support.cluster().applied(), request.getResource());
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setClearFailures(
                        ClearFailures.newBuilder().setUnit(unit).setNode(request.getNode())),
                outcome -> ClearFailuresResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setCleared(Math.toIntExact(outcome.result().getCount()))
                        .build());
    }

    @Override
    public void explainPlacement(ExplainPlacementRequest request, StreamObserver<ExplainPlacementResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            ObjectRow unit = require(view.state(), request.getResource());
            @Nullable String node = request.getNode().isEmpty() ? null : request.getNode();
            if (node != null && view.state().node(node) == null) {
                throw ApiException.notFound(Keys.node(node));
            }
            return explain(view, unit, node);
        });
    }

    private static ExplainPlacementResponse explain(Reads.View view, ObjectRow unit, @Nullable String node) {
        ExplainPlacementResponse.Builder response = ExplainPlacementResponse.newBuilder()
                .setHeader(view.header())
                .setInstance(unit.getMeta().getName());
        new Explainer(view.state()).placement(unit.getKey()).ifPresent(placement -> {
            response.setNode(placement.node()).addAllReasons(placement.reasons());
            Predicate<NodeVerdict> ofNode =
                    verdict -> node == null || verdict.getNode().equals(node);
            Predicate<Reason> forNode = remedy -> node == null || isAbout(remedy, Keys.node(node));
            placement.verdicts().stream().filter(ofNode).forEach(response::addVerdicts);
            placement.remedies().stream().filter(forNode).forEach(response::addWhatWouldChangeIt);
            placement.copies().ifPresent(clone -> {
                ClonePlacement.Builder copies = response.getCloneBuilder().addAllCopiesOn(clone.nodes());
                clone.verdicts().stream().filter(ofNode).forEach(copies::addPromotedVerdicts);
                clone.remedies().stream().filter(forNode).forEach(copies::addWhatWouldPromoteElsewhere);
            });
        });
        return response.build();
    }

    /** What is about no node in particular is about each. */
    private static boolean isAbout(Reason reason, String node) {
        return reason.getObjectsList().contains(node)
                || reason.getObjectsList().stream().noneMatch(key -> key.startsWith(Keys.NODES));
    }

    /** The unit of this name; of what is inside a group or a clone, and of an instance, that. */
    private static ObjectRow require(ClusterState state, String nameOrKey) {
        InstanceRow instance = state.instance(nameOrKey);
        ObjectRow row = state.object(instance == null ? resolve(state, nameOrKey) : instance.getUnit());
        if (row != null && !row.getMemberOf().isEmpty()) {
            row = state.object(Keys.group(row.getMemberOf()));
        }
        if (row != null && !row.getCloneOf().isEmpty()) {
            row = state.object(Keys.clone(row.getCloneOf()));
        }
        if (row == null) {
            throw ApiException.notFound(resolve(state, nameOrKey));
        }
        if (!Units.isUnit(row)) {
            throw ApiException.noService(row.getKey());
        }
        return row;
    }

    private static ApiException noOneOwner(ClusterState state, ObjectRow unit) {
        List<String> nodes = Units.instances(state, unit).stream()
                .map(ResourceServiceImpl::owner)
                .filter(owner -> !owner.isEmpty())
                .distinct()
                .sorted()
                .toList();
        String name = Keys.bare(unit.getKey());
        if (nodes.isEmpty()) {
            return ApiException.notFound("owner of " + unit.getKey() + " now; name a node");
        }
        return new ApiException(
                Status.Code.FAILED_PRECONDITION,
                "WHICH_NODE",
                name + " has copies on " + String.join(", ", nodes) + ": name a node",
                Map.of("object", unit.getKey(), "next_step", "quorate logs " + name + " --on " + nodes.get(0)));
    }

    @Override
    public void getLogs(GetLogsRequest request, StreamObserver<GetLogsResponse> observer) {
        support.onLeader(observer, GET_LOGS, request);
    }

    private CompletableFuture<GetLogsResponse> logsHere(GetLogsRequest request) {
        return support.reads().view(request.getRead()).thenCompose(view -> {
            ObjectRow unit = require(view.state(), request.getResource());
            String node = request.getNode();
            if (node.isEmpty()) {
                InstanceRow instance = view.state().instance(unit.getMeta().getName());
                node = instance == null ? "" : owner(instance);
            }
            if (node.isEmpty()) {
                throw noOneOwner(view.state(), unit);
            }
            String from = node;
            return leader.logs(from, Keys.bare(request.getResource()), request.getOperation())
                    .thenApply(results -> GetLogsResponse.newBuilder()
                            .setHeader(view.header())
                            .setNode(from)
                            .addAllResults(results)
                            .build());
        });
    }

    private static String owner(InstanceRow instance) {
        return instance.hasOwnership() ? instance.getOwnership().getNode() : instance.getLastNode();
    }
}
