package io.quorate.server.agent;

import com.google.protobuf.util.Durations;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.agent.v1.AgentServiceGrpc;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Position;
import io.quorate.v1.ResponseHeader;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A leader as agents see it, without a cluster behind it: tests say what it orders and read what it was told. */
final class FakeAgentService extends AgentServiceGrpc.AgentServiceImplBase implements AutoCloseable {
    private final Server server;
    private final List<StreamObserver<StreamWorkResponse>> streams = new ArrayList<>();
    private final Map<String, InstanceReport> instances = new HashMap<>();
    private final Set<String> everRunning = new HashSet<>();
    private final List<String> releases = new ArrayList<>();
    private final List<ProbeReport> probes = new ArrayList<>();
    private final List<FenceReport> fences = new ArrayList<>();
    private StreamWorkResponse work = StreamWorkResponse.newBuilder()
            .setPhase(NodePhase.NODE_PHASE_JOINING)
            .setPosition(position(100))
            .build();
    private RegisterAgentRequest registration = RegisterAgentRequest.getDefaultInstance();
    private long sessions;
    private int detached;
    private boolean answering = true;
    private boolean ticketOpen = true;
    private int ticketChecks;
    private long leaseMillis = 2000;

    FakeAgentService() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .build()
                .start();
    }

    String endpoint() {
        return "127.0.0.1:" + server.getPort();
    }

    static Position position(long revision) {
        return Position.newBuilder().setGeneration(1).setRevision(revision).build();
    }

    /** The last one that was answered. */
    synchronized RegisterAgentRequest registration() {
        return registration;
    }

    synchronized void order(UnaryOperator<StreamWorkResponse.Builder> change) {
        work = change.apply(work.toBuilder()).build();
        streams.forEach(stream -> stream.onNext(work));
    }

    synchronized void lease(Duration length) {
        leaseMillis = length.toMillis();
    }

    synchronized int ticketChecks() {
        return ticketChecks;
    }

    synchronized void answering(boolean now) {
        answering = now;
        if (!now) {
            streams.forEach(stream -> stream.onError(Status.UNAVAILABLE.asRuntimeException()));
            streams.clear();
        }
    }

    synchronized void ticketOpen(boolean open) {
        ticketOpen = open;
    }

    synchronized Optional<InstanceReport> instance(String name) {
        return Optional.ofNullable(instances.get(name));
    }

    /** Members that were reported as running, now or once. */
    synchronized Set<String> everRunning() {
        return Set.copyOf(everRunning);
    }

    synchronized List<String> releases() {
        return List.copyOf(releases);
    }

    synchronized List<ProbeReport> probes() {
        return List.copyOf(probes);
    }

    synchronized List<FenceReport> fences() {
        return List.copyOf(fences);
    }

    synchronized int detached() {
        return detached;
    }

    synchronized long sessions() {
        return sessions;
    }

    synchronized NodePhase phase() {
        return work.getPhase();
    }

    private ResponseHeader header() {
        return ResponseHeader.newBuilder().setPosition(work.getPosition()).build();
    }

    private synchronized boolean refuses(StreamObserver<?> answer) {
        if (!answering) {
            answer.onError(Status.UNAVAILABLE.asRuntimeException());
        }
        return !answering;
    }

    @Override
    public synchronized void registerAgent(RegisterAgentRequest request, StreamObserver<RegisterAgentResponse> answer) {
        if (refuses(answer)) {
            return;
        }
        sessions++;
        registration = request;
        work = work.toBuilder().setPhase(NodePhase.NODE_PHASE_JOINING).build();
        answer.onNext(RegisterAgentResponse.newBuilder()
                .setHeader(header())
                .setIncarnation(7)
                .setSession(sessions)
                .setRenewEvery(Durations.fromMillis(100))
                .setClusterId("fake")
                .build());
        answer.onCompleted();
    }

    @Override
    public synchronized void renewLease(RenewLeaseRequest request, StreamObserver<RenewLeaseResponse> answer) {
        if (refuses(answer)) {
            return;
        }
        answer.onNext(RenewLeaseResponse.newBuilder()
                .setHeader(header())
                .setSequence(request.getSequence())
                .setVerdict(
                        request.getSession() == sessions
                                ? RenewLeaseResponse.Verdict.VERDICT_RENEWED
                                : RenewLeaseResponse.Verdict.VERDICT_REVOKED)
                .setLease(Durations.fromMillis(leaseMillis))
                .build());
        answer.onCompleted();
    }

    @Override
    public synchronized void streamWork(StreamWorkRequest request, StreamObserver<StreamWorkResponse> stream) {
        if (refuses(stream)) {
            return;
        }
        ((ServerCallStreamObserver<StreamWorkResponse>) stream).setOnCancelHandler(() -> forget(stream));
        streams.add(stream);
        stream.onNext(work);
    }

    private synchronized void forget(StreamObserver<StreamWorkResponse> stream) {
        streams.remove(stream);
    }

    @Override
    public synchronized void reportResults(ReportResultsRequest request, StreamObserver<ReportResultsResponse> answer) {
        if (refuses(answer)) {
            return;
        }
        request.getInstancesList().forEach(report -> {
            instances.put(report.getInstance(), report);
            report.getMembersList().stream()
                    .filter(member -> member.getState() == RunState.RUN_STATE_RUNNING)
                    .forEach(member -> everRunning.add(member.getResource()));
            if (report.getReleased()) {
                releases.add(report.getInstance() + " " + report.getToken().getNumber());
            }
        });
        probes.addAll(request.getProbesList());
        fences.addAll(request.getFencesList());
        detached += request.getDetaching() ? 1 : 0;
        answer.onNext(ReportResultsResponse.newBuilder().setHeader(header()).build());
        answer.onCompleted();
        if (request.getJoinComplete()) {
            order(set -> set.setPhase(NodePhase.NODE_PHASE_UP));
        }
    }

    @Override
    public synchronized void checkTicket(CheckTicketRequest request, StreamObserver<CheckTicketResponse> answer) {
        if (refuses(answer)) {
            return;
        }
        ticketChecks++;
        answer.onNext(CheckTicketResponse.newBuilder().setOpen(ticketOpen).build());
        answer.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
