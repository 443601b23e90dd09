package io.quorate.server.raft;

import io.quorate.log.v1.DigestCheck;
import io.quorate.log.v1.LogEntry;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.TimeDuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a digest of this member into the log through the leader's Raft port: the one thing that a follower may log by
 * itself. Rare: only when replicas differ.
 */
final class DigestPost implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DigestPost.class);

    private final RaftGroup group;
    private final RaftProperties properties;
    private final Parameters parameters;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "quorate-digest");
        thread.setDaemon(true);
        return thread;
    });

    DigestPost(RaftGroup group, RaftProperties properties, Parameters parameters) {
        this.group = group;
        this.properties = properties;
        this.parameters = parameters;
    }

    /** Does not wait. Tries for half a minute; the next round comes anyway. */
    void post(DigestCheck check) {
        executor.execute(() -> send(check));
    }

    private void send(DigestCheck check) {
        byte[] entry = LogEntry.newBuilder().setDigestCheck(check).build().toByteArray();
        try (RaftClient client = RaftClient.newBuilder()
                .setRaftGroup(group)
                .setProperties(properties)
                .setParameters(parameters)
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                        30, TimeDuration.valueOf(1, TimeUnit.SECONDS)))
                .build()) {
            RaftClientReply reply = client.io().send(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)));
            if (!reply.isSuccess()) {
                log.error("The digest of this replica could not be logged: {}", reply.getException());
            }
        } catch (IOException e) {
            log.error("The digest of this replica could not be logged", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
