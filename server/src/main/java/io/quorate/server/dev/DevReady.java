package io.quorate.server.dev;

import io.quorate.client.ClientConfig;
import io.quorate.client.Endpoint;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.server.agent.AgentMain;
import io.quorate.server.time.Clock;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.ResourceServiceGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** When a dev cluster is ready: its fence device is applied and every node is up; and when a node is up again. */
final class DevReady {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration UP_AGAIN_WITHIN = Duration.ofSeconds(60);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
    private static final long LOOK_AGAIN_MILLIS = 50;

    private DevReady() {}

    /**
     * Waits until it is ready; gives the line that tells people about it.
     *
     * @param ended says that something ended which must run: then it does not become ready, and there is no need to wait
     */
    static String await(DevLayout layout, Supplier<Optional<String>> ended) throws IOException, InterruptedException {
        try (QuorateClient client = client(layout)) {
            Clock clock = Clock.system();
            long deadline = clock.monotonicNanos() + READY_WITHIN.toNanos();
            boolean applied = false;
            while (clock.monotonicNanos() - deadline < 0) {
                Optional<String> missing = ended.get();
                if (missing.isPresent()) {
                    throw new IOException(missing.get());
                }
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
                    if (up == layout.nodes()) {
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

    /** A client of all its servers. */
    static QuorateClient client(DevLayout layout) {
        Endpoint[] endpoints = layout.nodeNames().stream()
                .map(node -> new Endpoint("127.0.0.1", layout.apiPort(node)))
                .toArray(Endpoint[]::new);
        return QuorateClient.create(ClientConfig.loopback(endpoints));
    }

    /**
     * Switches a node on and waits until it is up in a life of its own. The fencing of its earlier life may come only now
     * and take the new one: then it is switched on again.
     *
     * @return false when the cluster has not said so in time, as one without a majority
     */
    static boolean switchOn(DevLayout layout, DevPower power, DevNodes nodes, String name)
            throws IOException, InterruptedException {
        try (QuorateClient client = client(layout)) {
            // From its own disk: a cluster that does not answer now may answer later, and still speak of the former
            // life.
            long earlier = AgentMain.lastIncarnation(layout.agentData(name));
            Clock clock = Clock.system();
            long deadline = clock.monotonicNanos() + UP_AGAIN_WITHIN.toNanos();
            do {
                if (power.processes(name).isEmpty()) {
                    nodes.start(name);
                }
                boolean up = node(client, name)
                        .filter(node -> node.getPhase() == NodePhase.NODE_PHASE_UP && node.getIncarnation() > earlier)
                        .isPresent();
                if (up) {
                    return true;
                }
                Thread.sleep(LOOK_AGAIN_MILLIS);
            } while (clock.monotonicNanos() - deadline < 0);
            return false;
        }
    }

    private static Optional<Node> node(QuorateClient client, String name) {
        try {
            return client
                    .read(ClusterServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance(), ANSWER_WITHIN)
                    .getNodesList()
                    .stream()
                    .filter(node -> node.getMeta().getName().equals(name))
                    .findFirst();
        } catch (QuorateException noAnswer) {
            return Optional.empty();
        }
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
}
