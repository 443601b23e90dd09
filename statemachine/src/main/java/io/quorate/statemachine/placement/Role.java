package io.quorate.statemachine.placement;

/** What an instance is on a node, from least to most. */
public enum Role {
    STOPPED,
    /** Runs, where there is nothing to be promoted to. */
    STARTED,
    /** Runs, and could be promoted. */
    UNPROMOTED,
    PROMOTED;

    public boolean isActive() {
        return this != STOPPED;
    }
}
