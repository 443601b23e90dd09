package io.quorate.server.api;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.handler.ssl.SslContext;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.leader.LeaderPort;
import io.quorate.server.raft.FirstVoters;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.Subscription;
import io.quorate.server.tls.TlsContexts;
import io.quorate.server.tls.TlsException;
import io.quorate.statemachine.apply.Applier;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.NodeServiceGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The gRPC servers of a voter: the API for people and programs, the node plane for agents and other servers. Each has
 * its own port and threads, so that a flood of clients delays neither lease renewals nor forwarding.
 */
public final class GrpcServers implements AutoCloseable {
    private static final String LEADER_HEALTH = "leader";
    private static final long STOP_SECONDS = 2;

    private final List<Server> servers = new ArrayList<>();
    private final ExecutorService apiThreads;
    private final ExecutorService nodeThreads;
    private final ScheduledExecutorService timer;
    private final PeerClients peers;
    private final WatchHub hub;
    private final HealthStatusManager health = new HealthStatusManager();
    private final Subscription leadership;
    private final ForwardingCluster cluster;
    private final RaftPort raft;
    private final ClusterServiceImpl clusterService;

    /**
     * Where and with what to serve.
     *
     * @param tls empty: plaintext, which is only served on loopback
     * @param version of this binary
     */
    public record Settings(InetSocketAddress api, InetSocketAddress node, Optional<TlsContexts> tls, String version) {}

    /** What the services answer from. */
    public record Backends(
            RaftPort raft,
            FirstVoters firsts,
            LeaderPort leader,
            BindableService agentService,
            Applier applier,
            Function<ClusterPort, Joining> joining) {}

    /** Builds and starts both servers; nothing is left running when one of them cannot start. */
    public static GrpcServers start(Settings settings, Backends backends) throws IOException {
        refusePlaintext(settings.api(), "api", settings.tls());
        refusePlaintext(settings.node(), "node", settings.tls());
        GrpcServers started = new GrpcServers(settings, backends);
        try {
            for (Server server : started.servers) {
                server.start();
            }
        } catch (IOException e) {
            started.close();
            throw e;
        }
        return started;
    }

    private GrpcServers(Settings settings, Backends backends) {
        apiThreads = Executors.newFixedThreadPool(threads(), named("api"));
        nodeThreads = Executors.newFixedThreadPool(threads(), named("node"));
        timer = Executors.newSingleThreadScheduledExecutor(named("api-timer"));
        peers = peers(settings.tls());
        raft = backends.raft();
        LeaderCalls leaderCalls = new LeaderCalls();
        cluster = new ForwardingCluster(backends.raft(), peers, leaderCalls, apiThreads);
        hub = new WatchHub(backends.raft(), WatchHub.Limits.DEFAULT);
        ServiceSupport support = new ServiceSupport(
                cluster,
                new Reads(cluster, hub),
                new Mutations(cluster, backends.applier()),
                new Unary(cluster),
                hub,
                new Projections(),
                leaderCalls);
        clusterService = new ClusterServiceImpl(
                support, backends.raft(), backends.leader(), backends.joining().apply(cluster));
        List<BindableService> api = List.of(
                clusterService,
                new NodeServiceImpl(support, backends.leader()),
                new ResourceServiceImpl(support, backends.leader(), new PlanDesk(support, apiThreads)),
                new OwnershipServiceImpl(support),
                new WatchServiceImpl(support, apiThreads, timer),
                new HistoryServiceImpl(support),
                new OperationServiceImpl(support, apiThreads, timer),
                new MaintenanceServiceImpl(support, settings.version()),
                new TicketServiceImpl(support),
                health.getHealthService(),
                ProtoReflectionServiceV1.newInstance());
        List<BindableService> node = List.of(
                backends.agentService(),
                new PeerServiceImpl(backends.raft(), backends.firsts(), leaderCalls, new Unary(cluster)),
                health.getHealthService());
        servers.add(server(
                settings.api(), settings.tls().map(TlsContexts::apiServer), api, apiThreads, PlaneLimits.APPLY_BYTES));
        servers.add(server(
                settings.node(),
                settings.tls().map(TlsContexts::nodeServer),
                node,
                nodeThreads,
                PlaneLimits.PEER_MESSAGE_BYTES));
        leadership = backends.raft().onLeadership(this::showHealth);
    }

    static PeerClients peers(Optional<TlsContexts> tls) {
        Optional<SslContext> toServer = tls.map(TlsContexts::toServer);
        return new PeerClients(endpoint -> channel(endpoint, toServer));
    }

    static Server server(
            InetSocketAddress address,
            Optional<SslContext> tls,
            List<BindableService> services,
            ExecutorService threads,
            int messageBytes) {
        NettyServerBuilder builder = PlaneLimits.apply(NettyServerBuilder.forAddress(address), messageBytes)
                .directExecutor()
                .callExecutor(new CallThreads(threads));
        tls.ifPresent(builder::sslContext);
        for (BindableService service : services) {
            builder.addService(guarded(service.bindService(), messageBytes));
        }
        return builder.build();
    }

    /**
     * Where calls run: small ones that neither wait nor compute on the thread of their connection, for which a change of
     * threads would cost more than the call; all others on the plane's own threads.
     */
    private record CallThreads(ExecutorService threads) implements ServerCallExecutorSupplier {
        private static final Set<String> SMALL = Set.of(
                NodeServiceGrpc.getSetNodeAttributeMethod().getFullMethodName(),
                NodeServiceGrpc.getGetNodeAttributeMethod().getFullMethodName());

        @Override
        public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            return SMALL.contains(call.getMethodDescriptor().getFullMethodName()) ? Runnable::run : threads;
        }
    }

    /** Authorization is the outermost interceptor: nothing runs before it. */
    private static ServerServiceDefinition guarded(ServerServiceDefinition service, int messageBytes) {
        return messageBytes == PlaneLimits.APPLY_BYTES
                ? ServerInterceptors.interceptForward(service, new Authorizer(), new RequestSizeLimit())
                : ServerInterceptors.interceptForward(service, new Authorizer());
    }

    private static ManagedChannel channel(String endpoint, Optional<SslContext> tls) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .keepAliveTime(PlaneLimits.KEEPALIVE_AT_LEAST_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(2, TimeUnit.SECONDS)
                .maxInboundMessageSize(PlaneLimits.PEER_MESSAGE_BYTES);
        tls.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        return builder.build();
    }

    /** No plaintext beyond loopback, on any plane. */
    public static void refusePlaintext(InetSocketAddress address, String plane, Optional<TlsContexts> tls) {
        boolean loopback = address.getAddress() != null && address.getAddress().isLoopbackAddress();
        if (tls.isEmpty() && !loopback) {
            throw new TlsException(
                    "the %s port would serve %s without TLS; make certificates: quorate init, quorate join"
                                    .formatted(plane, address)
                            + " or quorate cert issue node NAME --address IP");
        }
    }

    private void showHealth(Leadership now) {
        boolean serves = now.leaderId().isPresent();
        health.setStatus("", serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
        health.setStatus(LEADER_HEALTH, now.isReadyLeader() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    private static int threads() {
        return Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    }

    static java.util.concurrent.ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The port that the API listens on. */
    public int apiPort() {
        return servers.get(0).getPort();
    }

    /** The port of the node plane. */
    public int nodePort() {
        return servers.get(1).getPort();
    }

    /**
     * For a server that joined a running group: asks until it may vote.
     *
     * @param others the voters that it knew when it joined
     */
    public void askForVote(VoterRow self, List<VoterRow> others) {
        CompletableFuture<Void> unused = new VoterAdmission(raft, peers, timer, self, others).start();
    }

    public ClusterPort cluster() {
        return cluster;
    }

    /** The status as the API answers it, from this server: for the HTTP port. */
    public CompletableFuture<GetStatusResponse> status(GetStatusRequest request) {
        return clusterService.statusHere(request);
    }

    public WatchHub hub() {
        return hub;
    }

    /** For tests: everything that is served, by plane. */
    List<Server> servers() {
        return servers;
    }

    /** Lets running calls end for a moment, then closes everything. */
    @Override
    public void close() {
        leadership.close();
        health.enterTerminalState();
        servers.forEach(Server::shutdown);
        try {
            for (Server server : servers) {
                if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                    server.shutdownNow();
                }
            }
        } catch (InterruptedException e) {
            servers.forEach(Server::shutdownNow);
            Thread.currentThread().interrupt();
        }
        hub.close();
        peers.close();
        timer.shutdownNow();
        apiThreads.shutdown();
        nodeThreads.shutdown();
    }
}
