package io.quorate.bench;

import io.grpc.ManagedChannel;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.ListOwnersRequest;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Owner;
import io.quorate.v1.OwnershipServiceGrpc;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A cluster of {@code quorate dev} with default settings, and one service that answers on HTTP. */
final class DevCluster implements AutoCloseable {
    static final Duration READY_WITHIN = Duration.ofSeconds(60);

    private static final int NODES = 3;
    private static final int PORTS_PER_NODE = 10;

    private final Path launcher;
    private final Path dir;
    private final ServerProcesses processes = new ServerProcesses();
    private final int portBase;
    private final int servicePort;
    private final Process dev;

    private DevCluster(Path launcher, Path dir) throws IOException {
        this.launcher = launcher;
        this.dir = dir;
        servicePort = ServerProcesses.freePorts(1).get(0);
        portBase = freeBase();
        dev = processes.start(
                output(),
                List.of(
                        launcher.toString(),
                        "dev",
                        "--port-base",
                        Integer.toString(portBase),
                        "--dir",
                        dir.toString()));
    }

    /** Starts one and waits until it says that it is ready. */
    static DevCluster start(Path launcher, Path dir) throws IOException, InterruptedException {
        DevCluster cluster = new DevCluster(launcher, dir);
        try {
            Await.answer("the dev cluster to be ready", READY_WITHIN, cluster::ready);
            return cluster;
        } catch (IllegalStateException e) {
            cluster.close();
            throw e;
        }
    }

    /** Its last line tells where the logs are. */
    private @Nullable Boolean ready() {
        String said;
        try {
            said = Files.readString(output());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        if (!dev.isAlive()) {
            throw new IllegalStateException("the dev cluster ended: " + said.strip());
        }
        return said.contains("logs: ") ? true : null;
    }

    private Path output() {
        return dir.resolveSibling(dir.getFileName() + ".log");
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
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                socket.setReuseAddress(true);
            } catch (BindException e) {
                return false;
            }
        }
        return true;
    }

    static List<String> nodes() {
        return IntStream.rangeClosed(1, NODES).mapToObj(i -> "n" + i).toList();
    }

    int servicePort() {
        return servicePort;
    }

    /** Applies {@code examples/web.yaml} with a port of its own. */
    void applyService() throws IOException, InterruptedException {
        String example = Files.readString(launcher.resolveSibling("examples").resolve("web.yaml"));
        Path manifest = Files.writeString(
                dir.resolveSibling("web.yaml"), example.replace("8088", Integer.toString(servicePort)));
        quorate("apply", "--endpoints", "127.0.0.1:" + portBase, "-f", manifest.toString());
    }

    /** {@code quorate dev kill} and the like. */
    void does(String verb, String node) throws IOException, InterruptedException {
        quorate("dev", verb, node, "--port-base", Integer.toString(portBase), "--dir", dir.toString());
    }

    /** {@code quorate status} of this cluster, as a person calls it. */
    void showStatus() throws IOException, InterruptedException {
        quorate("status", "--endpoints", "127.0.0.1:" + portBase);
    }

    private void quorate(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        Path log = dir.resolveSibling("verb.log");
        if (processes.start(log, command).waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed: "
                    + Files.readString(log).strip());
        }
    }

    void awaitAllUp() throws InterruptedException {
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

    String awaitOwner() throws InterruptedException {
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

    static GetStatusResponse status(ManagedChannel channel) {
        return ClusterServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(2, TimeUnit.SECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance());
    }

    /** The node whose server leads. */
    String awaitLeader() throws InterruptedException {
        return Await.answer(
                "a leader",
                READY_WITHIN,
                () -> ask(channel -> {
                    String leader = status(channel).getHeader().getLeader();
                    return nodes().stream()
                            .filter(node -> leader.startsWith(node + "-"))
                            .findFirst()
                            .orElse(null);
                }));
    }

    /** A connection to the server of a node; the caller closes it. */
    ManagedChannel connect(String node) {
        return Channels.open(portBase + nodes().indexOf(node) * PORTS_PER_NODE);
    }

    /** What one server is asked; null is no answer yet. */
    interface Question<T> {
        @Nullable
        T ask(ManagedChannel channel);
    }

    /** Asks the first server that answers. */
    <T> @Nullable T ask(Question<T> question) {
        RuntimeException last = new IllegalStateException("no server");
        for (String node : nodes()) {
            ManagedChannel channel = connect(node);
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

    /** The processes of a node that are ours: its server and its agent, not its services. */
    List<Long> pids(String node) {
        Path home = dir.resolve(node);
        List<String> own = List.of(
                home.resolve("server").toString(), home.resolve("agent.yaml").toString());
        List<Long> pids = ProcessHandle.allProcesses()
                .filter(process -> process.info().arguments().stream()
                        .flatMap(Arrays::stream)
                        .anyMatch(own::contains))
                .map(ProcessHandle::pid)
                .toList();
        if (pids.size() != 2) {
            throw new IllegalStateException(node + " has " + pids.size() + " processes instead of two, see " + dir);
        }
        return pids;
    }

    /** The supervisor: it is the cables between the nodes, and no part of a real cluster. */
    long supervisor() {
        return dev.pid();
    }

    /** It switches its nodes off when it is asked to end. */
    @Override
    public void close() {
        dev.destroy();
        try {
            boolean unused = dev.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        processes.close();
    }
}
