package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.junit.jupiter.api.Test;

class RaftSettingsTest {

    /** A leader that waits longer leaves a member that is back without heartbeats: it stands for election instead. */
    @Test
    void howeverLongAMemberWasAwayItsLeaderLooksForItOftenerThanAnElectionTimesOut() {
        RaftSettings settings = RaftSettings.defaults();
        RaftProperties properties = settings.properties(Path.of("raft"), "", 1);
        RetryPolicy policy = RetryPolicy.parse(Log.Appender.retryPolicy(properties), Log.Appender.RETRY_POLICY_KEY);
        for (int errors = 1; errors <= 100_000; errors++) {
            int count = errors;
            assertThat(policy.handleAttemptFailure(() -> count).getSleepTime().toLong(TimeUnit.MILLISECONDS))
                    .as("pause after %d errors", errors)
                    .isBetween(0L, settings.electionTimeoutMin().toMillis() / 2);
        }
    }
}
