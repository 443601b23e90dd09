package io.quorate.server.leader;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the leader loops of this process have counted since it started. Thread-safe. */
final class Counters {
    final LongAdder terms = new LongAdder();
    final LongAdder defects = new LongAdder();
    final LongAdder renewals = new LongAdder();
    final LongAdder revocations = new LongAdder();
    final LongAdder confirmations = new LongAdder();
    final LongAdder nodesDeclaredLost = new LongAdder();
    final LongAdder fenceAttempts = new LongAdder();
    final LongAdder fenceFailures = new LongAdder();
    final LongAdder policyRuns = new LongAdder();
    final LongAdder decisionsProposed = new LongAdder();
    final LongAdder decisionsAccepted = new LongAdder();
    final LongAdder repeatedRefusals = new LongAdder();
    private final Map<String, LongAdder> refusals = new ConcurrentHashMap<>();

    void refused(String code) {
        refusals.computeIfAbsent(code, unused -> new LongAdder()).increment();
    }

    LeaderCounters snapshot() {
        Map<String, Long> byCode = new TreeMap<>();
        refusals.forEach((code, count) -> byCode.put(code, count.sum()));
        return new LeaderCounters(
                terms.sum(),
                defects.sum(),
                renewals.sum(),
                revocations.sum(),
                confirmations.sum(),
                nodesDeclaredLost.sum(),
                fenceAttempts.sum(),
                fenceFailures.sum(),
                policyRuns.sum(),
                decisionsProposed.sum(),
                decisionsAccepted.sum(),
                repeatedRefusals.sum(),
                byCode);
    }
}
