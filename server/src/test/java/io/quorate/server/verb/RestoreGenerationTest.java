package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.snapshot.SnapshotWriter;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** GenerationFloor: which generation a restore begins, by what this host can know. */
class RestoreGenerationTest {
    private static final String CLUSTER = "4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a";
    private static final VoterRow VOTER = VoterRow.newBuilder()
            .setId("n1-aaaa")
            .setName("n1")
            .setRaftEndpoint("127.0.0.1:17402")
            .build();
    private static final String FIRST_DAY = "2026-01-01T00:00:00Z";

    @TempDir
    private Path host;

    private final StringWriter said = new StringWriter();
    private int runs;

    @BeforeEach
    void backupOfGenerationFour() throws Exception {
        Command init = Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init"))
                .setInitCluster(InitCluster.newBuilder()
                        .setClusterId(CLUSTER)
                        .setClusterName("prod")
                        .setGeneration(4)
                        .addVoters(VOTER))
                .build();
        ClusterState state = new Applier(RuleTable.standard())
                .apply(
                        ClusterState.empty(),
                        LogEntry.newBuilder().addCommands(init).build(),
                        1)
                .state();
        try (OutputStream out = Files.newOutputStream(host.resolve("prod.qbk"))) {
            SnapshotWriter.write(state, out, "test");
        }
    }

    private Path formatted(String name, int generation) throws Exception {
        Path directory = host.resolve(name);
        ClusterBootstrap.format(
                directory, List.of(VOTER), CLUSTER, "prod", generation, VOTER.getId(), Optional.empty(), "test");
        return directory;
    }

    private int restore(String now, String... more) {
        CliContext context = new CliContext(
                new PrintWriter(said, true),
                new PrintWriter(said, true),
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                Map.of(),
                new ClientContexts(Map.of(), List.of()),
                host,
                () -> Instant.parse(now).toEpochMilli(),
                ZoneOffset.UTC,
                action -> () -> {});
        Path fresh = host.resolve("run" + ++runs);
        List<String> arguments = new ArrayList<>(List.of(
                "--from=" + host.resolve("prod.qbk"),
                "--node=n1",
                "--address=127.0.0.1:17400",
                "--loopback-plaintext",
                "--yes",
                "--data=" + fresh.resolve("data"),
                "--config=" + fresh.resolve("server.yaml")));
        arguments.addAll(List.of(more));
        said.getBuffer().setLength(0);
        return new CommandLine(new RestoreVerb(context)).execute(arguments.toArray(String[]::new));
    }

    @Test
    void itIsAboveTheBackupsAndAboveEveryDirectoryThatIsReplaced() throws Exception {
        assertThat(restore(FIRST_DAY)).as(said.toString()).isEqualTo(ExitCodes.OK);
        assertThat(said.toString()).contains("generation 5 of prod");
        String replaced = formatted("old", 9) + "," + formatted("older", 6);
        assertThat(restore(FIRST_DAY, "--replaces=" + replaced)).isEqualTo(ExitCodes.OK);
        assertThat(said.toString()).contains("generation 10 of prod");
    }

    @Test
    void itIsAtLeastTheDay() {
        assertThat(restore("2026-07-01T12:00:00Z")).as(said.toString()).isEqualTo(ExitCodes.OK);
        assertThat(said.toString()).contains("generation 182 of prod");
    }

    /** All voters must be given the same, so a person may choose; but never one that something may have seen. */
    @Test
    void oneThatAPersonChoosesIsNotBelowThat() throws Exception {
        String replaced = "--replaces=" + formatted("old", 9);
        assertThat(restore(FIRST_DAY, replaced, "--generation=9")).isEqualTo(ExitCodes.USAGE);
        assertThat(said.toString()).contains("--generation: from 10 to");
        assertThat(restore(FIRST_DAY, replaced, "--generation=32768")).isEqualTo(ExitCodes.USAGE);
        assertThat(restore(FIRST_DAY, replaced, "--generation=12")).isEqualTo(ExitCodes.OK);
        assertThat(said.toString()).contains("generation 12 of prod");
    }

    @Test
    void aDirectoryThatSaysNothingIsNotTakenForOneThatWasReplaced() throws Exception {
        Path empty = Files.createDirectory(host.resolve("empty"));
        assertThat(restore(FIRST_DAY, "--replaces=" + empty)).isEqualTo(ExitCodes.REFUSED);
    }
}
