package io.quorate.statemachine.model;

import com.google.protobuf.Duration;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.SettingsSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Effective cluster-wide settings: what was set, else the default. All times in milliseconds.
 *
 * @param renewEveryMillis interval of lease renewals
 * @param suspectAfterMillis silence after which a node is declared lost
 * @param reattachGraceMillis for a node whose kernel answered after its agent's connection broke
 * @param leaseMillis how long an agent without contact counts as in contact
 * @param bestEffortMarginMillis added to the lease before a bestEffort instance is given away
 * @param startupGraceMillis after a cold start, before nodes that were never seen may be fenced
 * @param maxFencedSharePercent of the nodes that may be fenced without a person; at least one
 * @param historyEvents lines of history that are kept
 * @param placementStrategy what utilization means for placement; never unspecified
 * @param maxStartsPerNode starts and promotions that an agent has under way at once
 * @param maxMigrationsPerNode live migrations that a node sends or receives at once
 * @param nodeHealth what health of nodes means for placement; every field is set, the strategy never unspecified
 */
public record Settings(
        long renewEveryMillis,
        long suspectAfterMillis,
        long reattachGraceMillis,
        long leaseMillis,
        long bestEffortMarginMillis,
        long startupGraceMillis,
        int maxFencedSharePercent,
        long fenceAttemptTimeoutMillis,
        int fenceRetriesPerLevel,
        long fenceBackoffMaxMillis,
        long restartBackoffMaxMillis,
        int historyEvents,
        PlacementStrategy placementStrategy,
        int maxStartsPerNode,
        int maxMigrationsPerNode,
        NodeHealth nodeHealth) {

    /** An announced restart of an agent may take this long. */
    public static final long DETACH_GRACE_MILLIS = 20_000;

    /** The highest that {@link #maxStartsPerNode} may be. */
    public static final int MOST_STARTS_PER_NODE = 1_000;

    /** The highest that {@link #maxMigrationsPerNode} may be. */
    public static final int MOST_MIGRATIONS_PER_NODE = 1_000;

    /** The effective settings of a spec. */
    public static Settings of(SettingsSpec spec) {
        return new Settings(
                spec.hasRenewEvery() ? millis(spec.getRenewEvery()) : 400,
                spec.hasSuspectAfter() ? millis(spec.getSuspectAfter()) : 2_000,
                spec.hasReattachGrace() ? millis(spec.getReattachGrace()) : 3_000,
                spec.hasLease() ? millis(spec.getLease()) : 10_000,
                spec.hasBestEffortMargin() ? millis(spec.getBestEffortMargin()) : 2_000,
                spec.hasStartupGrace() ? millis(spec.getStartupGrace()) : 180_000,
                spec.hasMaxFencedSharePercent() ? spec.getMaxFencedSharePercent() : 25,
                spec.hasFenceAttemptTimeout() ? millis(spec.getFenceAttemptTimeout()) : 40_000,
                spec.hasFenceRetriesPerLevel() ? spec.getFenceRetriesPerLevel() : 2,
                spec.hasFenceBackoffMax() ? millis(spec.getFenceBackoffMax()) : 30_000,
                spec.hasRestartBackoffMax() ? millis(spec.getRestartBackoffMax()) : 30_000,
                spec.hasHistoryEvents() ? spec.getHistoryEvents() : 20_000,
                strategy(spec.getPlacementStrategy()),
                spec.hasMaxStartsPerNode() ? spec.getMaxStartsPerNode() : 16,
                spec.hasMaxMigrationsPerNode() ? spec.getMaxMigrationsPerNode() : 2,
                health(spec.getNodeHealth()));
    }

    private static PlacementStrategy strategy(PlacementStrategy given) {
        return given == PlacementStrategy.PLACEMENT_STRATEGY_UNSPECIFIED
                ? PlacementStrategy.PLACEMENT_STRATEGY_DEFAULT
                : given;
    }

    private static NodeHealth health(NodeHealth given) {
        HealthStrategy strategy = given.getStrategy();
        return NodeHealth.newBuilder()
                .setStrategy(
                        strategy == HealthStrategy.HEALTH_STRATEGY_UNSPECIFIED
                                ? HealthStrategy.HEALTH_STRATEGY_NONE
                                : strategy)
                .setRed(given.hasRed() ? given.getRed() : -ManifestLimits.MAX_SCORE)
                .setYellow(given.getYellow())
                .setGreen(given.getGreen())
                .setBase(given.getBase())
                .build();
    }

    /** The effective settings as a spec with every field set. */
    public SettingsSpec toSpec() {
        return SettingsSpec.newBuilder()
                .setRenewEvery(duration(renewEveryMillis))
                .setSuspectAfter(duration(suspectAfterMillis))
                .setReattachGrace(duration(reattachGraceMillis))
                .setLease(duration(leaseMillis))
                .setBestEffortMargin(duration(bestEffortMarginMillis))
                .setStartupGrace(duration(startupGraceMillis))
                .setMaxFencedSharePercent(maxFencedSharePercent)
                .setFenceAttemptTimeout(duration(fenceAttemptTimeoutMillis))
                .setFenceRetriesPerLevel(fenceRetriesPerLevel)
                .setFenceBackoffMax(duration(fenceBackoffMaxMillis))
                .setRestartBackoffMax(duration(restartBackoffMaxMillis))
                .setHistoryEvents(historyEvents)
                .setPlacementStrategy(placementStrategy)
                .setMaxStartsPerNode(maxStartsPerNode)
                .setMaxMigrationsPerNode(maxMigrationsPerNode)
                .setNodeHealth(nodeHealth)
                .build();
    }

    /** Why these values may not be used together; empty when they may. Hard limits: they protect the protocol. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        range(problems, "renewEvery", renewEveryMillis, 50, 10_000, "ms");
        range(problems, "suspectAfter", suspectAfterMillis, 200, 600_000, "ms");
        range(problems, "reattachGrace", reattachGraceMillis, 0, 600_000, "ms");
        range(problems, "lease", leaseMillis, 1_000, 600_000, "ms");
        range(problems, "bestEffortMargin", bestEffortMarginMillis, 500, 600_000, "ms");
        range(problems, "startupGrace", startupGraceMillis, 0, 3_600_000, "ms");
        range(problems, "maxFencedSharePercent", maxFencedSharePercent, 0, 100, "%");
        range(problems, "fenceAttemptTimeout", fenceAttemptTimeoutMillis, 100, 600_000, "ms");
        range(problems, "fenceRetriesPerLevel", fenceRetriesPerLevel, 1, 100, "");
        range(problems, "fenceBackoffMax", fenceBackoffMaxMillis, 100, 3_600_000, "ms");
        range(problems, "restartBackoffMax", restartBackoffMaxMillis, 0, 3_600_000, "ms");
        range(problems, "historyEvents", historyEvents, 100, 100_000, "");
        range(problems, "maxStartsPerNode", maxStartsPerNode, 1, MOST_STARTS_PER_NODE, "");
        range(problems, "maxMigrationsPerNode", maxMigrationsPerNode, 1, MOST_MIGRATIONS_PER_NODE, "");
        if (suspectAfterMillis < 3 * renewEveryMillis) {
            problems.add("suspectAfter (" + suspectAfterMillis + " ms) must be at least three times renewEvery ("
                    + renewEveryMillis + " ms), or one late renewal loses a node");
        }
        if (leaseMillis <= suspectAfterMillis) {
            problems.add(
                    "lease (" + leaseMillis + " ms) must be longer than suspectAfter (" + suspectAfterMillis + " ms)");
        }
        return problems;
    }

    /** The longest lease that an owner may still count: a shorter setting does not reach one that is out of contact. */
    public long leaseOfRecordMillis(OwnershipRow ownership) {
        return Math.max(ownership.getLeaseMillis(), leaseMillis);
    }

    /** How long a bestEffort owner must have been silent before its unit is given away. */
    public long leaseWaitMillis(OwnershipRow ownership) {
        return leaseOfRecordMillis(ownership) + bestEffortMarginMillis;
    }

    /** For how long from then, in the log's time, leases of a longer setting, and the margin, may still run. */
    public long longerLeasesLeftMillis(OwnershipRow ownership, long logMillis) {
        long end = ownership.getLongerLeasesEndLogMillis();
        return end == 0 ? 0 : Math.max(0, end + bestEffortMarginMillis - logMillis);
    }

    private static void range(List<String> problems, String name, long value, long min, long max, String unit) {
        if (value < min || value > max) {
            problems.add(name + " is " + value + unit + ": it must be between " + min + " and " + max + unit);
        }
    }

    /** A protobuf duration in milliseconds, rounded down; saturates instead of overflowing. */
    public static long millis(Duration duration) {
        long seconds = Math.max(-9_000_000_000L, Math.min(9_000_000_000L, duration.getSeconds()));
        return seconds * 1_000 + duration.getNanos() / 1_000_000;
    }

    /** Milliseconds as a protobuf duration. */
    public static Duration duration(long millis) {
        return Duration.newBuilder()
                .setSeconds(millis / 1_000)
                .setNanos((int) (millis % 1_000) * 1_000_000)
                .build();
    }
}
