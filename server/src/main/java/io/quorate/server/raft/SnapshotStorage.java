package io.quorate.server.raft;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots beside the applying: the state is immutable, so that a thread of its own writes it while entries go on
 * being applied. Ratis asks after every entry once their number makes a snapshot due, and when it is made to ({@link #demand}).
 * It hears the index when the file is complete, and purges the log then.
 */
final class SnapshotStorage extends SimpleStateMachineStorage {

    private static final Logger log = LoggerFactory.getLogger(SnapshotStorage.class);

    private final String version;
    private final long everyEntries;
    private final Runnable askAgain;
    private final Halt halt;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "quorate-snapshot");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Path directory;
    private @Nullable Path received;

    /** Held while a file is written. */
    private final ReentrantLock file = new ReentrantLock();

    // Guarded by this.
    private boolean writing;
    private boolean paused;
    private @Nullable SingleFileSnapshotInfo finished;
    private boolean cleanUp;
    private boolean demanded;
    private long newestIndex = RaftLog.INVALID_LOG_INDEX;

    /**
     * @param everyEntries a snapshot is due when so many entries were applied since the newest one
     * @param askAgain makes Ratis call {@link #snapshot}; called on the thread that wrote a snapshot
     * @param halt for a disk that takes no snapshot: the log would grow until it takes nothing at all
     */
    SnapshotStorage(String version, long everyEntries, Runnable askAgain, Halt halt) {
        this.version = version;
        this.everyEntries = everyEntries;
        this.askAgain = askAgain;
        this.halt = halt;
    }

    @Override
    public void init(RaftStorage storage) throws IOException {
        directory = storage.getStorageDir().getStateMachineDir().toPath();
        received = storage.getStorageDir().getTmpDir().toPath();
        super.init(storage);
    }

    Path directory() {
        Path present = directory;
        if (present == null) {
            throw new IllegalStateException("not initialized");
        }
        return present;
    }

    /** The next call shall begin a snapshot, however few entries there are. */
    synchronized void demand() {
        demanded = true;
    }

    /**
     * Ratis is about to move the directory away, for the leader's snapshot to take its place: waits for the one that is
     * being written, and none begins before {@link #isAt}.
     */
    void pause() {
        file.lock();
        try {
            setPaused();
        } finally {
            file.unlock();
        }
    }

    private synchronized void setPaused() {
        paused = true;
    }

    private synchronized boolean isPaused() {
        return paused;
    }

    /** A snapshot of another origin is in place, of the disk or of the leader: an older own one is not told of any more. */
    synchronized void isAt(long index) {
        paused = false;
        newestIndex = index;
        finished = null;
    }

    /**
     * Begins a snapshot if one is due and none is being written.
     *
     * @return the index of a snapshot that was finished since the last call, else {@link RaftLog#INVALID_LOG_INDEX}
     */
    synchronized long snapshot(ClusterState state, TermIndex upTo) {
        SingleFileSnapshotInfo complete = finished;
        finished = null;
        boolean due = demanded || upTo.getIndex() - newestIndex >= everyEntries;
        if (due && !writing && !paused && upTo.getIndex() > newestIndex) {
            writing = true;
            demanded = false;
            writer.execute(() -> write(state, upTo));
        }
        if (complete == null) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        // Not before: Ratis asks for nothing while no entry is newer than the newest snapshot that it knows.
        updateLatestSnapshot(complete);
        return complete.getIndex();
    }

    /** Makes what the leader sent durable: Ratis puts it in place and drops the log before it without doing so. */
    void syncReceived() throws IOException {
        Path directoryOfAll = received;
        if (directoryOfAll == null || !Files.isDirectory(directoryOfAll)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(directoryOfAll)) {
            all = walk.toList();
        }
        for (Path path : all) {
            DurableFiles.sync(path);
        }
    }

    private void write(ClusterState state, TermIndex upTo) {
        file.lock();
        try {
            if (isPaused()) {
                superseded();
            } else {
                writeFile(state, upTo);
            }
        } finally {
            file.unlock();
        }
    }

    private synchronized void superseded() {
        writing = false;
    }

    private void writeFile(ClusterState state, TermIndex upTo) {
        SingleFileSnapshotInfo written;
        try {
            written = SnapshotFiles.write(directory(), state, upTo, version);
        } catch (IOException e) {
            halt.halt(DataDirectory.cannotWrite(directory(), e), e);
            return;
        } catch (RuntimeException e) {
            halt.halt(
                    "The state at " + Positions.format(state.position()) + " cannot be written as a snapshot: "
                            + e.getMessage() + ". This replica stops; report a bug and keep its data directory.",
                    e);
            return;
        }
        synchronized (this) {
            writing = false;
            cleanUp = true;
            if (written.getIndex() > newestIndex) {
                newestIndex = written.getIndex();
                finished = written;
            }
        }
        askAgain.run();
    }

    /** Ratis asks after every attempt; there is something to do only after a new file. */
    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
        synchronized (this) {
            if (!cleanUp) {
                return;
            }
            cleanUp = false;
        }
        super.cleanupOldSnapshots(policy);
    }

    /** Lets a snapshot that is being written finish. */
    void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(30, TimeUnit.SECONDS)) {
                log.warn("Stopping while a snapshot is being written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
