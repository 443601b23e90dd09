package io.quorate.server.api;

import com.google.protobuf.util.Durations;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.CancelOperation;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.server.raft.Subscription;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Goals;
import io.quorate.statemachine.policy.ReasonCode;
import io.quorate.v1.CancelOperationRequest;
import io.quorate.v1.CancelOperationResponse;
import io.quorate.v1.GetOperationRequest;
import io.quorate.v1.GetOperationResponse;
import io.quorate.v1.ListOperationsRequest;
import io.quorate.v1.ListOperationsResponse;
import io.quorate.v1.OperationServiceGrpc;
import io.quorate.v1.OperationState;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.Reason;
import io.quorate.v1.WaitOperationRequest;
import io.quorate.v1.WaitOperationResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Things that people asked for and that take time. */
final class OperationServiceImpl extends OperationServiceGrpc.OperationServiceImplBase {
    private static final long DEFAULT_WAIT_MILLIS = 600_000;

    private final ServiceSupport support;
    private final Executor executor;
    private final ScheduledExecutorService timer;

    OperationServiceImpl(ServiceSupport support, Executor executor, ScheduledExecutorService timer) {
        this.support = support;
        this.executor = executor;
        this.timer = timer;
    }

    /** The id of the operation that a command began; empty when it began none. */
    static String operationOf(CommandResult result) {
        return result.getObject().startsWith(Keys.OPERATIONS) ? Keys.bare(result.getObject()) : "";
    }

    @Override
    public void getOperation(GetOperationRequest request, StreamObserver<GetOperationResponse> observer) {
        support.read(
                observer,
                request.getRead(),
                view -> GetOperationResponse.newBuilder()
                        .setHeader(view.header())
                        .setOperation(support.projections()
                                .of(view.state())
                                .operation(require(view.state(), request.getId())))
                        .build());
    }

    private static OperationRow require(ClusterState state, String id) {
        OperationRow row = state.operations().get(id);
        if (row == null) {
            throw ApiException.notFound(Keys.OPERATIONS + id);
        }
        return row;
    }

    @Override
    public void listOperations(ListOperationsRequest request, StreamObserver<ListOperationsResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            ListOperationsResponse.Builder response =
                    ListOperationsResponse.newBuilder().setHeader(view.header());
            view.state().operations().values().stream()
                    .filter(row ->
                            !request.getRunningOnly() || row.getState() == OperationState.OPERATION_STATE_RUNNING)
                    .forEach(row -> response.addOperations(
                            support.projections().of(view.state()).operation(row)));
            return response.build();
        });
    }

    @Override
    public void cancelOperation(CancelOperationRequest request, StreamObserver<CancelOperationResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command ->
                        command.setCancelOperation(CancelOperation.newBuilder().setId(request.getId())),
                outcome -> {
                    CancelOperationResponse.Builder answer =
                            CancelOperationResponse.newBuilder().setHeader(outcome.header());
                    OperationRow ended = outcome.after().operations().get(request.getId());
                    if (ended != null) {
                        answer.setOperation(
                                support.projections().of(outcome.after()).operation(ended));
                    }
                    return answer.build();
                });
    }

    @Override
    public void waitOperation(WaitOperationRequest request, StreamObserver<WaitOperationResponse> observer) {
        ServerCallStreamObserver<WaitOperationResponse> call =
                (ServerCallStreamObserver<WaitOperationResponse>) observer;
        Wait wait = new Wait(request.getId(), call);
        call.setOnCancelHandler(wait::end);
        long millis = request.hasTimeout() ? Durations.toMillis(request.getTimeout()) : DEFAULT_WAIT_MILLIS;
        Context context = Context.current();
        CompletableFuture<Reads.View> unused = support.reads()
                .view(ReadOptions.getDefaultInstance())
                .whenComplete((view, failure) -> context.run(() -> {
                    if (failure != null) {
                        support.unary().fail(observer, failure, "");
                    } else {
                        wait.begin(view.state(), millis);
                    }
                }));
    }

    /** One waiting call. Its methods may be called by any thread; the observer is written under its lock. */
    private final class Wait {
        private final String id;
        private final ServerCallStreamObserver<WaitOperationResponse> call;
        private final AtomicReference<@Nullable Subscription> bell = new AtomicReference<>();
        private @Nullable ScheduledFuture<?> alarm;
        private @Nullable OperationRow shown;
        private List<Reason> shownReasons = List.of();
        private boolean ended;

        Wait(String id, ServerCallStreamObserver<WaitOperationResponse> call) {
            this.id = id;
            this.call = call;
        }

        synchronized void begin(ClusterState first, long millis) {
            show(first);
            if (!ended) {
                bell.set(support.hub()
                        .onChange(
                                () -> executor.execute(() -> show(support.hub().newest()))));
                alarm = timer.schedule(this::giveUp, Math.max(0, millis), TimeUnit.MILLISECONDS);
                show(support.hub().newest());
            }
        }

        synchronized void show(ClusterState state) {
            if (ended) {
                return;
            }
            OperationRow row = state.operations().get(id);
            if (row == null) {
                end();
                support.unary().fail(call, ApiException.notFound(Keys.OPERATIONS + id), "");
                return;
            }
            List<Reason> reasons = waitingFor(state, row);
            if (!row.equals(shown) || !reasons.equals(shownReasons)) {
                shown = row;
                shownReasons = reasons;
                call.onNext(WaitOperationResponse.newBuilder()
                        .setHeader(support.cluster().header(state.meta().getClusterId(), state.position()))
                        .setOperation(support.projections().of(state).operation(row))
                        .addAllWaitingFor(reasons)
                        .build());
            }
            if (row.getState() != OperationState.OPERATION_STATE_RUNNING) {
                end();
                call.onCompleted();
            }
        }

        private synchronized void giveUp() {
            if (!ended) {
                end();
                support.unary()
                        .fail(
                                call,
                                new ApiException(
                                        Status.Code.DEADLINE_EXCEEDED,
                                        "STILL_RUNNING",
                                        "operation " + id + " goes on",
                                        Map.of(
                                                "object",
                                                Keys.OPERATIONS + id,
                                                "next_step",
                                                "quorate operation wait " + id)),
                                "");
            }
        }

        synchronized void end() {
            ended = true;
            Subscription subscription = bell.getAndSet(null);
            if (subscription != null) {
                subscription.close();
            }
            if (alarm != null) {
                alarm.cancel(false);
            }
        }
    }

    private List<Reason> waitingFor(ClusterState state, OperationRow row) {
        List<Reason> reasons = new ArrayList<>();
        Projection projection = support.projections().of(state);
        if (row.getKind().equals("probe")) {
            return answersToCome(state, row);
        }
        if (row.getState() == OperationState.OPERATION_STATE_RUNNING) {
            for (String key : row.getObjectsList()) {
                ObjectRow unit = state.object(key);
                if (unit != null && Units.isUnit(unit)) {
                    reasons.addAll(projection.reasonsOf(unit));
                }
            }
        }
        return reasons;
    }

    private static List<Reason> answersToCome(ClusterState state, OperationRow probe) {
        return state.nodes().values().stream()
                .filter(node -> Goals.hasToLook(state, probe, node))
                .map(node -> Reason.newBuilder()
                        .setCode(ReasonCode.WAITING_FOR_PROBE.name())
                        .setMessage(node.getName() + " is looking")
                        .addObjects(Keys.node(node.getName()))
                        .build())
                .toList();
    }
}
