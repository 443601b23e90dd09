package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.ConfirmFence;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.EndNodeMaintenance;
import io.quorate.log.v1.ForgetNode;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.RequestFence;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetNodeAttribute;
import io.quorate.server.api.ClusterPort.LeaderMethod;
import io.quorate.server.leader.LeaderPort;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.CheckFencingRequest;
import io.quorate.v1.CheckFencingResponse;
import io.quorate.v1.ConfirmFenceRequest;
import io.quorate.v1.ConfirmFenceResponse;
import io.quorate.v1.DrainNodeRequest;
import io.quorate.v1.DrainNodeResponse;
import io.quorate.v1.EndNodeMaintenanceRequest;
import io.quorate.v1.EndNodeMaintenanceResponse;
import io.quorate.v1.FenceNodeRequest;
import io.quorate.v1.FenceNodeResponse;
import io.quorate.v1.ForgetNodeRequest;
import io.quorate.v1.ForgetNodeResponse;
import io.quorate.v1.GetNodeAttributeRequest;
import io.quorate.v1.GetNodeAttributeResponse;
import io.quorate.v1.GetNodeRequest;
import io.quorate.v1.GetNodeResponse;
import io.quorate.v1.ListFenceTicketsRequest;
import io.quorate.v1.ListFenceTicketsResponse;
import io.quorate.v1.ListNodesRequest;
import io.quorate.v1.ListNodesResponse;
import io.quorate.v1.MaintainNodeRequest;
import io.quorate.v1.MaintainNodeResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.ProbeNodeRequest;
import io.quorate.v1.ProbeNodeResponse;
import io.quorate.v1.Reason;
import io.quorate.v1.ResumeNodeRequest;
import io.quorate.v1.ResumeNodeResponse;
import io.quorate.v1.SetNodeAttributeRequest;
import io.quorate.v1.SetNodeAttributeResponse;
import io.quorate.v1.SignOfLife;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Nodes, their attributes and their fencing. */
final class NodeServiceImpl extends NodeServiceGrpc.NodeServiceImplBase {
    static final LeaderMethod<CheckFencingRequest, CheckFencingResponse> CHECK_FENCING = new LeaderMethod<>(
            "quorate.v1.NodeService/CheckFencing", CheckFencingRequest.parser(), CheckFencingResponse.parser());
    static final LeaderMethod<ProbeNodeRequest, ProbeNodeResponse> PROBE_NODE = new LeaderMethod<>(
            "quorate.v1.NodeService/ProbeNode", ProbeNodeRequest.parser(), ProbeNodeResponse.parser());

    private final ServiceSupport support;
    private final LeaderPort leader;

    NodeServiceImpl(ServiceSupport support, LeaderPort leader) {
        this.support = support;
        this.leader = leader;
        support.leaderCalls().register(CHECK_FENCING, (request, caller) -> checkHere(request));
        support.leaderCalls().register(PROBE_NODE, (request, caller) -> probeHere(request));
    }

    @Override
    public void getNode(GetNodeRequest request, StreamObserver<GetNodeResponse> observer) {
        support.read(
                observer,
                request.getRead(),
                view -> GetNodeResponse.newBuilder()
                        .setHeader(view.header())
                        .setNode(support.projections().of(view.state()).node(require(view, request.getName())))
                        .build());
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            LabelSelector selector = LabelSelector.parse(request.getLabelSelector());
            TreeMap<String, NodeRow> nodes = new TreeMap<>();
            view.state().nodes().forEach((name, row) -> {
                if (selector.matches(Labels.of(view.state(), Keys.node(name)))) {
                    nodes.put(name, row);
                }
            });
            Pages.Page<NodeRow> page = Pages.page(nodes, request.getPageSize(), request.getPageToken());
            ListNodesResponse.Builder response =
                    ListNodesResponse.newBuilder().setHeader(view.header()).setNextPageToken(page.nextToken());
            Projection projection = support.projections().of(view.state());
            page.rows().forEach(row -> response.addNodes(projection.node(row)));
            return response.build();
        });
    }

    private static NodeRow require(Reads.View view, String name) {
        NodeRow row = view.state().node(name);
        if (row == null) {
            throw ApiException.notFound(Keys.node(name));
        }
        return row;
    }

    @Override
    public void drainNode(DrainNodeRequest request, StreamObserver<DrainNodeResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setDrainNode(DrainNode.newBuilder().setNode(request.getNode())),
                outcome -> DrainNodeResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }

    @Override
    public void resumeNode(ResumeNodeRequest request, StreamObserver<ResumeNodeResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setResumeNode(ResumeNode.newBuilder().setNode(request.getNode())),
                outcome -> ResumeNodeResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }

    @Override
    public void maintainNode(MaintainNodeRequest request, StreamObserver<MaintainNodeResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setMaintainNode(MaintainNode.newBuilder().setNode(request.getNode())),
                outcome -> MaintainNodeResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }

    @Override
    public void endNodeMaintenance(
            EndNodeMaintenanceRequest request, StreamObserver<EndNodeMaintenanceResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setEndNodeMaintenance(
                        EndNodeMaintenance.newBuilder().setNode(request.getNode())),
                outcome -> EndNodeMaintenanceResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }

    @Override
    public void forgetNode(ForgetNodeRequest request, StreamObserver<ForgetNodeResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setForgetNode(ForgetNode.newBuilder().setNode(request.getNode())),
                outcome -> ForgetNodeResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }

    @Override
    public void setNodeAttribute(SetNodeAttributeRequest request, StreamObserver<SetNodeAttributeResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setSetNodeAttribute(SetNodeAttribute.newBuilder()
                        .setNode(request.getNode())
                        .setName(request.getName())
                        .setValue(request.getValue())),
                outcome -> SetNodeAttributeResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setRevision(outcome.result().getNumber())
                        .build());
    }

    @Override
    public void getNodeAttribute(GetNodeAttributeRequest request, StreamObserver<GetNodeAttributeResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            require(view, request.getNode());
            GetNodeAttributeResponse.Builder response =
                    GetNodeAttributeResponse.newBuilder().setHeader(view.header());
            AttributeRow row = view.state().attributes().get(request.getNode() + "/" + request.getName());
            if (row != null) {
                response.setValue(row.getValue()).setRevision(row.getRevision());
            }
            return response.build();
        });
    }

    @Override
    public void fenceNode(FenceNodeRequest request, StreamObserver<FenceNodeResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setRequestFence(RequestFence.newBuilder()
                        .setNode(request.getNode())
                        .setIncarnation(incarnation(request.getNode()))
                        .setReason(Reason.newBuilder()
                                .setCode("REQUESTED_BY_PERSON")
                                .setMessage(request.getOptions().getReason())
                                .addObjects(Keys.node(request.getNode())))),
                outcome -> FenceNodeResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setTicket(bare(outcome.result().getObject()))
                        .build());
    }

    private long incarnation(String node) {
        NodeRow row = support.cluster().applied().node(node);
        return row == null ? 0 : row.getIncarnation();
    }

    private static String bare(String key) {
        return Keys.bare(key);
    }

    /** Looks for signs of life first: what it finds goes into the command, where the rule ConfirmNamed judges it. */
    @Override
    public void confirmFence(ConfirmFenceRequest request, StreamObserver<ConfirmFenceResponse> observer) {
        MutationOptions options = Mutations.identified(request.getOptions());
        Caller caller = Caller.current();
        support.unary().answer(observer, options.getRequestId(), () -> {
            Mutations.requireNoPlan(options);
            return signsOfLife(request.getNode(), caller)
                    .thenCompose(signs ->
                            support.mutations().submit(options, caller, command -> confirm(command, request, signs)))
                    .thenApply(outcome -> ConfirmFenceResponse.newBuilder()
                            .setHeader(outcome.header())
                            .addAllFreed(outcome.result().getObjectsList())
                            .build());
        });
    }

    private CompletableFuture<List<SignOfLife>> signsOfLife(String node, Caller caller) {
        ProbeNodeRequest probe = ProbeNodeRequest.newBuilder().setNode(node).build();
        return Reads.bounded(support.cluster().onLeader(PROBE_NODE, probe, caller))
                .thenApply(ProbeNodeResponse::getSignsList);
    }

    private static void confirm(Command.Builder command, ConfirmFenceRequest request, List<SignOfLife> signs) {
        command.setConfirmFence(ConfirmFence.newBuilder()
                .setNode(request.getNode())
                .setIncarnation(request.getIncarnation())
                .setTypedName(request.getTypedName())
                .setAlthoughAlive(request.getAlthoughAlive())
                .setAlive(signs.stream().anyMatch(SignOfLife::getAnswered)));
    }

    @Override
    public void listFenceTickets(ListFenceTicketsRequest request, StreamObserver<ListFenceTicketsResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            ListFenceTicketsResponse.Builder response =
                    ListFenceTicketsResponse.newBuilder().setHeader(view.header());
            view.state().tickets().values().stream()
                    .filter(row -> request.getNode().isEmpty() || row.getNode().equals(request.getNode()))
                    .forEach(row -> response.addTickets(Projection.ticket(row)));
            return response.build();
        });
    }

    @Override
    public void checkFencing(CheckFencingRequest request, StreamObserver<CheckFencingResponse> observer) {
        support.onLeader(observer, CHECK_FENCING, request);
    }

    @Override
    public void probeNode(ProbeNodeRequest request, StreamObserver<ProbeNodeResponse> observer) {
        support.onLeader(observer, PROBE_NODE, request);
    }

    private CompletableFuture<CheckFencingResponse> checkHere(CheckFencingRequest request) {
        @Nullable String node = request.getNode().isEmpty() ? null : request.getNode();
        return support.reads().view(request.getRead()).thenCompose(view -> {
            if (node != null) {
                require(view, node);
            }
            return leader.checkFencing(node)
                    .thenApply(results -> CheckFencingResponse.newBuilder()
                            .setHeader(view.header())
                            .addAllResults(results)
                            .build());
        });
    }

    private CompletableFuture<ProbeNodeResponse> probeHere(ProbeNodeRequest request) {
        return support.reads().view(request.getRead()).thenCompose(view -> {
            require(view, request.getNode());
            return leader.probeNode(request.getNode())
                    .thenApply(signs -> ProbeNodeResponse.newBuilder()
                            .setHeader(view.header())
                            .addAllSigns(signs)
                            .build());
        });
    }
}
