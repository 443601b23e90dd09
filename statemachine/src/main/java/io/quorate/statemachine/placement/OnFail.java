package io.quorate.statemachine.placement;

/** What is done when an operation fails, from mildest to hardest: of several failures the hardest counts. */
public enum OnFail {
    IGNORE,
    DEMOTE,
    RESTART,
    /** The node that this connection leads to is fenced or connected to again. */
    RESET_REMOTE,
    RESTART_CONTAINER,
    /** Never again on this node. */
    BAN,
    /** Nothing more is done with the resource until a person has cleaned up. */
    BLOCK,
    /** It is stopped and stays so. */
    STOP,
    /** Everything leaves the node. */
    STANDBY,
    FENCE
}
