package io.quorate.statemachine.placement;

/**
 * What holds for the whole cluster.
 *
 * @param fencing nodes can be fenced; without it a lost node counts as stopped
 * @param symmetric resources may run anywhere unless something says no
 * @param maintenance nothing is done with anything
 * @param stopAll everything is stopped
 * @param startFailureIsFatal one failed start bans a node
 * @param stopRemoved what is not configured any more is stopped
 * @param concurrentFencing several nodes may be fenced at once
 * @param staysOnTies the present node wins every tie, not only those of a positive score
 */
public record Options(
        boolean fencing,
        boolean quorum,
        NoQuorum noQuorum,
        boolean symmetric,
        boolean maintenance,
        boolean stopAll,
        boolean startFailureIsFatal,
        boolean stopRemoved,
        Strategy strategy,
        boolean concurrentFencing,
        boolean staysOnTies) {
    public Options(
            boolean fencing,
            boolean quorum,
            NoQuorum noQuorum,
            boolean symmetric,
            boolean maintenance,
            boolean stopAll,
            boolean startFailureIsFatal,
            boolean stopRemoved,
            Strategy strategy) {
        this(
                fencing,
                quorum,
                noQuorum,
                symmetric,
                maintenance,
                stopAll,
                startFailureIsFatal,
                stopRemoved,
                strategy,
                true,
                false);
    }

    /** What is done without a quorum. */
    public enum NoQuorum {
        STOP,
        IGNORE,
        FREEZE,
        DEMOTE,
        /** The nodes without a quorum fence themselves. */
        FENCE
    }

    /** How load counts. */
    public enum Strategy {
        DEFAULT,
        /** Nodes that have not enough left are out. */
        UTILIZATION,
        /** And of the others the one with most left is best. */
        BALANCED,
        /** As few nodes as can be. */
        MINIMAL
    }

    /** Whether resources may be started and kept as if there were a quorum. */
    public boolean actsAsQuorate() {
        return quorum || noQuorum == NoQuorum.IGNORE;
    }
}
