package io.quorate.bench;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.quorate.client.BuildVersion;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetNodeAttributeRequest;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.SetNodeAttributeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Three of our servers on loopback with their own defaults, and one agent, because attributes belong to nodes. The client
 * speaks with the leader.
 */
final class QuorateTarget implements Target {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final String NODE = "n1";
    private static final int PORTS = 4;

    /** Request ids are this and a number: what a secure random source costs is none of the servers' business. */
    private static final long RUN = UUID.randomUUID().getMostSignificantBits();

    private static final AtomicLong REQUESTS = new AtomicLong();

    private final ServerProcesses processes = new ServerProcesses();
    private final List<Long> pids = new ArrayList<>();
    private final List<VoterRow> voters = new ArrayList<>();
    private final ManagedChannel channel;

    QuorateTarget(Path launcher, Path dir) throws IOException, InterruptedException {
        List<Integer> ports = ServerProcesses.freePorts(3 * PORTS);
        for (int i = 0; i < 3; i++) {
            voters.add(VoterRow.newBuilder()
                    .setId("n" + (i + 1) + "-bench")
                    .setName("n" + (i + 1))
                    .setApiEndpoint("127.0.0.1:" + ports.get(i * PORTS))
                    .setRaftEndpoint("127.0.0.1:" + ports.get(i * PORTS + 1))
                    .setNodeEndpoint("127.0.0.1:" + ports.get(i * PORTS + 2))
                    .setLevelMin(1)
                    .setLevelMax(1)
                    .setVersion(BuildVersion.current())
                    .build());
        }
        String clusterId = ClusterBootstrap.newClusterId();
        for (int i = 0; i < 3; i++) {
            Path data = dir.resolve(voters.get(i).getName());
            Files.createDirectories(dir);
            ClusterBootstrap.format(
                    data,
                    voters,
                    clusterId,
                    "bench",
                    1,
                    voters.get(i).getId(),
                    Optional.empty(),
                    BuildVersion.current());
            startServer(launcher, dir, i, ports.subList(i * PORTS, (i + 1) * PORTS));
        }
        startAgent(launcher, dir);
        try {
            channel = Await.answer("quorate: a leader and a node", READY_WITHIN, this::leader);
        } catch (IllegalStateException e) {
            processes.close();
            throw e;
        }
    }

    private void startServer(Path launcher, Path dir, int number, List<Integer> ports) throws IOException {
        String name = voters.get(number).getName();
        Process process = processes.start(
                dir.resolve(name + ".log"),
                List.of(
                        launcher.toString(),
                        "server",
                        "--node",
                        name,
                        "--data",
                        dir.resolve(name).toString(),
                        "--listen",
                        "127.0.0.1",
                        "--api-port",
                        ports.get(0).toString(),
                        "--raft-port",
                        ports.get(1).toString(),
                        "--node-port",
                        ports.get(2).toString(),
                        "--http-port",
                        ports.get(3).toString()));
        pids.add(process.pid());
    }

    private void startAgent(Path launcher, Path dir) throws IOException {
        List<String> yaml = new ArrayList<>(List.of(
                "node: " + NODE,
                "data: \"" + dir.resolve("agent") + "\"",
                "machine: {id: \"bench\", bootId: \"" + UUID.randomUUID() + "\"}",
                "cgroups: false",
                "servers:"));
        voters.forEach(voter -> yaml.add("  - \"" + voter.getNodeEndpoint() + "\""));
        Path file = Files.write(dir.resolve("agent.yaml"), yaml);
        Process unused = processes.start(
                dir.resolve("agent.log"), List.of(launcher.toString(), "agent", "--config", file.toString()));
    }

    private @Nullable ManagedChannel leader() {
        for (VoterRow voter : voters) {
            ManagedChannel candidate = Channels.open(port(voter));
            boolean found = false;
            try {
                GetStatusResponse status = ClusterServiceGrpc.newBlockingStub(candidate)
                        .withDeadlineAfter(2, TimeUnit.SECONDS)
                        .getStatus(GetStatusRequest.getDefaultInstance());
                boolean up =
                        status.getNodesList().stream().anyMatch(node -> node.getPhase() == NodePhase.NODE_PHASE_UP);
                found = up && status.getHeader().getLeader().equals(voter.getId());
            } finally {
                if (!found) {
                    candidate.shutdownNow();
                }
            }
            if (found) {
                return candidate;
            }
        }
        return null;
    }

    private static int port(VoterRow voter) {
        String endpoint = voter.getApiEndpoint();
        return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    }

    @Override
    public String name() {
        return "quorate";
    }

    @Override
    public List<Long> pids() {
        return pids;
    }

    @Override
    public ListenableFuture<?> commit(int key, String value) {
        return commit(channel, key, value);
    }

    /** Sets an attribute of the node n1, under a request id of its own. */
    static ListenableFuture<?> commit(ManagedChannel channel, int key, String value) {
        SetNodeAttributeRequest request = SetNodeAttributeRequest.newBuilder()
                .setOptions(
                        MutationOptions.newBuilder().setRequestId(new UUID(RUN, REQUESTS.incrementAndGet()).toString()))
                .setNode(NODE)
                .setName("key-" + key)
                .setValue(value)
                .build();
        return ClientCalls.futureUnaryCall(
                channel.newCall(NodeServiceGrpc.getSetNodeAttributeMethod(), CallOptions.DEFAULT), request);
    }

    @Override
    public ListenableFuture<?> read(int key) {
        GetNodeAttributeRequest request = GetNodeAttributeRequest.newBuilder()
                .setNode(NODE)
                .setName("key-" + key)
                .build();
        return Futures.transform(
                ClientCalls.futureUnaryCall(
                        channel.newCall(NodeServiceGrpc.getGetNodeAttributeMethod(), CallOptions.DEFAULT), request),
                answer -> {
                    if (answer.getRevision() == 0) {
                        throw new IllegalStateException("key-" + key + " is missing");
                    }
                    return answer;
                },
                MoreExecutors.directExecutor());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        processes.close();
    }
}
