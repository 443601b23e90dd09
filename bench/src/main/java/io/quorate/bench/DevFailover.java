package io.quorate.bench;

import io.grpc.ManagedChannel;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.ListOwnersRequest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Owner;
import io.quorate.v1.OwnershipServiceGrpc;
import io.quorate.v1.TransferLeadershipRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The outage that a client sees when every process of a node is killed at once, in a {@code quorate dev} cluster: case a2
 * (the node owns the service and does not lead) and case f (it also leads). The kernel goes on answering, unlike with a
 * real loss of power: that needs root, see {@link LabFailover}.
 */
final class DevFailover {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final int NODES = 3;
    private static final int PORTS_PER_NODE = 10;

    private final Options options;
    private final Path dir;
    private final Report report;
    private final ServerProcesses processes = new ServerProcesses();
    private int portBase;
    private int servicePort;

    DevFailover(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir.resolve("failover");
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        System.out.printf("%nfailover: quorate dev, all processes of the owner killed at once, default settings;"
                + " outage = last answer before to first answer after, in ms%n");
        servicePort = ServerProcesses.freePorts(1).get(0);
        portBase = freeBase();
        Process dev = processes.start(
                dir.resolveSibling("dev.log"),
                List.of(
                        options.launcher().toString(),
                        "dev",
                        "--port-base",
                        Integer.toString(portBase),
                        "--dir",
                        dir.toString()));
        try {
            awaitAllUp();
            Path manifest = Files.writeString(dir.resolveSibling("web.yaml"), manifest());
            quorate("apply", "--endpoints", "127.0.0.1:" + portBase, "-f", manifest.toString());
            repeat("a2", false);
            repeat("f", true);
        } finally {
            // It switches its nodes off when it is asked to end.
            dev.destroy();
            boolean unused = dev.waitFor(30, TimeUnit.SECONDS);
            processes.close();
        }
    }

    /** A range of ports that is free now, away from the ports that the system gives out by itself. */
    private static int freeBase() throws IOException {
        for (int base = 18_400; base < 30_000; base += 100) {
            if (free(base)) {
                return base;
            }
        }
        throw new IllegalStateException("no free range of ports");
    }

    private static boolean free(int base) throws IOException {
        for (int port = base; port < base + NODES * PORTS_PER_NODE; port++) {
            try (var socket = new java.net.ServerSocket(port, 1, java.net.InetAddress.getLoopbackAddress())) {
                socket.setReuseAddress(true);
            } catch (java.net.BindException e) {
                return false;
            }
        }
        return true;
    }

    private String manifest() {
        return """
                kind: Resource
                name: web
                process:
                  command: [quorate, example-server, --port, "%1$d"]
                  health: {http: "http://127.0.0.1:%1$d/", interval: 1s, timeout: 1s, unhealthyAfter: 2}
                """.formatted(servicePort);
    }

    private void repeat(String name, boolean ownerLeads) throws IOException, InterruptedException {
        for (int i = 0; i < options.repeats(); i++) {
            awaitAllUp();
            String owner = awaitOwner();
            lead(owner, ownerLeads);
            try (OutageClient client = new OutageClient(servicePort)) {
                client.awaitAnswers();
                quorate("dev", "kill", owner, "--port-base", Integer.toString(portBase), "--dir", dir.toString());
                report.outage(name, client.awaitOutage().toMillis());
            }
            quorate("dev", "heal", owner, "--port-base", Integer.toString(portBase), "--dir", dir.toString());
        }
        System.out.println(report.outages(name));
    }

    private void lead(String owner, boolean ownerLeads) throws InterruptedException {
        String wanted = ownerLeads ? owner : (owner.equals("n1") ? "n2" : "n1");
        Await.answer(
                "leadership of " + wanted,
                READY_WITHIN,
                () -> ask(channel -> {
                    GetStatusResponse status = status(channel);
                    String leader = status.getHeader().getLeader();
                    if (!leader.isEmpty() && leader.startsWith(owner + "-") == ownerLeads) {
                        return leader;
                    }
                    var unused = ClusterServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(5, TimeUnit.SECONDS)
                            .transferLeadership(TransferLeadershipRequest.newBuilder()
                                    .setOptions(MutationOptions.newBuilder().setReason("bench"))
                                    .setMember(wanted)
                                    .build());
                    return null;
                }));
    }

    private void awaitAllUp() throws InterruptedException {
        Await.answer(
                "all nodes up",
                READY_WITHIN,
                () -> ask(channel -> {
                    GetStatusResponse status = status(channel);
                    long up = status.getNodesList().stream()
                            .filter(node -> node.getPhase() == NodePhase.NODE_PHASE_UP)
                            .count();
                    return up == NODES ? status : null;
                }));
    }

    private String awaitOwner() throws InterruptedException {
        return Await.answer(
                "an owner of the service",
                READY_WITHIN,
                () -> ask(channel -> {
                    List<Owner> owners = OwnershipServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(2, TimeUnit.SECONDS)
                            .listOwners(ListOwnersRequest.getDefaultInstance())
                            .getOwnersList();
                    return owners.isEmpty() ? null : owners.get(0).getNode();
                }));
    }

    private static GetStatusResponse status(ManagedChannel channel) {
        return ClusterServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(2, TimeUnit.SECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance());
    }

    private interface Question<T> {
        @Nullable
        T ask(ManagedChannel channel);
    }

    /** Asks the first server that answers. */
    private <T> @Nullable T ask(Question<T> question) {
        RuntimeException last = new IllegalStateException("no server");
        for (int i = 0; i < NODES; i++) {
            ManagedChannel channel = Channels.open(portBase + i * PORTS_PER_NODE);
            try {
                return question.ask(channel);
            } catch (RuntimeException e) {
                last = e;
            } finally {
                channel.shutdownNow();
            }
        }
        throw last;
    }

    private void quorate(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(options.launcher().toString()));
        command.addAll(List.of(arguments));
        Path log = dir.resolveSibling("verb.log");
        if (processes.start(log, command).waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed: "
                    + Files.readString(log).strip());
        }
    }
}
