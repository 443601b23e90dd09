package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NoAmnesia: which directories a member refuses, and what it tells its operator to do. */
class DataDirectoryTest {

    @TempDir
    Path root;

    private TestGroup group;
    private VoterRow voter;
    private Path directory;

    /** One voter with a few commands in its log, stopped. */
    @BeforeEach
    void write() throws Exception {
        group = new TestGroup(root, 1).format();
        voter = group.voters.get(0);
        directory = group.directory(voter.getId());
        run(3);
    }

    private void run(int commands) throws Exception {
        RaftNode node = group.start(voter);
        group.accepted(Commands.registerNode());
        for (int number = 0; number < commands; number++) {
            group.accepted(Commands.set("a", "value " + number));
        }
        long revision = node.applied().revision();
        Awaitility.await()
                .atMost(TestGroup.PATIENCE)
                .until(() -> Watermark.read(directory).revision() == revision);
        group.stop(voter.getId());
    }

    private StartRefusedException refusal() {
        return refusal(DataDirectory.Expected.anything());
    }

    private StartRefusedException refusal(DataDirectory.Expected expected) {
        try {
            DataDirectory.open(directory, expected);
        } catch (StartRefusedException e) {
            return e;
        }
        throw new AssertionError("the directory was accepted");
    }

    private Path log() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("log_"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    @Test
    void aHealthyDirectoryIsOpened() throws Exception {
        DataDirectory opened = DataDirectory.open(
                directory,
                new DataDirectory.Expected(
                        Optional.of("n1"), Optional.of(voter.getId()), Optional.of(group.clusterId)));
        assertThat(opened.identity().voters()).containsExactly(voter);
        assertThat(opened.watermark().revision()).isGreaterThan(3);
    }

    @Test
    void anEmptyDirectoryIsNotFormattedInSilence() throws Exception {
        directory = Files.createDirectory(root.resolve("empty"));
        StartRefusedException refusal = refusal();
        assertThat(refusal.reason()).isEqualTo(Reason.NOT_INITIALIZED);
        assertThat(refusal).hasMessageContaining("quorate init").hasMessageContaining("quorate member token");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aMemberWhoseLogIsGoneDoesNotVoteUnderItsOldId() throws Exception {
        delete(directory.resolve("raft"));
        StartRefusedException refusal = refusal();
        assertThat(refusal.reason()).isEqualTo(Reason.MEMORY_LOST);
        assertThat(refusal).hasMessageContaining(" --node n1 --address IP --replace");
    }

    @Test
    void aMemberThatCannotReadItsNameIsToldACommandThatCanBeTyped() throws Exception {
        Files.writeString(directory.resolve(MemberIdentity.FILE), "format=0\n");
        StartRefusedException refusal = refusal();
        assertThat(refusal.reason()).isEqualTo(Reason.CORRUPT);
        assertThat(refusal).hasMessageContaining(" --node NAME --address IP --replace");
    }

    @Test
    void theDirectoryOfAnotherNodeMemberOrClusterIsRefused() {
        assertThat(List.of(
                        refusal(new DataDirectory.Expected(Optional.of("n2"), Optional.empty(), Optional.empty())),
                        refusal(new DataDirectory.Expected(
                                Optional.empty(), Optional.of("n1-ffff0"), Optional.empty())),
                        refusal(new DataDirectory.Expected(Optional.empty(), Optional.empty(), Optional.of("other")))))
                .allSatisfy(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.FOREIGN_DIRECTORY));
    }

    @Test
    void theLogOfAnotherMemberUnderThisIdentityIsRefused() throws Exception {
        // The identity of a fresh member of the same group, over the log of n1.
        TestGroup other = new TestGroup(root.resolve("other"), 1);
        Path stolen = other.directory("stolen");
        ClusterBootstrap.format(
                stolen,
                other.voters,
                group.clusterId,
                "test",
                1,
                other.voters.get(0).getId(),
                Optional.empty(),
                "test");
        Files.copy(
                stolen.resolve(MemberIdentity.FILE),
                directory.resolve(MemberIdentity.FILE),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(refusal().reason()).isEqualTo(Reason.FOREIGN_DIRECTORY);
    }

    @Test
    void aLogThatEndsBelowTheWatermarkWasRolledBack() throws Exception {
        Path older = root.resolve("older");
        copy(directory.resolve("raft"), older);
        run(5);
        delete(directory.resolve("raft"));
        copy(older, directory.resolve("raft"));
        StartRefusedException refusal = refusal();
        assertThat(refusal.reason()).isEqualTo(Reason.ROLLED_BACK);
        assertThat(refusal)
                .hasMessageContaining("acknowledged 1:")
                .hasMessageContaining(" --node n1 --address IP --replace");
    }

    @Test
    void aTruncatedLogIsRefused() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "rw")) {
            file.setLength(lengthOfEntries(file) / 2);
        }
        assertThat(refusal().reason()).isEqualTo(Reason.ROLLED_BACK);
    }

    @Test
    void aFlippedBitInTheLogIsRefused() throws Exception {
        flip(log(), 60);
        StartRefusedException refusal = refusal();
        assertThat(refusal.reason()).isEqualTo(Reason.CORRUPT);
        assertThat(refusal).hasMessageContaining("damaged");
    }

    @Test
    void aDamagedWatermarkIsRefused() throws Exception {
        Files.writeString(directory.resolve(Watermark.FILE), "1 2 3 4 0\n");
        assertThat(refusal().reason()).isEqualTo(Reason.CORRUPT);
        Files.delete(directory.resolve(Watermark.FILE));
        assertThat(refusal().reason()).isEqualTo(Reason.CORRUPT);
    }

    @Test
    void aDirectoryThatIsNotEmptyIsNeverFormatted() {
        assertThatThrownBy(() -> group.format()).isInstanceOf(IOException.class).hasMessageContaining("not empty");
    }

    @Test
    void aFormattingThatEndedBeforeItsMarkWasThereIsDoneAgain() throws Exception {
        TestGroup begun = new TestGroup(root.resolve("begun"), 1);
        Path empty = Files.createDirectories(begun.directory(begun.voters.get(0).getId()));
        Files.createFile(empty.resolve("formatting.tmp"));
        begun.format();
        assertThat(DataDirectory.isFormatted(empty)).isTrue();
        assertThat(empty.resolve("formatting.tmp")).doesNotExist();
    }

    /** It would begin as an empty cluster under the name of the restored one. */
    @Test
    void aRestoredStateThatIsGoneBeforeTheFirstStartIsMissed() throws Exception {
        MemberIdentity identity = new MemberIdentity(voter.getId(), group.clusterId, "test", 1, false, List.of(voter));
        RaftNode node = group.start(voter);
        ClusterState state = group.read();
        group.stop(node.memberId());
        directory = root.resolve("restored");
        DataDirectory.format(directory, identity, Optional.of(state), "test");
        assertThat(DataDirectory.open(directory, DataDirectory.Expected.anything())
                        .snapshot())
                .isPresent();
        try (Stream<Path> files = Files.walk(directory)) {
            Files.delete(files.filter(file -> file.endsWith("snapshot.1_0"))
                    .findFirst()
                    .orElseThrow());
        }
        StartRefusedException refusal = refusal();
        assertThat(refusal.reason()).isEqualTo(Reason.MEMORY_LOST);
        assertThat(refusal)
                .hasMessageContaining("has lost its snapshot")
                .hasMessageContaining("quorate restore")
                .hasMessageContaining(" --node n1 --address IP --replace");
    }

    @Test
    void aFreshIdentityNeverRepeats() {
        assertThat(ClusterBootstrap.newMemberId("n1")).matches("n1-[0-9a-f]{4}");
        assertThat(ClusterBootstrap.newClusterId()).isNotEqualTo(ClusterBootstrap.newClusterId());
    }

    private static long lengthOfEntries(RandomAccessFile file) throws IOException {
        long end = file.length();
        do {
            end--;
            file.seek(end);
        } while (file.read() == 0);
        return end + 1;
    }

    static void flip(Path file, long offset) throws IOException {
        flip(file, offset, 4);
    }

    static void flip(Path file, long offset, int bit) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(offset);
            int value = bytes.read();
            bytes.seek(offset);
            bytes.write(value ^ (1 << bit));
        }
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
