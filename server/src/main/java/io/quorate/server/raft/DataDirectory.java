package io.quorate.server.raft;

import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.snapshot.SnapshotException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * A member's memory on disk, and the guard NoAmnesia: it is formatted only by {@code init}, {@code join} or {@code
 * restore}, under a member id that no other directory ever had; and a member does not start with an empty, foreign,
 * damaged or rolled-back one, because a voter that forgot what it acknowledged can elect a leader without it.
 *
 * <p>Layout: {@code identity}, {@code first-voters}, {@code watermark}, {@code raft/GROUP/current} (log) and {@code raft/GROUP/sm} (snapshots).
 */
public final class DataDirectory {

    private static final String RAFT = "raft";
    private static final String RAFT_META = "raft-meta";

    private final Path directory;
    private final MemberIdentity identity;
    private final Optional<SnapshotFiles.Loaded> snapshot;
    private final Watermark watermark;

    private DataDirectory(
            Path directory, MemberIdentity identity, Optional<SnapshotFiles.Loaded> snapshot, Watermark watermark) {
        this.directory = directory;
        this.identity = identity;
        this.snapshot = snapshot;
        this.watermark = watermark;
    }

    /**
     * What the configuration says about this member; each part that is present must match the directory.
     *
     * @param nodeName the member id begins with it
     * @param memberId exact
     * @param clusterId exact
     */
    public record Expected(Optional<String> nodeName, Optional<String> memberId, Optional<String> clusterId) {

        /** Nothing is known beforehand. */
        public static Expected anything() {
            return new Expected(Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /** Whether {@code directory} was formatted for a member. */
    public static boolean isFormatted(Path directory) {
        return Files.exists(directory.resolve(MemberIdentity.FILE));
    }

    /** Who {@code directory} belongs to, without any further check. */
    public static MemberIdentity identityOf(Path directory) throws StartRefusedException {
        Path file = directory.resolve(MemberIdentity.FILE);
        if (!Files.exists(file)) {
            throw notInitialized(directory);
        }
        try {
            return MemberIdentity.read(file);
        } catch (IOException e) {
            throw new StartRefusedException(
                    Reason.CORRUPT,
                    "The identity of this member cannot be read: " + e.getMessage() + ". " + replaceHint("this member"),
                    e);
        }
    }

    /**
     * Makes {@code directory} the memory of a new member. Only for {@code init}, {@code join} and {@code restore}.
     *
     * @param initialState what the group starts with instead of nothing (restore); the same on all its first voters
     * @throws IOException also when the directory is not empty
     */
    static void format(Path directory, MemberIdentity identity, Optional<ClusterState> initialState, String version)
            throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                Optional<Path> found = files.findFirst();
                if (found.isPresent()) {
                    throw new IOException(
                            directory + " is not empty (" + found.get().getFileName()
                                    + "): refusing to format it. Choose another directory, or move this one away.");
                }
            }
        }
        Path group = groupDirectory(directory, identity);
        Path log = group.resolve("current");
        Path snapshots = group.resolve("sm");
        DurableFiles.createDirectories(log);
        DurableFiles.createDirectories(snapshots);
        // Ratis would format an empty directory in silence; with this file it takes it as it is.
        DurableFiles.replace(log.resolve(RAFT_META), "term=0\nvotedFor=\n".getBytes(StandardCharsets.UTF_8));
        if (initialState.isPresent()) {
            SnapshotFiles.write(snapshots, initialState.get(), TermIndex.valueOf(1, 0), version);
        }
        Watermark.NONE.write(directory);
        FirstVoters.format(directory, identity);
        // Last: a directory without identity is not formatted.
        DurableFiles.replace(
                directory.resolve(MemberIdentity.FILE), identity.encode().getBytes(StandardCharsets.UTF_8));
        DurableFiles.sync(directory);
    }

    /** Opens the memory of a member, reading and checking all of it. */
    static DataDirectory open(Path directory, Expected expected) throws StartRefusedException {
        MemberIdentity identity = identityOf(directory);
        checkExpected(directory, identity, expected);
        Path group = groupDirectory(directory, identity);
        try {
            checkGroupDirectory(directory, identity, group);
            Watermark watermark = readWatermark(directory, identity);
            Optional<SnapshotFiles.Loaded> snapshot = loadSnapshot(group, identity);
            checkLog(group, identity, watermark, snapshot);
            return new DataDirectory(directory, identity, snapshot, watermark);
        } catch (IOException e) {
            throw new StartRefusedException(
                    Reason.IO, "Reading " + directory + " failed: " + e + ". Check the disk and its permissions.", e);
        }
    }

    static void checkExpected(Path directory, MemberIdentity identity, Expected expected) throws StartRefusedException {
        String name = nameOf(identity.memberId());
        if (expected.nodeName().isPresent() && !expected.nodeName().get().equals(name)) {
            throw foreign(
                    directory,
                    "belongs to member " + identity.memberId() + ", but this node is called "
                            + expected.nodeName().get());
        }
        if (expected.memberId().isPresent() && !expected.memberId().get().equals(identity.memberId())) {
            throw foreign(
                    directory,
                    "belongs to member " + identity.memberId() + ", but the configuration says "
                            + expected.memberId().get());
        }
        if (expected.clusterId().isPresent() && !expected.clusterId().get().equals(identity.clusterId())) {
            throw foreign(
                    directory,
                    "belongs to cluster " + identity.clusterId() + ", but the configuration says "
                            + expected.clusterId().get());
        }
    }

    private static void checkGroupDirectory(Path directory, MemberIdentity identity, Path group)
            throws IOException, StartRefusedException {
        Path raft = directory.resolve(RAFT);
        if (Files.isDirectory(raft)) {
            try (DirectoryStream<Path> groups = Files.newDirectoryStream(raft)) {
                for (Path found : groups) {
                    if (!found.getFileName().equals(group.getFileName())) {
                        throw foreign(
                                directory,
                                "holds the log of another cluster or generation (" + found.getFileName() + ")");
                    }
                }
            }
        }
        if (!Files.exists(group.resolve("current").resolve(RAFT_META))) {
            throw new StartRefusedException(
                    Reason.MEMORY_LOST,
                    "Member " + identity.memberId() + " has lost its log: " + group
                            + " is empty or incomplete. A voter " + "that forgot what it acknowledged must not vote. "
                            + replaceHint(identity.memberId()));
        }
        Path configuration = group.resolve("current").resolve(RAFT_META + ".conf");
        if (Files.exists(configuration)) {
            checkConfiguration(directory, identity, configuration);
        }
    }

    private static void checkConfiguration(Path directory, MemberIdentity identity, Path file)
            throws IOException, StartRefusedException {
        RaftConfigurationProto configuration;
        try (InputStream in = Files.newInputStream(file)) {
            configuration = LogEntryProto.parseFrom(in).getConfigurationEntry();
        }
        boolean known = Stream.of(
                        configuration.getPeersList(),
                        configuration.getListenersList(),
                        configuration.getOldPeersList(),
                        configuration.getOldListenersList())
                .flatMap(peers -> peers.stream().map(RaftPeerProto::getId))
                .anyMatch(id -> id.toStringUtf8().equals(identity.memberId()));
        if (!known) {
            throw foreign(
                    directory,
                    "holds the log of a group that " + identity.memberId() + " is not, or no longer, a member of");
        }
    }

    private static Watermark readWatermark(Path directory, MemberIdentity identity) throws StartRefusedException {
        try {
            return Watermark.read(directory);
        } catch (IOException e) {
            throw new StartRefusedException(
                    Reason.CORRUPT,
                    "Member " + identity.memberId() + " cannot tell how far its log should reach: "
                            + directory.resolve(Watermark.FILE) + " is missing or damaged. "
                            + replaceHint(identity.memberId()),
                    e);
        }
    }

    private static Optional<SnapshotFiles.Loaded> loadSnapshot(Path group, MemberIdentity identity)
            throws IOException, StartRefusedException {
        Optional<SnapshotFiles.Loaded> loaded;
        try {
            loaded = SnapshotFiles.loadLatest(group.resolve("sm"));
        } catch (SnapshotException e) {
            throw new StartRefusedException(
                    Reason.CORRUPT,
                    "The newest snapshot of member " + identity.memberId() + " is damaged: " + e.getMessage() + ". "
                            + replaceHint(identity.memberId()),
                    e);
        }
        String found =
                loaded.map(snapshot -> snapshot.state().meta().getClusterId()).orElse("");
        if (!found.isEmpty() && !found.equals(identity.clusterId())) {
            throw new StartRefusedException(
                    Reason.FOREIGN_DIRECTORY,
                    "The snapshot of member " + identity.memberId() + " is of another cluster (" + found + "). "
                            + replaceHint(identity.memberId()));
        }
        return loaded;
    }

    private static void checkLog(
            Path group, MemberIdentity identity, Watermark watermark, Optional<SnapshotFiles.Loaded> snapshot)
            throws StartRefusedException {
        long snapshotIndex = snapshot.map(s -> s.termIndex().getIndex()).orElse(-1L);
        LogScan scan;
        try {
            scan = LogScan.of(group.resolve("current"), watermark.index());
        } catch (IOException e) {
            throw new StartRefusedException(
                    Reason.CORRUPT,
                    "The log of member " + identity.memberId() + " is damaged: " + e.getMessage() + ". "
                            + replaceHint(identity.memberId()),
                    e);
        }
        if (scan.firstIndex() > snapshotIndex + 1) {
            throw new StartRefusedException(
                    Reason.CORRUPT,
                    "The log of member " + identity.memberId() + " begins at entry " + scan.firstIndex()
                            + ", but its newest snapshot ends at " + snapshotIndex + ". "
                            + replaceHint(identity.memberId()));
        }
        long end = Math.max(snapshotIndex, scan.lastIndex());
        boolean replaced = scan.termAtWatermark() >= 0 && scan.termAtWatermark() != watermark.term();
        if (end < watermark.index() || replaced) {
            throw new StartRefusedException(
                    Reason.ROLLED_BACK,
                    "The log of member " + identity.memberId() + " was rolled back: it ends at entry " + end
                            + (replaced ? " with another history" : "") + ", but this member had acknowledged "
                            + watermark.display() + ". Somebody put an older copy of the disk back, or it lost writes. "
                            + replaceHint(identity.memberId()));
        }
    }

    private static StartRefusedException notInitialized(Path directory) {
        return new StartRefusedException(
                Reason.NOT_INITIALIZED,
                directory + " holds no Quorate member. For a new cluster: quorate init. To add this node to one: "
                        + "quorate join. If a voter lived here and its disk was lost, it must not come back under its "
                        + "old id: quorate member replace NAME, on another server.");
    }

    private static StartRefusedException foreign(Path directory, String what) {
        return new StartRefusedException(
                Reason.FOREIGN_DIRECTORY,
                directory + " " + what + ". Give this server its own directory (--data), or join with an empty one: "
                        + "quorate join.");
    }

    static String replaceHint(String memberId) {
        return "To replace it by a new member, on another server: quorate member replace " + nameOf(memberId);
    }

    /** The node's name in a member id. */
    static String nameOf(String memberId) {
        int dash = memberId.lastIndexOf('-');
        return dash < 0 ? memberId : memberId.substring(0, dash);
    }

    private static Path groupDirectory(Path directory, MemberIdentity identity) {
        return directory.resolve(RAFT).resolve(identity.groupId().toString());
    }

    MemberIdentity identity() {
        return identity;
    }

    /** The newest snapshot, read and verified. */
    Optional<SnapshotFiles.Loaded> snapshot() {
        return snapshot;
    }

    Watermark watermark() {
        return watermark;
    }

    Path raft() {
        return directory.resolve(RAFT);
    }

    /** Records how far this member's disk is known to reach. */
    void writeWatermark(Watermark reached) throws IOException {
        reached.write(directory);
    }
}
