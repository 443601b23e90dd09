package io.quorate.server.leader;

import java.util.Map;

/**
 * What the leader loops of this process have counted since it started.
 *
 * @param terms in which this process led
 * @param defects events that ended in an exception; the term's soft state was rebuilt after each
 * @param renewals answered with a lease
 * @param revocations renewals that were refused
 * @param confirmations barriers for renewals and work sets
 * @param refusalsByCode decisions that apply refused (I9: on an unchanged state there should be none)
 * @param repeatedRefusals of them, those of an instance whose last decision was refused too
 */
public record LeaderCounters(
        long terms,
        long defects,
        long renewals,
        long revocations,
        long confirmations,
        long nodesDeclaredLost,
        long fenceAttempts,
        long fenceFailures,
        long policyRuns,
        long decisionsProposed,
        long decisionsAccepted,
        long repeatedRefusals,
        Map<String, Long> refusalsByCode) {

    public LeaderCounters {
        refusalsByCode = Map.copyOf(refusalsByCode);
    }
}
