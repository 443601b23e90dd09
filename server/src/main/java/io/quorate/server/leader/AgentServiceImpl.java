package io.quorate.server.leader;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.agent.v1.AgentServiceGrpc;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The agent plane on the wire: leader only, otherwise UNAVAILABLE with the trailer {@code quorate-leader}. While nobody is
 * known to lead, registrations and streams wait for it a moment. Who the caller is was checked before a call gets here.
 * Thread-safe.
 */
public final class AgentServiceImpl extends AgentServiceGrpc.AgentServiceImplBase {
    private final AgentCalls calls;
    private final LeaderLoop loop;
    private final AgentErrors errors;
    private final Clock clock;

    public AgentServiceImpl(RaftPort raft, LeaderLoop loop, Clock clock) {
        this.calls = new AgentCalls(raft, loop);
        this.loop = loop;
        this.errors = new AgentErrors(raft);
        this.clock = clock;
    }

    @Override
    public void registerAgent(RegisterAgentRequest request, StreamObserver<RegisterAgentResponse> observer) {
        loop.onceLed(
                "register",
                () -> answer(calls.register(request), observer),
                failure -> observer.onError(errors.of(failure)));
    }

    @Override
    public void renewLease(RenewLeaseRequest request, StreamObserver<RenewLeaseResponse> observer) {
        answer(calls.renew(request, clock.monotonicNanos()), observer);
    }

    @Override
    public void reportResults(ReportResultsRequest request, StreamObserver<ReportResultsResponse> observer) {
        answer(calls.report(request), observer);
    }

    @Override
    public void checkTicket(CheckTicketRequest request, StreamObserver<CheckTicketResponse> observer) {
        answer(calls.checkTicket(request), observer);
    }

    @Override
    public void streamWork(StreamWorkRequest request, StreamObserver<StreamWorkResponse> observer) {
        GrpcWorkStream stream =
                new GrpcWorkStream(request, (ServerCallStreamObserver<StreamWorkResponse>) observer, errors);
        stream.observer.setOnReadyHandler(() -> loop.inTerm(
                "work-ready", term -> term.publisher().ready(stream), failure -> stream.end(errors.of(failure))));
        // The transport ended, which takes a host that answers: silence alone never gets here before the node is lost.
        stream.observer.setOnCancelHandler(() -> loop.inTerm(
                "work-stream-broken",
                term -> {
                    if (term.publisher().closed(stream)) {
                        term.detector().connectionBroken(stream.node(), stream.session());
                    }
                },
                failure -> {}));
        Consumer<Throwable> otherwise = failure -> stream.end(errors.of(failure));
        loop.onceLed(
                "work-stream",
                () -> loop.inTerm("work-stream-open", term -> term.publisher().open(stream), otherwise),
                otherwise);
    }

    private <A> void answer(CompletableFuture<A> future, StreamObserver<A> observer) {
        Futures.whenDone(future, (value, failure) -> {
            if (value == null) {
                observer.onError(errors.of(failure == null ? new IllegalStateException("no answer") : failure));
            } else {
                observer.onNext(value);
                observer.onCompleted();
            }
        });
    }

    /** One agent's stream of work. Ends once, whoever ends it. */
    private static final class GrpcWorkStream implements WorkStream {
        private final StreamWorkRequest request;
        private final ServerCallStreamObserver<StreamWorkResponse> observer;
        private final AgentErrors errors;
        private final AtomicBoolean ended = new AtomicBoolean();

        private GrpcWorkStream(
                StreamWorkRequest request, ServerCallStreamObserver<StreamWorkResponse> observer, AgentErrors errors) {
            this.request = request;
            this.observer = observer;
            this.errors = errors;
        }

        @Override
        public String node() {
            return request.getNode();
        }

        @Override
        public long incarnation() {
            return request.getIncarnation();
        }

        @Override
        public long session() {
            return request.getSession();
        }

        @Override
        public boolean isReady() {
            return observer.isReady();
        }

        @Override
        public void send(StreamWorkResponse work) {
            if (!ended.get() && !observer.isCancelled()) {
                observer.onNext(work);
            }
        }

        @Override
        public void closeNotLeader() {
            end(errors.unavailable("this server no longer leads"));
        }

        @Override
        public void closeRevoked(String why) {
            end(AgentErrors.refused("REVOKED", why, ""));
        }

        private void end(@Nullable Throwable status) {
            if (ended.compareAndSet(false, true) && !observer.isCancelled() && status != null) {
                observer.onError(status);
            }
        }
    }
}
