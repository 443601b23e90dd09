package io.quorate.server.leader;

import io.quorate.v1.FencePathResult;
import io.quorate.v1.OperationResult;
import io.quorate.v1.SignOfLife;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the API asks of the leader beside the replicated state. Thread-safe. On a server that does not lead, futures
 * fail with {@code UnavailableException} and ages are empty.
 */
public interface LeaderPort {

    /** The last outputs that the node's agent kept; empty names mean all. An unreachable agent gives an empty list. */
    CompletableFuture<List<OperationResult>> logs(String node, String resource, String operation);

    /** Runs the harmless status action of every fence path of the node (null: of all) from every node that is up. */
    CompletableFuture<List<FencePathResult>> checkFencing(@Nullable String node);

    /** Whether anything still answers at the node, as this leader and every node that is up see it. */
    CompletableFuture<List<SignOfLife>> probeNode(String node);

    /** Time since each node was last heard. */
    Map<String, Duration> heartbeatAges();

    LeaderCounters counters();
}
