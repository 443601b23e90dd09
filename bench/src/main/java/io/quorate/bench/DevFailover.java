package io.quorate.bench;

import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.TransferLeadershipRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The outage that a client sees when every process of a node is killed at once, in a {@code quorate dev} cluster: case a2
 * (the node owns the service and does not lead) and case f (it also leads). The kernel goes on answering, unlike with a
 * real loss of power: that needs root, see {@link LabFailover}.
 */
final class DevFailover {
    private final Options options;
    private final Path dir;
    private final Report report;

    DevFailover(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir.resolve("failover");
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        System.out.printf("%nfailover: quorate dev, all processes of the owner killed at once, default settings;"
                + " outage = last answer before to first answer after, in ms%n");
        try (DevCluster cluster = DevCluster.start(options.launcher(), dir)) {
            cluster.applyService();
            repeat(cluster, "a2", false);
            repeat(cluster, "f", true);
        }
    }

    private void repeat(DevCluster cluster, String name, boolean ownerLeads) throws IOException, InterruptedException {
        for (int i = 0; i < options.repeats(); i++) {
            cluster.awaitAllUp();
            String owner = cluster.awaitOwner();
            lead(cluster, owner, ownerLeads);
            try (OutageClient client = new OutageClient(cluster.servicePort())) {
                client.awaitAnswers();
                cluster.does("kill", owner);
                report.outage(name, client.awaitOutage().toMillis());
            }
            cluster.does("heal", owner);
        }
        System.out.println(report.outages(name));
    }

    private static void lead(DevCluster cluster, String owner, boolean ownerLeads) throws InterruptedException {
        String wanted = ownerLeads ? owner : (owner.equals("n1") ? "n2" : "n1");
        Await.answer(
                "leadership of " + wanted,
                DevCluster.READY_WITHIN,
                () -> cluster.ask(channel -> {
                    String leader = DevCluster.status(channel).getHeader().getLeader();
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
}
