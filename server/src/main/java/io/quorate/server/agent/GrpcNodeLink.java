package io.quorate.server.agent;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@link NodeLink} over gRPC. Renewals have a channel of their own, so that they never wait behind bulk data. The leader is
 * found by asking: a server that does not lead names the one that does in the trailer {@code quorate-leader}.
 */
public final class GrpcNodeLink implements NodeLink {
    private static final int MESSAGE_LIMIT_BYTES = 8 * 1024 * 1024;
    private static final Duration RENEW_DEADLINE = Duration.ofMillis(800);
    private static final Duration CALL_DEADLINE = Duration.ofSeconds(3);
    private static final Duration KEEPALIVE = Duration.ofSeconds(10);

    private final Endpoints endpoints;
    private final Supplier<Optional<SslContext>> tls;
    private final Map<String, ManagedChannel> work = new HashMap<>();
    private final Map<String, ManagedChannel> renewals = new HashMap<>();
    private @Nullable WorkObserver stream;
    private boolean closed;

    /**
     * A link to these servers.
     *
     * @param servers node-plane endpoints "host:port" of the voters
     * @param tls asked for each new channel; empty is plaintext, for loopback only
     */
    public GrpcNodeLink(List<String> servers, Supplier<Optional<SslContext>> tls) {
        this.endpoints = new Endpoints(servers);
        this.tls = tls;
    }

    @Override
    public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
        return unary(work, AgentServiceGrpc.getRegisterAgentMethod(), request, CALL_DEADLINE);
    }

    @Override
    public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
        return unary(renewals, AgentServiceGrpc.getRenewLeaseMethod(), request, RENEW_DEADLINE);
    }

    @Override
    public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
        return unary(work, AgentServiceGrpc.getReportResultsMethod(), request, CALL_DEADLINE);
    }

    @Override
    public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
        return unary(work, AgentServiceGrpc.getCheckTicketMethod(), request, CALL_DEADLINE);
    }

    @Override
    public WorkStream streamWork(StreamWorkRequest request, WorkListener listener) {
        String endpoint = endpoints.current();
        ClientCall<StreamWorkRequest, StreamWorkResponse> call =
                channel(work, endpoint).newCall(AgentServiceGrpc.getStreamWorkMethod(), CallOptions.DEFAULT);
        WorkObserver observer = new WorkObserver(endpoint, listener, call);
        ClientCalls.asyncServerStreamingCall(call, request, observer);
        synchronized (this) {
            stream = observer;
        }
        return observer::close;
    }

    /**
     * Only a leader answers. A stream to another server is one to a former leader that went silent: it would deliver no work
     * until its keepalive fails, so it ends now, and the next one goes to the leader.
     */
    private void answeredBy(String endpoint) {
        WorkObserver silentOne;
        synchronized (this) {
            if (stream == null || stream.endpoint.equals(endpoint)) {
                return;
            }
            silentOne = stream;
            stream = null;
        }
        silentOne.leave();
    }

    private <Q, R> CompletableFuture<R> unary(
            Map<String, ManagedChannel> channels, MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        String endpoint = endpoints.current();
        CompletableFuture<R> answer = new CompletableFuture<>();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
        ClientCalls.asyncUnaryCall(
                channel(channels, endpoint).newCall(method, options), request, new StreamObserver<R>() {
                    @Override
                    public void onNext(R value) {
                        answeredBy(endpoint);
                        answer.complete(value);
                    }

                    @Override
                    public void onError(Throwable reason) {
                        turnAway(endpoint, reason);
                        answer.completeExceptionally(reason);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new IllegalStateException("no answer"));
                    }
                });
        return answer;
    }

    private void turnAway(String endpoint, Throwable reason) {
        if (!endpoints.turnAway(endpoint, reason)) {
            return;
        }
        // A channel that waits in its own back-off would fail calls without trying.
        String target = endpoints.current();
        synchronized (this) {
            for (Map<String, ManagedChannel> channels : List.of(work, renewals)) {
                @Nullable ManagedChannel channel = channels.get(target);
                if (channel != null) {
                    channel.resetConnectBackoff();
                }
            }
        }
    }

    private synchronized ManagedChannel channel(Map<String, ManagedChannel> channels, String endpoint) {
        if (closed) {
            throw new StatusRuntimeException(Status.CANCELLED.withDescription("the link is closed"));
        }
        return channels.computeIfAbsent(endpoint, this::open);
    }

    private ManagedChannel open(String endpoint) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .maxInboundMessageSize(MESSAGE_LIMIT_BYTES)
                .keepAliveTime(KEEPALIVE.toSeconds(), TimeUnit.SECONDS)
                .keepAliveTimeout(2, TimeUnit.SECONDS)
                .disableRetry();
        tls.get().ifPresentOrElse(builder::sslContext, () -> builder.negotiationType(NegotiationType.PLAINTEXT));
        return builder.build();
    }

    @Override
    public void close() {
        List<ManagedChannel> open = new ArrayList<>();
        synchronized (this) {
            closed = true;
            open.addAll(work.values());
            open.addAll(renewals.values());
        }
        open.forEach(ManagedChannel::shutdownNow);
    }

    private final class WorkObserver implements ClientResponseObserver<StreamWorkRequest, StreamWorkResponse> {
        private final String endpoint;
        private final WorkListener listener;
        private final ClientCall<?, ?> call;
        private final AtomicBoolean silent = new AtomicBoolean();

        WorkObserver(String endpoint, WorkListener listener, ClientCall<?, ?> call) {
            this.endpoint = endpoint;
            this.listener = listener;
            this.call = call;
        }

        void close() {
            silent.set(true);
            call.cancel("closed by the agent", null);
        }

        void leave() {
            end(Status.UNAVAILABLE.withDescription("another server leads now").asRuntimeException());
            close();
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<StreamWorkRequest> stream) {
            // Automatic flow control: sets of work are small and each replaces the one before.
        }

        @Override
        public void onNext(StreamWorkResponse work) {
            endpoints.learn(work.getServersList());
            if (!silent.get()) {
                listener.onWork(work);
            }
        }

        @Override
        public void onError(Throwable reason) {
            turnAway(endpoint, reason);
            end(reason);
        }

        @Override
        public void onCompleted() {
            end(Status.UNAVAILABLE
                    .withDescription("the server ended the stream")
                    .asRuntimeException());
        }

        private void end(Throwable reason) {
            if (silent.compareAndSet(false, true)) {
                listener.onEnd(reason);
            }
        }
    }
}
