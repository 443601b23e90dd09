package io.quorate.server.raft;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.snapshot.SnapshotException;
import io.quorate.statemachine.snapshot.SnapshotReader;
import io.quorate.statemachine.snapshot.SnapshotWriter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * Snapshot files under the names that Ratis looks for: {@code snapshot.TERM_INDEX} and beside it the MD5 sum that it sends
 * with the file. Each is written to a temporary name, synced, renamed, and the directory synced, so that a file with its
 * final name is complete.
 */
final class SnapshotFiles {

    /** Snapshots kept: the newest, and the one before for people to look at. */
    static final int RETAINED = 2;

    private static final String TEMPORARY = ".writing";

    private SnapshotFiles() {}

    /** A snapshot that was read back and verified. */
    record Loaded(SingleFileSnapshotInfo info, ClusterState state) {
        TermIndex termIndex() {
            return info.getTermIndex();
        }
    }

    /** Writes {@code state} as the snapshot of everything up to and with {@code upTo}. */
    static SingleFileSnapshotInfo write(Path directory, ClusterState state, TermIndex upTo, String version)
            throws IOException {
        String name = SimpleStateMachineStorage.getSnapshotFileName(upTo.getTerm(), upTo.getIndex());
        Path file = directory.resolve(name);
        Path temporary = directory.resolve(name + TEMPORARY);
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            SnapshotWriter.write(state, out, version);
            out.flush();
            channel.force(true);
        }
        // The sum first: a snapshot with its final name but without a sum could not be sent to a follower.
        MD5Hash digest = MD5FileUtil.computeMd5ForFile(temporary.toFile());
        MD5FileUtil.saveMD5File(file.toFile(), digest);
        DurableFiles.publish(temporary, file);
        return new SingleFileSnapshotInfo(new FileInfo(file, digest), upTo.getTerm(), upTo.getIndex());
    }

    /**
     * Reads the newest snapshot, if there is one. Leftovers of an interrupted write are deleted.
     *
     * @throws SnapshotException when it is damaged; an older one would not do, the log before the newest is gone
     */
    static Optional<Loaded> loadLatest(Path directory) throws IOException, SnapshotException {
        Path newest = null;
        TermIndex newestTermIndex = null;
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                Matcher matcher = SimpleStateMachineStorage.SNAPSHOT_REGEX.matcher(name);
                if (matcher.matches()) {
                    TermIndex termIndex =
                            TermIndex.valueOf(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
                    if (newestTermIndex == null || termIndex.compareTo(newestTermIndex) > 0) {
                        newest = file;
                        newestTermIndex = termIndex;
                    }
                } else if (name.endsWith(TEMPORARY)) {
                    Files.delete(file);
                }
            }
        }
        if (newest == null || newestTermIndex == null) {
            return Optional.empty();
        }
        return Optional.of(load(newest, newestTermIndex));
    }

    private static @Nullable MD5Hash storedSum(Path file) throws SnapshotException {
        try {
            return MD5FileUtil.readStoredMd5ForFile(file.toFile());
        } catch (IOException e) {
            throw new SnapshotException("its sum cannot be read: " + e.getMessage(), e);
        }
    }

    private static Loaded load(Path file, TermIndex termIndex) throws IOException, SnapshotException {
        MD5Hash digest = MD5FileUtil.computeMd5ForFile(file.toFile());
        MD5Hash stored = storedSum(file);
        if (stored != null && !stored.equals(digest)) {
            throw new SnapshotException(file + " does not match the sum in " + file + MD5FileUtil.MD5_SUFFIX);
        }
        ClusterState state;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            state = SnapshotReader.read(in);
        }
        if (stored == null) {
            MD5FileUtil.saveMD5File(file.toFile(), digest);
        }
        SingleFileSnapshotInfo info =
                new SingleFileSnapshotInfo(new FileInfo(file, digest), termIndex.getTerm(), termIndex.getIndex());
        return new Loaded(info, state);
    }
}
