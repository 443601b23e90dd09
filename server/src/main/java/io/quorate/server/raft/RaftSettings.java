package io.quorate.server.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Read;
import org.apache.ratis.server.RaftServerConfigKeys.Snapshot;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * What an operator may tune about Raft. Everything else that matters is set in {@link #properties}, so that no default of
 * Ratis decides anything (NO-DEFAULT-PATHS).
 *
 * @param electionTimeoutMin a follower that hears nothing for a random time between this and the maximum stands for
 *     election; heartbeats go out every half of it
 * @param electionTimeoutMax at least 1.5 times the minimum
 * @param snapshotEntries a snapshot is taken after so many log entries
 * @param snapshotBytes or after so many bytes of log, whichever comes first
 * @param keptEntries log entries kept behind a snapshot, so that a member that was away shortly needs no snapshot
 * @param segmentBytes size of a file of the log; it is purged as a whole
 */
public record RaftSettings(
        Duration electionTimeoutMin,
        Duration electionTimeoutMax,
        long snapshotEntries,
        long snapshotBytes,
        long keptEntries,
        int segmentBytes) {

    /** Largest entry of the log: one apply of 8 MiB and its envelope. */
    static final int MAX_ENTRY_BYTES = 9 << 20;

    private static final int MIB = 1 << 20;

    public RaftSettings {
        if (electionTimeoutMin.toMillis() < 50) {
            throw new IllegalArgumentException("electionTimeoutMin must be at least 50 ms, not " + electionTimeoutMin);
        }
        if (electionTimeoutMax.toMillis() * 2 < electionTimeoutMin.toMillis() * 3) {
            throw new IllegalArgumentException("electionTimeoutMax (" + electionTimeoutMax
                    + ") must be at least 1.5 times electionTimeoutMin (" + electionTimeoutMin + ")");
        }
        if (snapshotEntries < 1 || snapshotBytes < 1 || keptEntries < 0) {
            throw new IllegalArgumentException(
                    "snapshotEntries and snapshotBytes must be positive, keptEntries must not be negative");
        }
        if (segmentBytes < 64 << 10 || segmentBytes > 64 * MIB) {
            throw new IllegalArgumentException("segmentBytes must be from 64 KiB to 64 MiB, not " + segmentBytes);
        }
    }

    public static RaftSettings defaults() {
        return new RaftSettings(Duration.ofMillis(500), Duration.ofMillis(1_000), 20_000, 64L * MIB, 2_000, 4 * MIB);
    }

    /** The same with other election timeouts. */
    public RaftSettings withElectionTimeouts(Duration min, Duration max) {
        return new RaftSettings(min, max, snapshotEntries, snapshotBytes, keptEntries, segmentBytes);
    }

    /** The same with other thresholds for snapshots and for what stays behind them. */
    public RaftSettings withSnapshots(long entries, long kept, int segment) {
        return new RaftSettings(electionTimeoutMin, electionTimeoutMax, entries, snapshotBytes, kept, segment);
    }

    RaftProperties properties(Path storage, String listenHost, int listenPort) {
        RaftProperties properties = new RaftProperties();
        storage(properties, storage);
        log(properties);
        snapshots(properties);
        elections(properties);
        reads(properties);
        transport(properties, listenHost, listenPort);
        return properties;
    }

    private static void storage(RaftProperties properties, Path storage) {
        RaftServerConfigKeys.setStorageDir(properties, List.of(storage.toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(
                properties, storage.resolveSibling("raft-removed").toFile());
        // Free space is watched by the health checks; a full disk fails the log, and that halts the process.
        RaftServerConfigKeys.setStorageFreeSpaceMin(properties, SizeInBytes.valueOf(0));
        // A paused machine comes back as a follower by Raft's own rules: closing the server would only add a restart.
        RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(1, TimeUnit.HOURS));
        RaftServerConfigKeys.setSleepDeviationThreshold(properties, millis(300));
        RaftServerConfigKeys.setStagingTimeout(properties, TimeDuration.valueOf(30, TimeUnit.SECONDS));
        RaftServerConfigKeys.setStagingCatchupGap(properties, 1_000);
    }

    private void log(RaftProperties properties) {
        Log.setUseMemory(properties, false);
        Log.setCorruptionPolicy(properties, Log.CorruptionPolicy.EXCEPTION);
        Log.setUnsafeFlushEnabled(properties, false);
        Log.setAsyncFlushEnabled(properties, false);
        Log.setForceSyncNum(properties, 128);
        // By default one more entry is appended, flushed and replicated after each commit: half of the speed at 1
        // client.
        Log.setLogMetadataEnabled(properties, false);
        // A follower appends in the thread that took the message, not in two more: half of the speed at 1 client.
        Log.setAppendEntriesComposeEnabled(properties, false);
        Log.setSegmentSizeMax(properties, bytes(segmentBytes));
        Log.setPreallocatedSize(properties, bytes(segmentBytes));
        // The defaults (6 segments of 32 MB) fill the heap and cost full collections longer than an election timeout.
        Log.setSegmentCacheNumMax(properties, 2);
        Log.setSegmentCacheSizeMax(properties, bytes(8 * MIB));
        Log.setWriteBufferSize(properties, bytes(MAX_ENTRY_BYTES + 1024));
        Log.setQueueByteLimit(properties, bytes(32 * MIB));
        Log.setQueueElementLimit(properties, 4096);
        Log.Appender.setBufferByteLimit(properties, bytes(MAX_ENTRY_BYTES));
        Log.Appender.setBufferElementLimit(properties, 0);
        Log.Appender.setSnapshotChunkSizeMax(properties, bytes(MIB));
        Log.Appender.setInstallSnapshotEnabled(properties, true);
        // The pause between two messages to a follower. A millisecond is most of a commit for one client at a time;
        // without
        // any, many small messages go out under load.
        Log.Appender.setWaitTimeMin(properties, TimeDuration.valueOf(200, TimeUnit.MICROSECONDS));
        // By default up to 7.5 s (each error counts, also that a member that is back lags behind): it had no leader
        // meanwhile, because its heartbeats wait, too.
        Log.Appender.setRetryPolicy(properties, "1ms,10, 100ms,1000000");
        Log.setPurgeGap(properties, 1);
        // Without it one dead voter would make the others keep their logs for ever; it gets a snapshot instead.
        Log.setPurgeUptoSnapshotIndex(properties, true);
        Log.setPurgePreservationLogNum(properties, keptEntries);
    }

    private void snapshots(RaftProperties properties) {
        Snapshot.setAutoTriggerEnabled(properties, true);
        Snapshot.setAutoTriggerThreshold(properties, snapshotEntries);
        Snapshot.setCreationGap(properties, 1);
        Snapshot.setTriggerWhenStopEnabled(properties, false);
        Snapshot.setTriggerWhenRemoveEnabled(properties, false);
        Snapshot.setRetentionFileNum(properties, SnapshotFiles.RETAINED);
    }

    private void elections(RaftProperties properties) {
        TimeDuration min = millis(electionTimeoutMin.toMillis());
        TimeDuration max = millis(electionTimeoutMax.toMillis());
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, min);
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, max);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, min);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, max);
        RaftServerConfigKeys.Rpc.setRequestTimeout(properties, millis(3_000));
        RaftServerConfigKeys.Rpc.setSleepTime(properties, millis(25));
        RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, TimeDuration.valueOf(60, TimeUnit.SECONDS));
        RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
        RaftServerConfigKeys.LeaderElection.setMemberMajorityAdd(properties, false);
        // The default of 10 s would keep a leader that lost its majority for a moment from standing again.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
                properties, millis(2 * electionTimeoutMax.toMillis()));
        RaftServerConfigKeys.Notification.setNoLeaderTimeout(properties, TimeDuration.valueOf(60, TimeUnit.SECONDS));
    }

    private static void reads(RaftProperties properties) {
        // Never used: the option LINEARIZABLE of this version returns stale values, see Proposer.
        Read.setOption(properties, Read.Option.DEFAULT);
        Read.setLeaderLeaseEnabled(properties, false);
        // Our own ledger answers repeated requests; no call id is ever sent twice.
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.ONE_SECOND);
        RaftServerConfigKeys.Write.setElementLimit(properties, 1_024);
        RaftServerConfigKeys.Write.setByteLimit(properties, bytes(32 * MIB));
    }

    private static void transport(RaftProperties properties, String listenHost, int listenPort) {
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(properties, listenHost);
        GrpcConfigKeys.Server.setPort(properties, listenPort);
        GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
        GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(properties, 8);
        GrpcConfigKeys.setMessageSizeMax(properties, bytes(MAX_ENTRY_BYTES + 2 * MIB));
        GrpcConfigKeys.setFlowControlWindow(properties, bytes(MIB));
    }

    private static SizeInBytes bytes(long bytes) {
        return SizeInBytes.valueOf(bytes);
    }

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }
}
