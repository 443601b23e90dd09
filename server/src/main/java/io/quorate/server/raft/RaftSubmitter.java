package io.quorate.server.raft;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts requests into this process' own Ratis server, without a network hop. Thread-safe. */
final class RaftSubmitter implements EntrySink {

    private static final Logger log = LoggerFactory.getLogger(RaftSubmitter.class);
    private static final long SNAPSHOT_TIMEOUT_MILLIS = 60_000;
    private static final long STEP_DOWN_MILLIS = 3_000;

    /** One for each life of the process: call ids begin anew with it. */
    private final ClientId clientId = ClientId.randomId();

    private final RaftGroupId groupId;
    private final RaftPeerId self;
    private final AtomicLong adminCallIds = new AtomicLong(1L << 40);
    private final AtomicLong bytesSinceSnapshot = new AtomicLong();
    private volatile @Nullable RaftServer server;
    private volatile @Nullable RaftClientAsynchronousProtocol entries;

    RaftSubmitter(RaftGroupId groupId, RaftPeerId self) {
        this.groupId = groupId;
        this.self = self;
    }

    /**
     * From now on requests go to this server.
     *
     * @param member its part in the group; entries are handed to it on the calling thread, where the server as a whole would
     *     hand them to a thread of its pool and wait for it: two switches of thread for each entry
     */
    void use(RaftServer started, RaftServer.Division member) {
        this.server = started;
        this.entries = (RaftClientAsynchronousProtocol) member;
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not started");
        }
        return part;
    }

    boolean isOwn(String otherClientId) {
        return clientId.toString().equals(otherClientId);
    }

    ClientId clientId() {
        return clientId;
    }

    /** A fresh call id for anything but entries, whose ids the proposer counts from 1. */
    long nextAdminCallId() {
        return adminCallIds.incrementAndGet();
    }

    RaftGroupId groupId() {
        return groupId;
    }

    RaftPeerId self() {
        return self;
    }

    @Override
    public CompletableFuture<Outcome> submit(long callId, byte[] entry) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(self)
                .setGroupId(groupId)
                .setCallId(callId)
                .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        try {
            return started(entries).submitClientRequestAsync(request).handle(RaftSubmitter::outcome);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.completedFuture(outcome(null, e));
        }
    }

    private static Outcome outcome(@Nullable RaftClientReply reply, @Nullable Throwable thrown) {
        if (reply != null && reply.isSuccess()) {
            return Outcome.APPLIED;
        }
        Throwable failure = thrown;
        if (reply != null && thrown == null) {
            failure = reply.getException();
        }
        while (failure != null && failure.getCause() != null && !isBeforeLog(failure)) {
            failure = failure.getCause();
        }
        log.debug("An entry failed", failure);
        return failure != null && isBeforeLog(failure) ? Outcome.NOT_LOGGED : Outcome.UNKNOWN;
    }

    /** Ratis answers these before it appends. NotLeaderException is not one: it also ends what is in the log already. */
    private static boolean isBeforeLog(Throwable failure) {
        return failure instanceof LeaderNotReadyException
                || failure instanceof LeaderSteppingDownException
                || failure instanceof ResourceUnavailableException
                || failure instanceof ServerNotReadyException;
    }

    /** Counts the bytes of an applied entry; true once each time that they reach {@code limit}. */
    boolean snapshotDue(long bytes, long limit) {
        if (bytesSinceSnapshot.addAndGet(bytes) < limit) {
            return false;
        }
        bytesSinceSnapshot.set(0);
        return true;
    }

    /** Gives leadership up; whoever is elected next has a new term. */
    void stepDown() {
        TransferLeadershipRequest request =
                new TransferLeadershipRequest(clientId, self, groupId, nextAdminCallId(), null, STEP_DOWN_MILLIS);
        try {
            var unused = started(server).transferLeadershipAsync(request).whenComplete((reply, failure) -> {
                if (failure != null || !reply.isSuccess()) {
                    log.warn("Giving leadership up failed: {}", failure != null ? failure : reply.getException());
                }
            });
        } catch (IOException e) {
            log.warn("Giving leadership up failed", e);
        }
    }

    /** Asks Ratis for a snapshot now: its own trigger counts entries, not bytes. */
    void requestSnapshot() {
        SnapshotManagementRequest request = SnapshotManagementRequest.newCreate(
                clientId, self, groupId, nextAdminCallId(), SNAPSHOT_TIMEOUT_MILLIS);
        var unused = started(server).snapshotManagementAsync(request).whenComplete((reply, failure) -> {
            if (failure != null || !reply.isSuccess()) {
                log.warn("A snapshot was asked for, but not taken: {}", failure != null ? failure : reply);
            }
        });
    }
}
