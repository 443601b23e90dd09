package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.statemachine.model.ClusterState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A voter whose log or snapshot is damaged, foreign or incomplete refuses to start and says what to do; what a crash
 * leaves behind does not keep it from starting.
 */
class DamagedDirectoryTest {

    private static final String BIG = "value ".repeat(150);
    private static final int SECTOR = 512;

    /** One member with several segments of log and no snapshot, and one with a snapshot and the log behind it. */
    @TempDir
    static Path templates;

    private static TestGroup withLog;
    private static TestGroup withSnapshot;
    private static TestGroup foreign;

    @TempDir
    Path root;

    private TestGroup group;
    private VoterRow voter;

    @BeforeAll
    static void write() throws Exception {
        withLog = new TestGroup(templates.resolve("log"), 1).format();
        withLog.settings = withLog.settings.withSnapshots(1_000_000, 10, 64 << 10);
        fill(withLog, 250);
        withSnapshot = new TestGroup(templates.resolve("snapshot"), 1).format();
        withSnapshot.settings = withSnapshot.settings.withSnapshots(40, 10, 64 << 10);
        fill(withSnapshot, 100);
        foreign = new TestGroup(templates.resolve("foreign"), 1).format();
        foreign.settings = withSnapshot.settings;
        fill(foreign, 100);
    }

    private static void fill(TestGroup group, int commands) throws Exception {
        VoterRow voter = group.voters.get(0);
        RaftNode node = group.start(voter);
        group.accepted(Commands.registerNode());
        for (int number = 0; number < commands; number++) {
            group.accepted(Commands.set("a", number + BIG));
        }
        stopAtWatermark(group, node);
    }

    private static void stopAtWatermark(TestGroup group, RaftNode node) {
        long revision = node.applied().revision();
        Path directory = group.directory(node.memberId());
        Awaitility.await()
                .atMost(TestGroup.PATIENCE)
                .until(() -> Watermark.read(directory).revision() == revision);
        group.stop(node.memberId());
    }

    @BeforeEach
    void useLog() throws IOException {
        use(withLog);
    }

    /** The directory of that member, as it was when it stopped. */
    private void use(TestGroup template) throws IOException {
        Path used = root.resolve("used");
        if (Files.exists(used)) {
            DataDirectoryTest.delete(used);
        }
        group = template.at(Files.createDirectory(used));
        voter = template.voters.get(0);
        DataDirectoryTest.copy(template.directory(voter.getId()), group.directory(voter.getId()));
    }

    @AfterEach
    void stop() {
        group.close();
    }

    private static List<Path> files(Path tree, String pattern) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .sorted(Comparator.comparingLong(DamagedDirectoryTest::number))
                    .toList();
        }
    }

    /** Log segments begin with the index of their first entry, snapshots end with that of their last. */
    private static long number(Path file) {
        String name = file.getFileName().toString().replaceFirst("^snapshot\\.\\d+_", "");
        return Long.parseLong(name.replaceFirst("^\\D*(\\d+).*$", "$1"));
    }

    private List<Path> segments() throws IOException {
        List<Path> segments = files(group.directory(voter.getId()), "log_.*");
        assertThat(segments).hasSizeGreaterThan(2);
        return segments;
    }

    private Path openSegment() throws IOException {
        List<Path> segments = segments();
        Path last = segments.get(segments.size() - 1);
        assertThat(last.getFileName().toString()).startsWith("log_inprogress_");
        return last;
    }

    private Path snapshot() throws IOException {
        List<Path> snapshots = files(group.directory(voter.getId()), "snapshot\\.\\d+_\\d+");
        return snapshots.get(snapshots.size() - 1);
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Files.write(file, content);
    }

    private void refused(Reason... anyOf) {
        refused("", anyOf);
    }

    private void refused(String what, Reason... anyOf) {
        try {
            group.start(voter);
        } catch (StartRefusedException e) {
            assertThat(e.reason()).as(what + ": " + e.getMessage()).isIn((Object[]) anyOf);
            assertThat(e).hasMessageContaining("quorate ");
            return;
        } catch (RuntimeException e) {
            throw new AssertionError(what, e);
        }
        throw new AssertionError("it started: " + what);
    }

    private ClusterState started() throws Exception {
        group.start(voter);
        ClusterState state = group.read();
        assertThat(group.lastWords).isEmpty();
        return state;
    }

    // --- the log

    @Test
    void whatWasStoppedCleanlyStarts() throws Exception {
        assertThat(Commands.get(started(), "a")).isEqualTo(249 + BIG);
    }

    @Test
    void aSegmentThatIsCutOffInTheMiddleIsRefused() throws Exception {
        Path closed = segments().get(1);
        byte[] whole = Files.readAllBytes(closed);
        for (int length = 0; length < whole.length; length += whole.length / 9) {
            replace(closed, Arrays.copyOf(whole, length));
            refused(closed + " cut to " + length, Reason.CORRUPT);
        }
        replace(closed, whole);
        Path open = openSegment();
        byte[] used = used(open);
        // Not within the last entry: it may be one of Ratis' own notes of what is committed, which nobody was promised.
        for (int ninths = 0; ninths < 9; ninths++) {
            int length = used.length / 9 * ninths;
            replace(open, Arrays.copyOf(used, length));
            refused(open + " cut to " + length, Reason.ROLLED_BACK);
        }
    }

    @Test
    void aMissingSegmentIsRefused() throws Exception {
        List<Path> segments = segments();
        for (Path missing : segments) {
            byte[] whole = Files.readAllBytes(missing);
            Files.delete(missing);
            refused(missing + " is missing", Reason.MEMORY_LOST, Reason.CORRUPT, Reason.ROLLED_BACK);
            replace(missing, whole);
        }
        for (Path missing : segments) {
            Files.delete(missing);
        }
        refused(Reason.MEMORY_LOST);
    }

    @Test
    void aFlippedBitAnywhereInTheLogIsRefused() throws Exception {
        for (Path segment : List.of(segments().get(0), segments().get(1), openSegment())) {
            byte[] used = used(segment);
            // A prime step: it meets lengths, bodies and sums of entries in all places.
            for (int at = 0; at < used.length; at += at < 600 ? 1 : 211) {
                DataDirectoryTest.flip(segment, at, at % 8);
                refused(segment + " at " + at, Reason.CORRUPT, Reason.ROLLED_BACK);
                DataDirectoryTest.flip(segment, at, at % 8);
            }
        }
        assertThat(Commands.get(started(), "a")).isEqualTo(249 + BIG);
    }

    /** The watermark may lag behind by a second of acknowledged entries. */
    @Test
    void aFlippedBitAboveTheWatermarkIsRefusedToo() throws Exception {
        List<Integer> ends = entriesAboveTheWatermark();
        Path open = openSegment();
        for (int at = ends.get(0); at < ends.get(ends.size() - 1); at++) {
            DataDirectoryTest.flip(open, at, at % 8);
            refused("at " + at, Reason.CORRUPT);
            DataDirectoryTest.flip(open, at, at % 8);
        }
    }

    @Test
    void aWriteThatAPowerLossInterruptedIsDropped() throws Exception {
        List<Integer> ends = entriesAboveTheWatermark();
        Path open = openSegment();
        byte[] whole = Files.readAllBytes(open);
        // The last but one entry lacks a sector, though the last one has all of its.
        int from = (ends.get(ends.size() - 3) / SECTOR + 1) * SECTOR;
        assertThat(from + SECTOR).isLessThan(ends.get(ends.size() - 2));
        byte[] torn = whole.clone();
        Arrays.fill(torn, from, from + SECTOR, (byte) 0);
        replace(open, torn);
        assertThat(Commands.get(started(), "a")).isEqualTo((ends.size() - 4) + " above" + BIG);

        // It goes on from there, and its log is whole.
        group.accepted(Commands.set("a", "after"));
        group.close();
        assertThat(Commands.get(started(), "a")).isEqualTo("after");
    }

    @Test
    void aWriteOfWhichOnlyTheBeginningReachedTheDiskIsDropped() throws Exception {
        List<Integer> ends = entriesAboveTheWatermark();
        Path open = openSegment();
        byte[] torn = Files.readAllBytes(open);
        Arrays.fill(torn, (ends.get(0) / SECTOR + 1) * SECTOR, torn.length, (byte) 0);
        replace(open, torn);
        assertThat(Commands.get(started(), "a")).isEqualTo(249 + BIG);
    }

    @Test
    void aMissingSectorBelowTheWatermarkIsALossOfWhatWasAcknowledged() throws Exception {
        Path open = openSegment();
        int from = used(open).length / 2 / SECTOR * SECTOR;
        byte[] torn = Files.readAllBytes(open);
        Arrays.fill(torn, from, from + SECTOR, (byte) 0);
        replace(open, torn);
        refused(Reason.ROLLED_BACK);
    }

    /**
     * Three more commands after a watermark that a crash kept from being renewed.
     *
     * @return offsets in the open segment: where the first of these entries begins, and where each ends
     */
    private List<Integer> entriesAboveTheWatermark() throws Exception {
        while (true) {
            Path file = group.directory(voter.getId()).resolve(Watermark.FILE);
            List<Integer> ends = new ArrayList<>();
            RaftNode node = group.start(voter);
            group.read();
            long term = node.leadership().term();
            ends.add(used(openSegment()).length);
            Files.copy(file, root.resolve("earlier"));
            for (int number = 0; number < 3; number++) {
                group.accepted(Commands.set("a", number + " above" + BIG));
                ends.add(used(openSegment()).length);
            }
            boolean oneTerm = group.leader().leadership().term() == term;
            stopAtWatermark(group, node);
            Files.move(root.resolve("earlier"), file, StandardCopyOption.REPLACE_EXISTING);
            if (oneTerm) {
                return ends;
            }
            // Another term has entries of its own between these.
            useLog();
        }
    }

    /** Without the zeros that the open segment is filled with. No entry here ends with a zero. */
    private static byte[] used(Path segment) throws IOException {
        byte[] all = Files.readAllBytes(segment);
        int end = all.length;
        while (end > 0 && all[end - 1] == 0) {
            end--;
        }
        return Arrays.copyOf(all, end);
    }

    @Test
    void theLogOfAnotherClusterIsRefused() throws Exception {
        Path own = segments().get(0).getParent();
        for (Path segment : segments()) {
            Files.delete(segment);
        }
        TestGroup other = new TestGroup(root.resolve("other"), 1).format();
        other.settings = withLog.settings;
        fill(other, 260);
        Path others = files(other.root, "log_.*").get(0).getParent();
        for (Path segment : files(others, "log_.*")) {
            Files.copy(segment, own.resolve(segment.getFileName()));
        }
        refused("its entries only", Reason.FOREIGN_DIRECTORY);
        for (String name : List.of("raft-meta", "raft-meta.conf")) {
            Files.copy(others.resolve(name), own.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        refused("all of it", Reason.FOREIGN_DIRECTORY);
    }

    // --- what Ratis writes beside the log

    /** It could vote a second time in terms that it voted in. */
    @Test
    void aVoteRecordBelowTheTermsOfTheLogIsRefused() throws Exception {
        Path record = segments().get(0).resolveSibling("raft-meta");
        Files.writeString(record, "term=0\nvotedFor=\n");
        refused("an older term", Reason.CORRUPT);
    }

    @Test
    void aVoteRecordThatDoesNotSayATermAndAVoteIsRefused() throws Exception {
        Path record = segments().get(0).resolveSibling("raft-meta");
        for (String damaged : List.of("", "junk", "term=99\n", "term=x\nvotedFor=\n", "votedFor=\n", "\\u00")) {
            Files.writeString(record, damaged);
            refused("'" + damaged + "'", Reason.CORRUPT);
        }
    }

    /** Ratis would go on with the first voters. */
    @Test
    void aMemberListThatNamesNobodyIsRefused() throws Exception {
        replace(segments().get(0).resolveSibling("raft-meta.conf"), new byte[0]);
        refused(Reason.CORRUPT);
    }

    // --- the snapshot

    @Test
    void aFlippedBitInTheSnapshotIsRefused() throws Exception {
        use(withSnapshot);
        Path snapshot = snapshot();
        long size = Files.size(snapshot);
        for (long at = 0; at < size; at += size / 40) {
            DataDirectoryTest.flip(snapshot, at, (int) (at % 8));
            refused(snapshot + " at " + at, Reason.CORRUPT);
            DataDirectoryTest.flip(snapshot, at, (int) (at % 8));
        }
        Path sum = snapshot.resolveSibling(snapshot.getFileName() + ".md5");
        DataDirectoryTest.flip(sum, 3, 0);
        refused("its sum", Reason.CORRUPT);
        Files.delete(sum);
        for (long at = 0; at < size; at++) {
            DataDirectoryTest.flip(snapshot, at, (int) (at % 8));
            refused(snapshot + " without its sum at " + at, Reason.CORRUPT);
            DataDirectoryTest.flip(snapshot, at, (int) (at % 8));
        }
        assertThat(Commands.get(started(), "a")).isEqualTo(99 + BIG);
    }

    @Test
    void aSnapshotThatIsCutOffIsRefused() throws Exception {
        use(withSnapshot);
        Path snapshot = snapshot();
        byte[] whole = Files.readAllBytes(snapshot);
        for (boolean sum : List.of(true, false)) {
            if (!sum) {
                Files.delete(snapshot.resolveSibling(snapshot.getFileName() + ".md5"));
            }
            for (int length = 0; length < whole.length; length += 97) {
                try (RandomAccessFile file = new RandomAccessFile(snapshot.toFile(), "rw")) {
                    file.setLength(length);
                }
                refused(snapshot + " cut to " + length, Reason.CORRUPT);
                replace(snapshot, whole);
            }
        }
    }

    @Test
    void aMissingSnapshotIsRefused() throws Exception {
        use(withSnapshot);
        for (Path file : files(snapshot().getParent(), "snapshot.*")) {
            Files.delete(file);
        }
        refused(Reason.MEMORY_LOST);
    }

    @Test
    void theSnapshotOfAnotherClusterIsRefused() throws Exception {
        use(withSnapshot);
        put(foreign);
        refused(Reason.FOREIGN_DIRECTORY);
    }

    @Test
    void theSnapshotOfAnotherGenerationIsRefused() throws Exception {
        TestGroup later = new TestGroup(root.resolve("later"), 1);
        later.settings = withSnapshot.settings;
        String id = later.voters.get(0).getId();
        ClusterBootstrap.format(
                later.directory(id), later.voters, withSnapshot.clusterId, "test", 2, id, Optional.empty(), "test");
        fill(later, 100);
        Path moved = templates.resolve("later");
        DataDirectoryTest.copy(later.root, moved);
        use(withSnapshot);
        later = later.at(moved);
        put(later);
        refused(Reason.FOREIGN_DIRECTORY);
    }

    /** The newest snapshot of another group in place of this one's. */
    private void put(TestGroup other) throws IOException {
        List<Path> theirs = files(other.root, "snapshot\\.\\d+_\\d+");
        Path newest = theirs.get(theirs.size() - 1);
        Path own = snapshot();
        Files.copy(newest, own, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(own.resolveSibling(own.getFileName() + ".md5"));
    }
}
