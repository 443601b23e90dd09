package io.quorate.server.api;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.statemachine.forecast.Forecast;
import io.quorate.statemachine.forecast.Question;
import io.quorate.statemachine.forecast.QuestionRefusedException;
import io.quorate.statemachine.forecast.Simulator;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.policy.DefaultPolicy;
import io.quorate.v1.CreatePlanRequest;
import io.quorate.v1.CreatePlanResponse;
import io.quorate.v1.PlanBasis;
import io.quorate.v1.PlannedStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Makes plans, off the threads that apply and that answer: a plan of a large cluster takes as long as many decisions. */
final class PlanDesk {
    /** Plans at the same time; more would take the API's threads away from calls that are soon answered. */
    private static final int MOST_AT_ONCE = 2;

    private final ServiceSupport support;
    private final Executor threads;
    private final Simulator simulator = new Simulator(new DefaultPolicy());
    private final AtomicInteger running = new AtomicInteger();

    PlanDesk(ServiceSupport support, Executor threads) {
        this.support = support;
        this.threads = threads;
    }

    void create(CreatePlanRequest request, StreamObserver<CreatePlanResponse> observer) {
        support.unary()
                .answer(
                        observer,
                        () -> support.reads().view(request.getRead()).thenCompose(view -> {
                            ZoneCheck.require(request.getManifestsList());
                            TypeCheck.refusal(view.state(), request.getManifestsList())
                                    .ifPresent(refusal -> {
                                        throw refusal;
                                    });
                            return compute(() -> answer(view, request));
                        }));
    }

    private <T> CompletableFuture<T> compute(Supplier<T> work) {
        if (running.incrementAndGet() > MOST_AT_ONCE) {
            running.decrementAndGet();
            throw new ApiException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "LIMIT_REACHED",
                    MOST_AT_ONCE + " plans are being made on this server",
                    Map.of("next_step", "try again"));
        }
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(work, threads);
        return answer.whenComplete((value, failure) -> running.decrementAndGet());
    }

    /**
     * Refuses a move that the policy itself would undo: as nothing stays behind of a move, it would be an outage for nothing.
     * A move that goes nowhere is not refused here, nor is one that was committed before.
     */
    CompletableFuture<ClusterState> requireLastingMove(String requestId, Question.Move move) {
        return Reads.bounded(support.cluster().readLinearizable())
                .thenApplyAsync(
                        state -> {
                            if (state.ledger().find(requestId) == null) {
                                undoes(state, move).ifPresent(step -> {
                                    throw move.promoted() ? isDemotedAgain(move, step) : comesBack(move, step);
                                });
                            }
                            return state;
                        },
                        threads);
    }

    private Optional<PlannedStep> undoes(ClusterState state, Question.Move move) {
        try {
            Forecast forecast = simulator.run(state, Question.move(move));
            String name = Keys.bare(move.unit());
            return move.promoted() ? forecast.undoesSwitchover(name) : forecast.undoes(name);
        } catch (QuestionRefusedException e) {
            // The commit refuses it too, and says so as it always does.
            return Optional.empty();
        }
    }

    private static ApiException comesBack(Question.Move move, PlannedStep step) {
        String name = Keys.bare(move.unit());
        return new ApiException(
                Status.Code.FAILED_PRECONDITION,
                "MOVE_WOULD_NOT_LAST",
                "policy would take " + name + " from " + step.getFromNode() + " to " + step.getToNode()
                        + " as soon as the move is over: "
                        + step.getReason().getMessage() + " ("
                        + step.getReason().getCode() + ")",
                Map.of("object", move.unit(), "next_step", pinned(move, name, step)));
    }

    /** The scores that count are those of now: what agents say once the roles have changed cannot be foreseen. */
    private static ApiException isDemotedAgain(Question.Move move, PlannedStep step) {
        String name = Keys.bare(move.unit());
        return new ApiException(
                Status.Code.FAILED_PRECONDITION,
                "MOVE_WOULD_NOT_LAST",
                "by the promotion scores of now, policy would take the promoted role of " + name + " away from "
                        + step.getFromNode() + " as soon as the move is over: "
                        + step.getReason().getMessage() + " ("
                        + step.getReason().getCode()
                        + "); with --pin it stays there until the scores that agents give by then may decide again: "
                        + "quorate unpin " + name,
                Map.of("object", move.unit(), "next_step", pinned(move, name + " --promoted", step)));
    }

    private static String pinned(Question.Move move, String what, PlannedStep undo) {
        String node = move.toNode().isEmpty() ? undo.getFromNode() : move.toNode();
        return "quorate move " + what + " --to " + node + " --pin";
    }

    private CreatePlanResponse answer(Reads.View view, CreatePlanRequest request) {
        Question question = new Question(
                request.getManifestsList(),
                request.getPruneSet(),
                request.getAllowUnfenced(),
                request.getRevokedTicketsList(),
                request.getDrainedNodesList(),
                request.getFailedNodesList(),
                request.getFailedResourcesList(),
                List.of());
        Forecast forecast = ask(view, question);
        PlanBasis basis = PlanBases.of(
                view.state(),
                forecast.reads(),
                PlanBases.content(request.getManifestsList(), request.getPruneSet(), request.getAllowUnfenced()));
        CreatePlanResponse.Builder response = CreatePlanResponse.newBuilder()
                .setHeader(view.header())
                .setPlanId(basis.getPlanId())
                .addAllSteps(forecast.steps())
                .setQuorumHolds(forecast.quorum().holds())
                .setVoters(forecast.quorum().voters())
                .setVotersLeft(forecast.quorum().left())
                .setCapacityHolds(forecast.withoutPlace().isEmpty())
                .addAllWithoutPlace(forecast.withoutPlace())
                .addAllWarnings(forecast.warnings())
                .setComesToRest(forecast.comesToRest())
                .setBasis(basis);
        if (!request.getManifestsList().isEmpty() || !request.getPruneSet().isEmpty()) {
            response.addAllChanges(
                    Differences.between(view.state(), forecast.configured(), request.getManifestsList()));
        }
        return response.build();
    }

    /** What would happen; a refusal of what is supposed is the caller's. */
    private Forecast ask(Reads.View view, Question question) {
        try {
            return simulator.run(view.state(), question);
        } catch (QuestionRefusedException e) {
            throw new RejectedException(e.result());
        }
    }
}
