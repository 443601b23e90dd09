package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.model.ClusterState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.SizeInBytes;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When snapshots are taken, and what Ratis hears of them. */
class SnapshotStorageTest {
    private static final long EVERY = 100;
    private static final long NOTHING = RaftLog.INVALID_LOG_INDEX;

    private final Semaphore asked = new Semaphore(0);
    private final LinkedBlockingQueue<String> lastWords = new LinkedBlockingQueue<>();
    private final SnapshotStorage snapshots =
            new SnapshotStorage("test", EVERY, asked::release, (words, cause) -> lastWords.add(words));

    @TempDir
    private Path root;

    @BeforeEach
    void open() throws Exception {
        RaftStorage storage = RaftStorage.newBuilder()
                .setDirectory(root.toFile())
                .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
                .setLogCorruptionPolicy(CorruptionPolicy.EXCEPTION)
                .setOption(RaftStorage.StartupOption.FORMAT)
                .build();
        storage.initialize();
        snapshots.init(storage);
    }

    @AfterEach
    void close() {
        snapshots.close();
    }

    private long at(long index) {
        return snapshots.snapshot(ClusterState.empty(), TermIndex.valueOf(1, index));
    }

    private void written() throws InterruptedException {
        assertThat(asked.tryAcquire(10, TimeUnit.SECONDS))
                .as("a snapshot is complete")
                .isTrue();
    }

    @Test
    void aCompleteSnapshotIsToldOfOnceAndNoneIsMadeForHearingOfIt() throws Exception {
        assertThat(at(120)).isEqualTo(NOTHING);
        written();
        assertThat(at(121)).isEqualTo(120);
        assertThat(at(122)).isEqualTo(NOTHING);
        assertThat(at(219)).isEqualTo(NOTHING);
        assertThat(asked.tryAcquire()).as("none is due").isFalse();
        assertThat(at(220)).isEqualTo(NOTHING);
        written();
        assertThat(snapshots.getLatestSnapshot().getIndex())
                .as("else Ratis would not ask while no entry comes")
                .isEqualTo(120);
        assertThat(at(220)).isEqualTo(220);
        assertThat(snapshots.getLatestSnapshot().getIndex()).isEqualTo(220);
    }

    @Test
    void aDemandedSnapshotIsMadeThoughFewEntriesCame() throws Exception {
        snapshots.isAt(50);
        assertThat(at(60)).isEqualTo(NOTHING);
        assertThat(asked.tryAcquire()).isFalse();
        snapshots.demand();
        assertThat(at(61)).isEqualTo(NOTHING);
        written();
        assertThat(at(62)).isEqualTo(61);
    }

    /** Else the log would grow until the disk takes nothing at all, or holds a snapshot that was never synced. */
    @Test
    void aMemberWhoseDiskTakesNoSnapshotStops() throws Exception {
        Path directory = snapshots.directory();
        Files.delete(directory);
        Files.createFile(directory);
        assertThat(at(120)).isEqualTo(NOTHING);
        assertThat(lastWords.poll(10, TimeUnit.SECONDS))
                .startsWith("Writing " + directory + " failed: ")
                .contains("Not a directory")
                .contains("Free space or repair the disk, then start this server again.");
        assertThat(at(121)).as("nothing is told of it").isEqualTo(NOTHING);
        assertThat(asked.tryAcquire()).isFalse();
    }

    /** What Ratis does before it puts the leader's in place; the writer comes to its end after it. */
    private void moveDirectoryAway() throws Exception {
        Files.move(snapshots.directory(), root.resolve("moved"));
        snapshots.close();
    }

    @Test
    void oneThatIsBeingWrittenWhenTheLeadersComesIsNoFailureOfTheDisk() throws Exception {
        at(120);
        snapshots.pause();
        moveDirectoryAway();
        assertThat(lastWords).isEmpty();
    }

    @Test
    void noneBeginsWhileTheLeadersIsPutInPlace() throws Exception {
        snapshots.pause();
        assertThat(at(120)).isEqualTo(NOTHING);
        moveDirectoryAway();
        assertThat(lastWords).isEmpty();
    }

    @Test
    void afterTheLeadersTheNextIsMadeWhenItIsDue() throws Exception {
        at(120);
        snapshots.pause();
        snapshots.isAt(60_000);
        assertThat(at(60_001)).isEqualTo(NOTHING);
        at(60_100);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> at(60_101) >= 60_100);
        assertThat(lastWords).isEmpty();
    }

    @Test
    void oneThatIsDueBeginsThoughAnotherIsToldOf() throws Exception {
        at(120);
        written();
        assertThat(at(300)).isEqualTo(120);
        written();
        assertThat(at(301)).isEqualTo(300);
    }

    /** Ratis stops when it hears of a snapshot older than the one that it installed. */
    @Test
    void anOwnSnapshotThatIsOlderThanTheLeadersIsNotToldOf() throws Exception {
        at(120);
        written();
        snapshots.isAt(60_000);
        assertThat(at(60_001)).isEqualTo(NOTHING);
        assertThat(at(60_100)).isEqualTo(NOTHING);
        written();
        assertThat(at(60_101)).isEqualTo(60_100);
    }
}
