package io.quorate.server.api;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.quorate.agent.v1.AgentServiceGrpc;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.FirstVoters;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.StartRefusedException;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Real gRPC servers on loopback over fake replicas. */
final class ServersFixture implements AutoCloseable {
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<GrpcServers> servers = new ArrayList<>();

    /** Answers renewals, so that the agent plane can be called. */
    static final class EchoAgents extends AgentServiceGrpc.AgentServiceImplBase {
        @Override
        public void renewLease(RenewLeaseRequest request, StreamObserver<RenewLeaseResponse> observer) {
            observer.onNext(RenewLeaseResponse.newBuilder()
                    .setSequence(request.getSequence())
                    .build());
            observer.onCompleted();
        }
    }

    static VoterRow voter(String id, String name, int nodePort) {
        return VoterRow.newBuilder()
                .setId(id)
                .setName(name)
                .setApiEndpoint("127.0.0.1:1")
                .setRaftEndpoint("127.0.0.1:2")
                .setNodeEndpoint("127.0.0.1:" + nodePort)
                .build();
    }

    /** What a member that is alone knows of others. */
    private static FirstVoters alone() throws IOException {
        Path directory = Files.createTempDirectory("alone");
        try {
            VoterRow self = voter("n1-aaaa", "n1", 1);
            ClusterBootstrap.format(
                    directory,
                    List.of(self),
                    ClusterBootstrap.newClusterId(),
                    "test",
                    1,
                    self.getId(),
                    Optional.empty(),
                    "test");
            return FirstVoters.open(directory, DataDirectory.Expected.anything());
        } catch (StartRefusedException e) {
            throw new IOException(e);
        } finally {
            MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    GrpcServers start(RaftPort raft, LocalRaft rules, SilentLeader leader, int nodePort, Optional<Pki> pki)
            throws IOException {
        BindableService agents = new EchoAgents();
        GrpcServers started = GrpcServers.start(
                new GrpcServers.Settings(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), nodePort),
                        pki.map(TlsContexts::new),
                        "test"),
                new GrpcServers.Backends(
                        raft,
                        alone(),
                        leader,
                        agents,
                        rules.applier,
                        cluster -> new Joining(cluster, pki, Instant::now)));
        servers.add(started);
        return started;
    }

    ManagedChannel plaintext(int port) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    ManagedChannel tls(int port, SslContext context) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(context)
                .build();
        channels.add(channel);
        return channel;
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(GrpcServers::close);
    }
}
