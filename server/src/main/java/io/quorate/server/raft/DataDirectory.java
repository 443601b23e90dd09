package io.quorate.server.raft;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.snapshot.SnapshotException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/**
 * A member's memory on disk, and the guard NoAmnesia: it is formatted only by {@code init}, {@code join} or {@code
 * restore}, under a member id that no other directory ever had; and a member does not start with an empty, foreign,
 * damaged or rolled-back one, because a voter that forgot what it acknowledged can elect a leader without it.
 *
 * <p>Layout: {@code lock}, {@code identity}, {@code first-voters}, {@code watermark}, while it is formatted {@code
 * formatting}, {@code raft/GROUP/current} (log) and {@code raft/GROUP/sm} (snapshots).
 */
public final class DataDirectory {

    private static final String RAFT = "raft";
    private static final String RAFT_META = "raft-meta";

    /** There from the first to the last step of formatting: what has it and no identity never was a member's memory. */
    private static final String FORMATTING = "formatting";

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
                    "The identity of this member cannot be read: " + e.getMessage() + ". " + replaceHint("NAME"),
                    e);
        }
    }

    /**
     * Makes {@code directory} the memory of a new member. Only for {@code init}, {@code join} and {@code restore}.
     *
     * @param initialState what the group starts with instead of nothing (restore); the same on all its first voters
     * @throws IOException also when {@link #requireFormattable} refuses the directory
     */
    static void format(Path directory, MemberIdentity identity, Optional<ClusterState> initialState, String version)
            throws IOException {
        requireFormattable(directory);
        DurableFiles.createDirectories(directory);
        try (DirectoryLock lock = DirectoryLock.tryTake(directory).orElseThrow(() -> inUse(directory))) {
            formatLocked(lock, directory, identity, initialState, version);
        }
    }

    private static IOException inUse(Path directory) {
        return new IOException("Another process runs on this directory, or formats it: " + directory
                + ". End that one, or choose another directory.");
    }

    @SuppressWarnings("unused") // the lock is a proof that it is held
    private static void formatLocked(
            DirectoryLock lock,
            Path directory,
            MemberIdentity identity,
            Optional<ClusterState> initialState,
            String version)
            throws IOException {
        // again: whoever had the lock before may have formatted it
        requireFormattable(directory);
        clearInterrupted(directory);
        DurableFiles.replace(directory.resolve(FORMATTING), new byte[0]);
        Path group = groupDirectory(directory, identity);
        Path log = group.resolve("current");
        Path snapshots = group.resolve("sm");
        DurableFiles.createDirectories(log);
        DurableFiles.createDirectories(snapshots);
        // Ratis would format an empty directory in silence; with this file it takes it as it is.
        DurableFiles.replace(log.resolve(RAFT_META), "term=0\nvotedFor=\n".getBytes(StandardCharsets.UTF_8));
        Watermark reached = Watermark.NONE;
        if (initialState.isPresent()) {
            TermIndex upTo = TermIndex.valueOf(1, 0);
            SnapshotFiles.write(snapshots, initialState.get(), upTo, version);
            reached = Watermark.of(
                    upTo.getTerm(), upTo.getIndex(), initialState.get().position());
        }
        reached.write(directory);
        FirstVoters.format(directory, identity);
        // Last: a directory without identity is not formatted.
        DurableFiles.replace(
                directory.resolve(MemberIdentity.FILE), identity.encode().getBytes(StandardCharsets.UTF_8));
        Files.delete(directory.resolve(FORMATTING));
        DurableFiles.sync(directory);
    }

    /**
     * Refuses what {@link #format} would not touch. An empty directory can be formatted, and one whose formatting was
     * interrupted: no server ever started with it.
     */
    static void requireFormattable(Path directory) throws IOException {
        if (!Files.exists(directory) || isInterrupted(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            Optional<Path> found =
                    files.filter(file -> !isOfBegunFormatting(file)).findFirst();
            if (found.isPresent()) {
                throw new IOException(
                        directory + " is not empty (" + found.get().getFileName()
                                + "): refusing to format it. Choose another directory, or move this one away.");
            }
        }
    }

    /** What formatting leaves that ended before its mark was there. */
    private static boolean isOfBegunFormatting(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.equals(DirectoryLock.FILE) || name.equals(FORMATTING + ".tmp");
    }

    private static boolean isInterrupted(Path directory) {
        return Files.exists(directory.resolve(FORMATTING)) && !isFormatted(directory);
    }

    /** Deletes what an interrupted formatting made; its mark goes last, and the lock is held. */
    private static void clearInterrupted(Path directory) throws IOException {
        if (!isInterrupted(directory)) {
            return;
        }
        Set<Path> kept = Set.of(directory, directory.resolve(FORMATTING), directory.resolve(DirectoryLock.FILE));
        try (Stream<Path> made = Files.walk(directory)) {
            for (Path file : made.sorted(Comparator.reverseOrder()).toList()) {
                if (!kept.contains(file)) {
                    Files.delete(file);
                }
            }
        }
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
            LogScan scan = checkLog(group, identity, watermark, snapshot);
            checkVoteRecord(group, identity, scan);
            checkMembers(directory, group, identity, scan, snapshot);
            requireWritable(directory, watermark, scan);
            // left by a formatting that came to its last step but one: from now on this directory is a memory
            if (Files.deleteIfExists(directory.resolve(FORMATTING))) {
                DurableFiles.sync(directory);
            }
            return new DataDirectory(directory, identity, snapshot, watermark);
        } catch (IOException e) {
            throw new StartRefusedException(
                    Reason.IO, "Reading " + directory + " failed: " + e + ". Check the disk and its permissions.", e);
        }
    }

    /** A member that cannot write must not begin: it would stop at its first vote or entry. */
    private static void requireWritable(Path directory, Watermark watermark, LogScan scan)
            throws StartRefusedException {
        try {
            watermark.write(directory);
            if (scan.torn().isPresent()) {
                scan.torn().get().drop();
            }
        } catch (IOException e) {
            throw new StartRefusedException(Reason.IO, cannotWrite(directory, e), e);
        }
    }

    /** Last words of a member whose disk takes no more: what it acknowledges must be on it. */
    static String cannotWrite(Path what, Throwable failure) {
        return "Writing " + what + " failed: " + Failures.why(failure)
                + ". Free space or repair the disk, then start this server again.";
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
    }

    /** Is this the log of the group that the identity names, and is this member still of it? */
    private static void checkMembers(
            Path directory, Path group, MemberIdentity identity, LogScan scan, Optional<SnapshotFiles.Loaded> snapshot)
            throws IOException, StartRefusedException {
        String self = identity.memberId();
        Optional<LogScan.Configuration> latest = writtenConfiguration(group, identity);
        boolean missing = latest.isPresent() && !latest.get().lists(self);
        long listedAt = scan.configurations().stream()
                .filter(configuration -> configuration.lists(self))
                .mapToLong(LogScan.Configuration::index)
                .max()
                .orElse(-1);
        boolean wasListed = listedAt >= 0
                || (snapshot.isPresent() && isRemoved(snapshot.get().state(), self));
        // One that joins reads configurations from before its time; it has no vote, and asks for it again.
        boolean notListedYet = identity.learner() && (missing || latest.isEmpty()) && !wasListed;
        if (notListedYet) {
            return;
        }
        if (missing && latest.get().index() > listedAt) {
            throw foreign(directory, "holds the log of a group that " + self + " is not, or no longer, a member of");
        }
        Set<String> known = new TreeSet<>();
        latest.ifPresent(configuration -> known.addAll(configuration.members()));
        identity.voters().forEach(voter -> known.add(voter.getId()));
        snapshot.ifPresent(loaded -> known.addAll(loaded.state().voters().keySet()));
        List<Set<String>> all = scan.configurations().stream()
                .map(LogScan.Configuration::members)
                .toList();
        Optional<Set<String>> strange = unconnected(all, known);
        if (strange.isPresent()) {
            throw foreign(directory, "holds log entries of another cluster, of " + strange.get());
        }
    }

    private static boolean isRemoved(ClusterState state, String memberId) {
        VoterRow row = state.voters().get(memberId);
        return row != null && row.getRemoved();
    }

    /** Members are replaced one at a time: whatever a group ever was is connected with what is known of it. */
    private static Optional<Set<String>> unconnected(List<Set<String>> configurations, Set<String> known) {
        Set<String> connected = new TreeSet<>(known);
        List<Set<String>> rest = new ArrayList<>(configurations);
        boolean more = true;
        while (more) {
            List<Set<String>> reached = rest.stream()
                    .filter(ids -> !Collections.disjoint(ids, connected))
                    .toList();
            reached.forEach(connected::addAll);
            more = rest.removeAll(reached);
        }
        return rest.stream().findFirst();
    }

    /**
     * The one that Ratis applied last and wrote down; empty before the first. It does so at each start, too, for the old
     * ones in the log: after a kill in between there may be newer ones behind it.
     */
    private static Optional<LogScan.Configuration> writtenConfiguration(Path group, MemberIdentity identity)
            throws IOException, StartRefusedException {
        Path file = group.resolve("current").resolve(RAFT_META + ".conf");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        LogEntryProto entry;
        try (InputStream in = Files.newInputStream(file)) {
            entry = LogEntryProto.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw damagedMemberList(identity, file, e.getMessage());
        }
        if (entry.getConfigurationEntry().getPeersCount() == 0) {
            // Ratis would go on with the first voters, whoever took their places since.
            throw damagedMemberList(identity, file, "it names no members");
        }
        return Optional.of(LogScan.Configuration.of(entry));
    }

    private static StartRefusedException damagedMemberList(MemberIdentity identity, Path file, @Nullable String why) {
        return new StartRefusedException(
                Reason.CORRUPT,
                "The member list of " + identity.memberId() + " is damaged: " + file + ": " + why + ". "
                        + replaceHint(identity.memberId()));
    }

    /** A member whose term went back could vote a second time in those that it voted in. */
    private static void checkVoteRecord(Path group, MemberIdentity identity, LogScan scan)
            throws IOException, StartRefusedException {
        Path file = group.resolve("current").resolve(RAFT_META);
        Optional<Long> term = recordedTerm(file);
        if (term.isPresent() && term.get() >= scan.highestTerm()) {
            return;
        }
        String damage = term.map(known ->
                        "it knows of term " + known + ", but the log has entries of term " + scan.highestTerm())
                .orElse("it does not say a term and a vote");
        throw new StartRefusedException(
                Reason.CORRUPT,
                "The vote record of member " + identity.memberId() + " is damaged: " + file + ": " + damage
                        + ". A voter that forgot how it voted must not vote again. "
                        + replaceHint(identity.memberId()));
    }

    /** The newest term that this member knew of; empty when Ratis could not read the file. */
    private static Optional<Long> recordedTerm(Path file) throws IOException {
        Properties stored = new Properties();
        try (Reader in = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
            stored.load(in);
            long term = Long.parseLong(stored.getProperty("term", ""));
            return stored.getProperty("votedFor") == null ? Optional.empty() : Optional.of(term);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
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
        int generation = loaded.map(snapshot -> snapshot.state().generation()).orElse(0);
        boolean foreign = !found.equals(identity.clusterId()) || generation != identity.generation();
        if (!found.isEmpty() && foreign) {
            throw new StartRefusedException(
                    Reason.FOREIGN_DIRECTORY,
                    "The snapshot of member " + identity.memberId() + " is of another cluster or generation (" + found
                            + ", " + generation + "). " + replaceHint(identity.memberId()));
        }
        return loaded;
    }

    private static LogScan checkLog(
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
        if (snapshot.isEmpty() && scan.firstIndex() != 0 && watermark.index() >= 0) {
            throw snapshotLost(group, identity, watermark);
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
        return scan;
    }

    private static StartRefusedException snapshotLost(Path group, MemberIdentity identity, Watermark watermark) {
        String restored = watermark.index() > 0
                ? ""
                : "If this server never started since its restore, move the directory away and do that again "
                        + "(quorate restore). ";
        return new StartRefusedException(
                Reason.MEMORY_LOST,
                "Member " + identity.memberId() + " has lost its snapshot or the beginning of its log: " + group
                        + " holds neither, but this member had " + watermark.display() + ". " + restored
                        + replaceHint(identity.memberId()));
    }

    static StartRefusedException notInitialized(Path directory) {
        return new StartRefusedException(
                Reason.NOT_INITIALIZED,
                directory + " holds no Quorate member. For a new cluster: quorate init. To add this node to one: "
                        + "quorate join. If a voter lived here and its disk was lost, it must not come back under its "
                        + "old id: make a token on another server (quorate member token), then here: "
                        + "quorate join HOST:PORT --token TOKEN --node NAME --address IP --replace");
    }

    private static StartRefusedException foreign(Path directory, String what) {
        return new StartRefusedException(
                Reason.FOREIGN_DIRECTORY,
                directory + " " + what + ". Give this server its own directory (--data), or join with an empty one: "
                        + "quorate join.");
    }

    static String replaceHint(String memberId) {
        return "To replace it by a new member: make a token on another server (quorate member token), then here, with "
                + "this directory moved away: quorate join HOST:PORT --token TOKEN --node " + nameOf(memberId)
                + " --address IP --replace";
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
