package io.quorate.server.api;

import io.quorate.server.leader.LeaderCounters;
import io.quorate.server.leader.LeaderPort;
import io.quorate.v1.FencePathResult;
import io.quorate.v1.OperationResult;
import io.quorate.v1.SignOfLife;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A leader loop that knows one sign of life and has counted one refusal, and nothing else. */
final class SilentLeader implements LeaderPort {
    volatile boolean nodeAnswers;

    @Override
    public CompletableFuture<List<OperationResult>> logs(String node, String resource, String operation) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletableFuture<List<FencePathResult>> checkFencing(@Nullable String node) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletableFuture<List<SignOfLife>> probeNode(String node) {
        return CompletableFuture.completedFuture(List.of(
                SignOfLife.newBuilder().setFrom("n1").setAnswered(nodeAnswers).build()));
    }

    @Override
    public Map<String, Duration> heartbeatAges() {
        return Map.of();
    }

    @Override
    public LeaderCounters counters() {
        return new LeaderCounters(1, 0, 2, 0, 3, 4, 5, 6, 7, 9, 8, 1, Map.of("STALE_READ", 1L));
    }
}
