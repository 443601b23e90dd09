package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.statemachine.model.ClusterState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots: taken, purged behind, read at start, sent to members that are too far behind, refused when damaged. */
class SnapshotTest {

    /** Several segments of the log, and several snapshots. */
    private static final int ENTRIES = 800;

    @TempDir
    Path root;

    private static Path newestSnapshot(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .max(Comparator.comparingLong(SnapshotTest::index))
                    .orElseThrow(() -> new IOException("no snapshot yet"));
        }
    }

    private static long index(Path snapshot) {
        String name = snapshot.getFileName().toString();
        return Long.parseLong(name.substring(name.indexOf('_') + 1));
    }

    private static CommandResult fill(TestGroup group, int entries) throws Exception {
        CommandResult last = group.accepted(Commands.set("a", "first"));
        for (int number = 0; number < entries; number++) {
            last = group.accepted(Commands.set("a", number + " value ".repeat(20)));
        }
        return last;
    }

    @Test
    void aMemberStartsFromItsSnapshotAndRefusesADamagedOne() throws Exception {
        try (TestGroup group = new TestGroup(root, 1).format()) {
            group.settings = group.settings.withSnapshots(50, 10, 64 << 10);
            VoterRow voter = group.voters.get(0);
            RaftNode node = group.start(voter);
            group.accepted(Commands.registerNode());
            fill(group, 120);
            Path directory = group.directory(voter.getId());
            Awaitility.await()
                    .ignoreExceptions()
                    .atMost(TestGroup.PATIENCE)
                    .until(() -> index(newestSnapshot(directory)) >= 50);
            ClusterState before = node.applied();
            group.stop(voter.getId());

            DataDirectory opened = DataDirectory.open(directory, DataDirectory.Expected.anything());
            assertThat(opened.snapshot()).isPresent();
            group.start(voter);
            assertThat(group.read().digest()).isEqualTo(before.digest());
            group.stop(voter.getId());

            Path snapshot = newestSnapshot(directory);
            DataDirectoryTest.flip(snapshot, Files.size(snapshot) / 2);
            refused(directory);
            DataDirectoryTest.flip(snapshot, Files.size(snapshot) / 2);
            try (RandomAccessFile file = new RandomAccessFile(snapshot.toFile(), "rw")) {
                file.setLength(file.length() - 10);
            }
            refused(directory);
            assertThat(group.lastWords).isEmpty();
        }
    }

    private static void refused(Path directory) {
        Assertions.assertThatThrownBy(() -> DataDirectory.open(directory, DataDirectory.Expected.anything()))
                .isInstanceOfSatisfying(StartRefusedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.CORRUPT);
                    assertThat(e)
                            .hasMessageContaining("snapshot")
                            .hasMessageContaining(" --node n1 --address IP --replace");
                });
    }

    @Test
    void aMemberThatIsTooFarBehindGetsTheLeadersSnapshot() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.settings = group.settings.withSnapshots(100, 10, 64 << 10);
            group.startAll();
            RaftNode leader = group.leader();
            group.accepted(Commands.registerNode());
            VoterRow behind = group.voters.stream()
                    .filter(voter -> !voter.getId().equals(leader.memberId()))
                    .findFirst()
                    .orElseThrow();
            group.stop(behind.getId());
            // More than the log keeps behind a snapshot.
            CommandResult last = fill(group, ENTRIES);
            Path log = group.directory(leader.memberId());
            Awaitility.await()
                    .ignoreExceptions()
                    .atMost(TestGroup.PATIENCE)
                    .until(() -> index(newestSnapshot(log)) > ENTRIES - 200);

            RaftNode back = group.start(behind);
            ClusterState state = back.whenApplied(last.getPosition()).get(30, TimeUnit.SECONDS);
            assertThat(Commands.get(state, "a")).startsWith((ENTRIES - 1) + " value");
            assertThat(state.digest()).isEqualTo(group.leader().applied().digest());
            assertThat(group.lastWords).isEmpty();
            group.stop(behind.getId());
            DataDirectory opened =
                    DataDirectory.open(group.directory(behind.getId()), DataDirectory.Expected.anything());
            long first = LogScan.of(
                            opened.raft()
                                    .resolve(opened.identity().groupId().toString())
                                    .resolve("current"),
                            -1)
                    .firstIndex();
            assertThat(first).as("the entries before came as a snapshot").isGreaterThan(100);
        }
    }

    /** Each read barrier is an entry: a cluster that is only read must not keep them all. */
    @Test
    void aClusterThatIsOnlyReadPurgesItsLog() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.settings = group.settings.withSnapshots(200, 10, 64 << 10);
            group.startAll();
            CommandResult before = group.accepted(Commands.registerNode());
            long read = 0;
            // Far more than fits into the segments that may be left.
            while (read < 6_000) {
                group.read();
                read++;
            }
            RaftNode leader = group.leader();
            assertThat(leader.applied().position()).as("reads change nothing").isEqualTo(before.getPosition());
            long logged = leader.members().stream()
                    .mapToLong(MemberProgress::matchIndex)
                    .max()
                    .orElseThrow();
            assertThat(logged).as("each barrier is an entry").isGreaterThanOrEqualTo(read);
            for (VoterRow voter : group.voters) {
                Path directory = group.directory(voter.getId());
                Awaitility.await().ignoreExceptions().atMost(TestGroup.PATIENCE).untilAsserted(() -> {
                    assertThat(firstLogged(directory))
                            .as("first entry of %s, of %s", voter.getName(), logged)
                            .isGreaterThan(logged - 3_000);
                    assertThat(index(newestSnapshot(directory))).isGreaterThan(logged - 500);
                });
            }
            List.copyOf(group.running.keySet()).forEach(group::stop);
            group.startAll();
            ClusterState again = group.read();
            assertThat(again.position()).isEqualTo(before.getPosition());
            assertThat(group.lastWords).isEmpty();
        }
    }

    private static long firstLogged(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("log_"))
                    .mapToLong(name -> Long.parseLong(name.replaceFirst("^\\D*(\\d+).*$", "$1")))
                    .min()
                    .orElseThrow(() -> new IOException("no log yet"));
        }
    }

    @Test
    void aGroupBeginsWithTheStateOfARestore() throws Exception {
        ClusterState restored;
        try (TestGroup group = new TestGroup(root.resolve("old"), 1).format().startAll()) {
            RaftNode leader = group.leader();
            group.accepted(Commands.registerNode());
            group.accepted(Commands.set("a", "from the backup"));
            restored = leader.applied();
        }
        try (TestGroup group = new TestGroup(root.resolve("new"), 3)) {
            for (VoterRow voter : group.voters) {
                ClusterBootstrap.format(
                        group.directory(voter.getId()),
                        group.voters,
                        restored.meta().getClusterId(),
                        "test",
                        1,
                        voter.getId(),
                        Optional.of(restored),
                        "test");
            }
            group.startAll();
            RaftNode leader = group.leader();
            assertThat(leader.applied().position()).isEqualTo(restored.position());
            CommandResult next = group.accepted(Commands.set("b", "new"));
            for (RaftNode node : group.running.values()) {
                ClusterState state = node.whenApplied(next.getPosition()).get(10, TimeUnit.SECONDS);
                assertThat(Commands.get(state, "a")).isEqualTo("from the backup");
            }
            assertThat(group.lastWords).isEmpty();
        }
    }
}
