package io.quorate.server.verb;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.snapshot.SnapshotWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The backup of a cluster "prod" of one voter that has done nothing yet. */
final class SampleBackup {
    static final String CLUSTER_ID = "0123456789abcdef0123456789abcdef";

    private SampleBackup() {}

    static void write(Path file) throws IOException {
        Command init = Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init"))
                .setInitCluster(InitCluster.newBuilder()
                        .setClusterId(CLUSTER_ID)
                        .setClusterName("prod")
                        .setGeneration(1)
                        .addVoters(new VoterAddresses("127.0.0.1", 7400).row("n1-7f3a", "n1")))
                .build();
        LogEntry entry = LogEntry.newBuilder()
                .setStamp(Stamp.newBuilder().setLogMillis(1).setWallMillis(1_800_000_000_000L))
                .addCommands(init)
                .build();
        ClusterState state = new Applier(RuleTable.standard())
                .apply(ClusterState.empty(), entry, 1)
                .state();
        try (OutputStream out = Files.newOutputStream(file)) {
            SnapshotWriter.write(state, out, "test");
        }
    }
}
