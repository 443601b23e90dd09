package io.quorate.server.dev;

import io.quorate.client.ClientConfig;
import io.quorate.client.Endpoint;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.ResourceServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate dev}: a whole cluster on loopback, each node its own processes, no root. */
@Command(
        description = "Start a cluster of nodes on loopback, with a page and a fence device; Ctrl-C stops it.",
        footer = {"", "Examples:", "  quorate dev", "  quorate dev --nodes 5 --port-base 8400 --keep"})
public final class DevVerb implements Callable<Integer> {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final long LOOK_AGAIN_MILLIS = 50;

    private final CliContext context;
    private final CountDownLatch ended = new CountDownLatch(1);

    @Option(names = "--nodes", defaultValue = "3", description = "1, 3, 5 or 7 (default: ${DEFAULT-VALUE})")
    private int nodes = 3;

    @Option(
            names = "--port-base",
            defaultValue = "7400",
            description = "API port of n1; ten ports for each node (default: ${DEFAULT-VALUE})")
    private int portBase = 7400;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where it lives (default: below the temporary directory)")
    private @Nullable Path dir;

    @Option(names = "--keep", description = "Leave data and logs when it ends")
    private boolean keep;

    public DevVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run();
        } catch (IOException e) {
            return fail(String.valueOf(e.getMessage()), ExitCodes.ERROR);
        }
    }

    private int run() throws IOException, InterruptedException {
        String launcher = DevSupport.launcher(context);
        if (nodes < 1 || nodes > 7 || nodes % 2 == 0) {
            return fail("--nodes: 1, 3, 5 or 7", ExitCodes.USAGE);
        }
        if (portBase < 1024 || portBase + nodes * DevLayout.PORTS_PER_NODE > 65_535) {
            return fail(
                    "--port-base: between 1024 and " + (65_535 - nodes * DevLayout.PORTS_PER_NODE), ExitCodes.USAGE);
        }
        Path home = dir == null ? DevLayout.defaultDir(portBase) : dir.toAbsolutePath();
        DevLayout layout = new DevLayout(home, portBase, nodes);
        DevPower power = new DevPower(layout);
        clearLeftOver(home);
        Integer taken = takenPort(layout);
        if (taken != null) {
            return fail("port " + taken + " is taken: choose others with --port-base", ExitCodes.ERROR);
        }
        Files.createDirectories(home);
        CliContext.Registration onInterrupt = context.interrupts().onInterrupt(() -> stop(layout, power));
        try {
            layout.write();
            Files.writeString(
                    home.resolve("supervisor"),
                    Long.toString(ProcessHandle.current().pid()));
            power.install();
            DevNodes processes = new DevNodes(layout, launcher);
            processes.format();
            for (String node : layout.nodeNames()) {
                processes.start(node);
            }
            String summary = awaitReady(layout);
            context.out().println(summary);
            context.out().println("logs: " + home + "/n*/*.log");
            context.out().flush();
            ended.await();
        } finally {
            onInterrupt.close();
        }
        return ExitCodes.OK;
    }

    private int fail(String message, int code) {
        context.err().println("error: " + message);
        return code;
    }

    /** A cluster whose supervisor was killed leaves processes and files: they go before a new one comes. */
    private static void clearLeftOver(Path home) throws IOException, InterruptedException {
        if (!Files.exists(home.resolve("cluster"))) {
            if (Files.exists(home) && !DevSupport.isEmpty(home)) {
                throw new IOException(home + " is not empty and holds no dev cluster: choose another --dir");
            }
            return;
        }
        Path supervisor = home.resolve("supervisor");
        boolean alive = Files.exists(supervisor)
                && ProcessHandle.of(Long.parseLong(Files.readString(supervisor).strip()))
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
        if (alive) {
            throw new IOException("a dev cluster runs in " + home + " already: choose another --port-base");
        }
        DevLayout old = DevLayout.read(home);
        DevPower power = new DevPower(old);
        power.install();
        for (String node : old.nodeNames()) {
            power.off(node);
        }
        delete(home);
    }

    private static @Nullable Integer takenPort(DevLayout layout) throws IOException {
        for (int port : layout.ports()) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (java.net.BindException e) {
                return port;
            }
        }
        return null;
    }

    private String awaitReady(DevLayout layout) throws IOException, InterruptedException {
        List<Endpoint> endpoints = new ArrayList<>();
        layout.nodeNames().forEach(node -> endpoints.add(new Endpoint("127.0.0.1", layout.apiPort(node))));
        try (QuorateClient client = QuorateClient.create(ClientConfig.loopback(endpoints.toArray(Endpoint[]::new)))) {
            long deadline = System.nanoTime() + READY_WITHIN.toNanos();
            boolean applied = false;
            while (System.nanoTime() < deadline) {
                try {
                    if (!applied) {
                        client.mutate(
                                ResourceServiceGrpc.getApplyManifestsMethod(),
                                MutationOptions.newBuilder()
                                        .setReason("quorate dev")
                                        .build(),
                                options -> ApplyManifestsRequest.newBuilder()
                                        .setOptions(options)
                                        .addManifests(powerDevice(layout))
                                        .build());
                        applied = true;
                    }
                    GetStatusResponse status =
                            client.read(ClusterServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance());
                    long up = status.getNodesList().stream()
                            .filter(node -> node.getPhase() == NodePhase.NODE_PHASE_UP)
                            .count();
                    if (up == nodes) {
                        return summary(layout, status);
                    }
                } catch (QuorateException notYet) {
                    // Servers are starting: the next look tells more, the deadline bounds it.
                }
                Thread.sleep(LOOK_AGAIN_MILLIS);
            }
        }
        throw new IOException(
                "the nodes are not up after " + READY_WITHIN.toSeconds() + " s: see " + layout.dir() + "/n*/*.log");
    }

    private static Manifest powerDevice(DevLayout layout) {
        FenceDeviceSpec.Builder device = FenceDeviceSpec.newBuilder()
                .setType("fence_quorate_dev")
                .putParams("dir", layout.dir().toString());
        layout.nodeNames()
                .forEach(node -> device.putPerNode(
                        node, FenceTarget.newBuilder().putParams("plug", node).build()));
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("dev-power"))
                .setFenceDevice(device)
                .build();
    }

    private static String summary(DevLayout layout, GetStatusResponse status) {
        List<String> parts = new ArrayList<>();
        String leader = status.getHeader().getLeader();
        for (String node : layout.nodeNames()) {
            boolean leads = leader.startsWith(node + "-");
            parts.add(node + " 127.0.0.1:" + layout.apiPort(node) + " voter" + (leads ? " leader" : ""));
        }
        parts.add("status http 127.0.0.1:" + (layout.portBase() + 1));
        int losses = (layout.nodes() - 1) / 2;
        parts.add(
                losses == 0
                        ? "does not survive the loss of its node"
                        : "survives the loss of any " + losses + (losses == 1 ? " node" : " nodes"));
        parts.add("Ctrl-C stops");
        return String.join(" · ", parts);
    }

    private void stop(DevLayout layout, DevPower power) {
        try {
            for (String node : layout.nodeNames()) {
                power.off(node);
            }
            Files.deleteIfExists(layout.dir().resolve("supervisor"));
            if (keep) {
                context.err().println("stopped; kept: " + layout.dir());
            } else {
                delete(layout.dir());
                context.err().println("stopped; " + layout.dir() + " deleted (--keep keeps it)");
            }
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
