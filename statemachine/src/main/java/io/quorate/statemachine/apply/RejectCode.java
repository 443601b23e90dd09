package io.quorate.statemachine.apply;

import org.jspecify.annotations.Nullable;

/**
 * Why a command was refused. The numbers are part of the interface and of the log; a lower number takes precedence:
 * the checks of every command run in this order. A refusal is final: the command was definitely not executed.
 */
public enum RejectCode {
    /** A lower cluster feature level than the command needs. */
    LEVEL_TOO_LOW(101, Category.SAFETY),
    NOT_INITIALIZED(102, Category.CONFLICT),
    ALREADY_INITIALIZED(103, Category.CONFLICT),
    /** This kind of actor may not send this kind of command. */
    NOT_ALLOWED(104, Category.DENIED),
    /** One request id with two different bodies. */
    REQUEST_ID_REUSED(105, Category.INVALID),
    /** The ledger may have forgotten this request id (LedgerHorizon). */
    REQUEST_EXPIRED(106, Category.EXPIRED),
    /** It rests on a measurement of an earlier term's leader (TermBound). */
    WRONG_TERM(107, Category.CONFLICT),
    /** The state is no longer at the position that the command names. */
    POSITION_MOVED(108, Category.CONFLICT),
    /** An object that the command relied on has moved. */
    STALE_READ(109, Category.CONFLICT),

    INVALID_ARGUMENT(201, Category.INVALID),
    TOO_LARGE(202, Category.INVALID),
    LIMIT_REACHED(203, Category.QUOTA),
    INVALID_SETTINGS(204, Category.INVALID),

    NOT_FOUND(301, Category.NOT_FOUND),
    DANGLING_REFERENCE(302, Category.INVALID),
    NAME_TAKEN(303, Category.INVALID),
    IN_TWO_GROUPS(304, Category.INVALID),
    NOT_A_UNIT(305, Category.INVALID),
    IN_USE(306, Category.SAFETY),
    INVALID_TOKEN(307, Category.DENIED),
    ALREADY_FINISHED(308, Category.CONFLICT),
    /** Circles: colocations or mandatory orders that lead back to where they began. */
    CIRCLE(309, Category.INVALID),

    /** SameMachine: the name belongs to another machine. */
    SAME_MACHINE(401, Category.SAFETY),
    /** Incarnation: a later life of the node has registered. */
    OLD_INCARNATION(402, Category.SAFETY),
    /** Incarnation: a later agent process of the same life has registered. */
    OLD_SESSION(403, Category.SAFETY),
    NODE_NOT_UP(404, Category.SAFETY),
    /** JoinClean: something still runs there from a life that the cluster gave up. */
    JOIN_NOT_CLEAN(405, Category.SAFETY),
    HISTORY_WENT_BACK(406, Category.SAFETY),
    LEVEL_NOT_SUPPORTED(407, Category.SAFETY),
    NODE_NOT_LOST(408, Category.SAFETY),
    NODE_IS_UP(409, Category.SAFETY),

    PAUSED(501, Category.SAFETY),
    /** RestoreQuarantine: not every node has registered clean or is confirmed off. */
    QUARANTINED(502, Category.SAFETY),
    /** SingleOwner: it has an owner. */
    ALREADY_OWNED(503, Category.SAFETY),
    /** OwnerIncarnation: it is not owned by this incarnation under this token. */
    NOT_OWNER(504, Category.SAFETY),
    NOT_WANTED(505, Category.SAFETY),
    /** ProbeFirst: a node has not yet said that it does not run it. */
    PROBE_MISSING(506, Category.SAFETY),
    /** MultipleActive: it runs where it is not owned. */
    RUNS_ELSEWHERE(507, Category.SAFETY),
    /** NoAutostart: something else starts it at boot. */
    STARTED_AT_BOOT(508, Category.SAFETY),
    ALREADY_RELEASING(509, Category.CONFLICT),
    /** StopEmpty: a release that does not say that everything is stopped. */
    STOP_NOT_VERIFIED(510, Category.SAFETY),
    /** LeaseWait: the lease and its margin have not passed. */
    LEASE_NOT_OVER(511, Category.SAFETY),
    /** Only evidence frees an exclusive instance. */
    EVIDENCE_NEEDED(512, Category.SAFETY),
    /** Retire: owned objects are neither removed nor changed in identity. */
    STILL_OWNED(513, Category.SAFETY),
    /** PromotionEndsFirst: it is promoted, and is demoted before it is stopped or restarted. */
    PROMOTED(514, Category.SAFETY),
    /** PromotionIsOwned: no copy of this owner runs that could be promoted. */
    COPY_NOT_RUNNING(515, Category.SAFETY),
    /** CountedSlots: as many copies, or promoted ones, as may be are owned, there or at all. */
    TOO_MANY_COPIES(516, Category.SAFETY),
    /** TicketHeld: this cluster does not hold a ticket that it needs. */
    TICKET_NOT_GRANTED(517, Category.SAFETY),
    /** It is not the kind of resource that moves without being stopped, or not in a state to. */
    MIGRATION_NOT_POSSIBLE(518, Category.SAFETY),
    /** TwoHolders: two nodes hold it, and both must have given it up. */
    MIGRATING(519, Category.SAFETY),

    NO_FENCE_PATH(601, Category.SAFETY),
    TICKET_EXISTS(602, Category.CONFLICT),
    /** TicketFresh: the ticket is closed or for another life. */
    TICKET_CLOSED(603, Category.SAFETY),
    STARTUP_GRACE(604, Category.SAFETY),
    STORM_BRAKE(605, Category.SAFETY),
    // 606 stays free: a contradicted fence is no refusal, its report is taken and frees nothing (FenceContradicted)
    /** ConfirmNamed: the typed name is not the node's. */
    NAME_NOT_TYPED(607, Category.INVALID),
    STILL_ALIVE(608, Category.SAFETY),
    /** A node would be left without a fence path. */
    LAST_FENCE_PATH(609, Category.SAFETY),
    // 610 stays free: a report that confirms only a part of a level is taken, and frees nothing

    /** DryRun: applying it failed on the leader; it was not logged. */
    DEFECT(901, Category.DEFECT);

    /** What the caller can do about it. */
    public enum Category {
        /** Fix the input. */
        INVALID,
        NOT_FOUND,
        /** Something moved: read again. */
        CONFLICT,
        /** A safety rule: change the situation. */
        SAFETY,
        QUOTA,
        DENIED,
        EXPIRED,
        DEFECT
    }

    private final int number;
    private final Category category;

    RejectCode(int number, Category category) {
        this.number = number;
        this.category = category;
    }

    public int number() {
        return number;
    }

    public Category category() {
        return category;
    }

    /** The code with this number; null for 0 (accepted) and for numbers of later versions. */
    public static @Nullable RejectCode of(int number) {
        for (RejectCode code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        return null;
    }
}
