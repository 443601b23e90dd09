package io.quorate.jepsen.real.load;

import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.v1.DrainNodeRequest;
import io.quorate.v1.MoveResourceRequest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.ResumeNodeRequest;
import java.util.List;
import java.util.SplittableRandom;

/** A person who moves services and drains nodes at random. Confined to one thread. */
final class Operator {
    private static final MutationOptions REASON =
            MutationOptions.newBuilder().setReason("fault run").build();

    private final QuorateClient client;
    private final List<String> nodes;
    private final List<String> services;
    private final Counts counts;
    private final SplittableRandom random;
    private String drained = "";

    Operator(QuorateClient client, List<String> nodes, List<String> services, Counts counts, long seed) {
        this.client = client;
        this.nodes = nodes;
        this.services = services;
        this.counts = counts;
        this.random = new SplittableRandom(seed);
    }

    /** Moves something, or drains a node, or resumes the drained one. */
    void step() {
        String node = nodes.get(random.nextInt(nodes.size()));
        String service = services.get(random.nextInt(services.size()));
        boolean move = random.nextInt(3) > 0;
        if (!drained.isEmpty()) {
            resume(drained);
            drained = "";
        } else if (move) {
            count(
                    "move",
                    () -> client.mutate(
                            ResourceServiceGrpc.getMoveResourceMethod(),
                            REASON,
                            options -> MoveResourceRequest.newBuilder()
                                    .setOptions(options)
                                    .setResource(service)
                                    .setToNode(node)
                                    .build()));
        } else {
            drained = node;
            count(
                    "drain",
                    () -> client.mutate(
                            NodeServiceGrpc.getDrainNodeMethod(),
                            REASON,
                            options -> DrainNodeRequest.newBuilder()
                                    .setOptions(options)
                                    .setNode(node)
                                    .build()));
        }
    }

    /** No node stays drained; false when one could not be resumed. */
    boolean resumeAll() {
        boolean all = true;
        for (String node : nodes) {
            all &= resume(node);
        }
        return all;
    }

    private boolean resume(String node) {
        return count(
                "resume",
                () -> client.mutate(
                        NodeServiceGrpc.getResumeNodeMethod(),
                        REASON,
                        options -> ResumeNodeRequest.newBuilder()
                                .setOptions(options)
                                .setNode(node)
                                .build()));
    }

    private boolean count(String what, Runnable call) {
        try {
            call.run();
            counts.add(what);
            return true;
        } catch (QuorateException e) {
            counts.add(what + " " + e.category() + " " + e.code());
            return switch (e.category()) {
                case UNAVAILABLE, OUTCOME_UNKNOWN, TIMED_OUT, ERROR -> false;
                case INVALID, NOT_FOUND, CONFLICT, REFUSED -> true;
            };
        }
    }
}
