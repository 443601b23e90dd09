package io.quorate.server.raft;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.util.SizeInBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a Raft log on disk holds, found by reading every entry and its checksum before Ratis does: so that a damaged or
 * rolled-back log is refused in our words, and before this member may vote.
 */
final class LogScan {

    private static final Logger log = LoggerFactory.getLogger(LogScan.class);
    private static final Pattern SEGMENT =
            Pattern.compile("log_(?:(?<start>\\d+)-(?<end>\\d+)|inprogress_(?<open>\\d+))");

    /**
     * A file of the log.
     *
     * @param end index of its last entry, -1 while it is the open one
     */
    private record Segment(Path file, long start, long end) {}

    /**
     * What the group was made of from an entry on.
     *
     * @param index of the entry
     * @param members everybody whom it names, with a vote or without
     */
    record Configuration(long index, Set<String> members) {

        static Configuration of(LogEntryProto entry) {
            return new Configuration(entry.getIndex(), memberIds(entry.getConfigurationEntry()));
        }

        boolean lists(String memberId) {
            return members.contains(memberId);
        }
    }

    /** The rest of an interrupted write, from {@code offset} to the end of the open segment. */
    record Torn(Path file, long offset) {

        /** Takes it away: Ratis itself would not start over it. */
        void drop() throws IOException {
            log.warn("Dropping what an interrupted write left in {} from byte {} on", file, offset);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(offset);
                channel.force(true);
            }
        }
    }

    /** {@code RaftLog1} at the beginning of each file. */
    private static final int HEADER_BYTES = 8;

    private long firstIndex = -1;
    private long lastIndex = -1;
    private long termAtWatermark = -1;
    private long highestTerm;
    private long readBytes;
    private Optional<Torn> torn = Optional.empty();
    private final List<Configuration> configurations = new ArrayList<>();

    private final long watermarkIndex;

    private LogScan(long watermarkIndex) {
        this.watermarkIndex = watermarkIndex;
    }

    /**
     * Reads the log in {@code directory}. An incomplete last entry is not an error, see {@link TornWrite}: it was never
     * acknowledged, unless it lies at or below the watermark, which the caller compares.
     *
     * @throws IOException when an entry is damaged, or some are missing in between
     */
    static LogScan of(Path directory, long watermarkIndex) throws IOException {
        List<Segment> segments = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "log_*")) {
            for (Path file : files) {
                Matcher matcher = SEGMENT.matcher(String.valueOf(file.getFileName()));
                // An open segment of size zero is the rest of a crash just after its creation.
                if (matcher.matches() && Files.size(file) > 0) {
                    String start = matcher.group("start") != null ? matcher.group("start") : matcher.group("open");
                    segments.add(new Segment(
                            file,
                            Long.parseLong(start),
                            matcher.group("end") == null ? -1 : Long.parseLong(matcher.group("end"))));
                }
            }
        }
        segments.sort(Comparator.comparingLong(Segment::start));
        LogScan scan = new LogScan(watermarkIndex);
        for (int number = 0; number < segments.size(); number++) {
            scan.read(segments.get(number), number == segments.size() - 1);
        }
        return scan;
    }

    private void read(Segment segment, boolean last) throws IOException {
        long start = segment.start();
        if (lastIndex >= 0 && start != lastIndex + 1) {
            throw new IOException(
                    "log entries " + (lastIndex + 1) + " to " + (start - 1) + " are missing before " + segment.file());
        }
        readBytes = HEADER_BYTES;
        int count;
        try {
            count = LogSegment.readSegmentFile(
                    segment.file().toFile(),
                    LogSegmentPath.matchLogSegment(segment.file()).getStartEnd(),
                    SizeInBytes.valueOf(RaftSettings.MAX_ENTRY_BYTES),
                    CorruptionPolicy.EXCEPTION,
                    null,
                    this::accept);
        } catch (IOException | IllegalStateException e) {
            if (last && segment.end() < 0 && TornWrite.isAt(segment.file(), readBytes)) {
                torn = Optional.of(new Torn(segment.file(), readBytes));
                return;
            }
            throw new IOException("log segment " + segment.file() + " is damaged: " + e.getMessage(), e);
        }
        // What seems to reach beyond the end of the file is taken for incomplete, and passed over.
        if (segment.end() < 0 && TornWrite.isRottenAt(segment.file(), readBytes)) {
            throw new IOException("log segment " + segment.file() + " is damaged at byte " + readBytes);
        }
        if (segment.end() >= 0) {
            long expected = segment.end() - start + 1;
            if (count != expected) {
                throw new IOException(
                        "log segment " + segment.file() + " has " + count + " of its " + expected + " entries");
            }
        }
    }

    private void accept(LogEntryProto entry) {
        if (firstIndex < 0) {
            firstIndex = entry.getIndex();
        }
        if (entry.getIndex() == watermarkIndex) {
            termAtWatermark = entry.getTerm();
        }
        highestTerm = Math.max(highestTerm, entry.getTerm());
        if (entry.hasConfigurationEntry()) {
            configurations.add(Configuration.of(entry));
        }
        lastIndex = entry.getIndex();
        int size = entry.getSerializedSize();
        readBytes += CodedOutputStream.computeUInt32SizeNoTag(size) + size + Integer.BYTES;
    }

    private static Set<String> memberIds(RaftConfigurationProto configuration) {
        Set<String> ids = new TreeSet<>();
        for (List<RaftPeerProto> peers : List.of(
                configuration.getPeersList(),
                configuration.getListenersList(),
                configuration.getOldPeersList(),
                configuration.getOldListenersList())) {
            peers.forEach(peer -> ids.add(peer.getId().toStringUtf8()));
        }
        return ids;
    }

    /** Index of the first entry that is still there, -1 without entries. */
    long firstIndex() {
        return firstIndex;
    }

    /** Index of the last complete entry, -1 without entries. */
    long lastIndex() {
        return lastIndex;
    }

    /** Term of the entry at the watermark, -1 when the log does not have it. */
    long termAtWatermark() {
        return termAtWatermark;
    }

    /** Of all entries, 0 without any: no member has written one of a term that it does not know. */
    long highestTerm() {
        return highestTerm;
    }

    /** What an interrupted write left behind the last entry. */
    Optional<Torn> torn() {
        return torn;
    }

    /** The configurations of the group in this log, in their order. */
    List<Configuration> configurations() {
        return List.copyOf(configurations);
    }
}
