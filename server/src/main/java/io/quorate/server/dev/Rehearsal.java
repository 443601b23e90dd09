package io.quorate.server.dev;

import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.manifest.ManifestException;
import io.quorate.client.manifest.ManifestLoader;
import io.quorate.server.time.Clock;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.DeleteObjectRequest;
import io.quorate.v1.FenceNodeRequest;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.Group;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * A failover in small: a service starts, its node is fenced, it starts on the other node and is deleted. The warm-up does it
 * once, so that the first failover of a cluster, which somebody waits for, does not look for its classes.
 */
final class Rehearsal {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final Duration AGENT_ENDS_WITHIN = Duration.ofSeconds(5);
    private static final long LOOK_AGAIN_MILLIS = 50;
    private static final String AGENT = "ocf_rehearsal";
    private static final String SERVICE = "rehearsal";

    private final DevLayout layout;
    private final QuorateClient client;
    private final MutationOptions options =
            MutationOptions.newBuilder().setReason("quorate dev warm-up").build();

    Rehearsal(DevLayout layout, QuorateClient client) {
        this.layout = layout;
        this.client = client;
    }

    /** Puts its resource agent in place; gives the directory of agents to look in. Before the nodes' agents start. */
    static Path installAgent(Path dir) throws IOException {
        Path root = dir.resolve("ocf");
        Path agent = root.resolve("resource.d").resolve("quorate").resolve(SERVICE);
        Files.createDirectories(agent.getParent());
        try (InputStream in = Objects.requireNonNull(Rehearsal.class.getResourceAsStream(AGENT))) {
            Files.copy(in, agent);
        }
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
        return root;
    }

    /**
     * From the first start to the last stop.
     *
     * @param agent of n1, ended before that is fenced: fencing kills the processes of a node, and its agent lives in this one
     * @throws IOException when it has not come to its end in time, or the cluster refused a part of it
     */
    void run(Thread agent) throws IOException, InterruptedException {
        try {
            apply();
            await("nothing runs on n1", () -> runsOn("n1"));
            agent.interrupt();
            agent.join(AGENT_ENDS_WITHIN.toMillis());
            client.mutate(
                    NodeServiceGrpc.getFenceNodeMethod(),
                    options,
                    with -> FenceNodeRequest.newBuilder()
                            .setOptions(with)
                            .setNode("n1")
                            .build());
            await("it has not moved to n2", () -> runsOn("n2"));
            client.mutate(
                    ResourceServiceGrpc.getDeleteObjectMethod(),
                    options,
                    with -> DeleteObjectRequest.newBuilder()
                            .setOptions(with)
                            .setObject("groups/" + SERVICE)
                            .build());
            await("it was deleted and still runs", () -> groups().isEmpty());
        } catch (QuorateException | ManifestException e) {
            throw new IOException("the rehearsal of a failover: " + e.getMessage(), e);
        }
    }

    private void apply() throws ManifestException {
        // What answers for the health of the process is n1's server.
        String group = """
                kind: Group
                name: %s
                members:
                  - name: file
                    type: ocf:quorate:rehearsal
                    params: {state: "%s"}
                  - name: process
                    process:
                      command: [sleep, "600"]
                      health: {http: "http://127.0.0.1:%d/healthz", interval: 1s, timeout: 1s}
                      stopGrace: 1s
                placement: {prefer: {n1: 100}}
                """.formatted(SERVICE, layout.dir().resolve("state"), layout.apiPort("n1") + 1);
        List<Manifest> manifests = ManifestLoader.loadText("rehearsal.yaml", group);
        client.mutate(
                ResourceServiceGrpc.getApplyManifestsMethod(),
                options,
                with -> ApplyManifestsRequest.newBuilder()
                        .setOptions(with)
                        .addAllManifests(manifests)
                        .build());
    }

    private boolean runsOn(String node) {
        return groups().stream()
                .flatMap(group -> group.getStatus().getInstancesList().stream())
                .anyMatch(instance -> instance.getState() == RunState.RUN_STATE_RUNNING
                        && instance.getNode().equals(node));
    }

    private List<Group> groups() {
        return client.read(ClusterServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance())
                .getGroupsList();
    }

    private static void await(String otherwise, BooleanSupplier condition) throws IOException, InterruptedException {
        Clock clock = Clock.system();
        long deadline = clock.monotonicNanos() + WITHIN.toNanos();
        while (!condition.getAsBoolean()) {
            if (clock.monotonicNanos() - deadline > 0) {
                throw new IOException(
                        "the rehearsal of a failover: " + otherwise + " after " + WITHIN.toSeconds() + " s");
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
    }
}
