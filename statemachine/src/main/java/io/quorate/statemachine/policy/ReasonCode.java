package io.quorate.statemachine.policy;

/**
 * Every reason code that policy and explainer use. The names are API: they appear in status, explain, history, alerts and
 * {@code docs/reasons.md}, which says for each what to do; messages may change, names may not.
 */
public enum ReasonCode {
    // Why a unit is where it is put.
    FIRST_PLACEMENT(Severity.INFO, "It never ran before; this node scores best."),
    FAILOVER(Severity.INFO, "There is evidence that its former node no longer runs it; this node scores best."),
    PLACED(Severity.INFO, "It was stopped and may run again; this node scores best."),
    ADOPTED(Severity.INFO, "A restored cluster found it running there and takes it over without a restart."),
    PROMOTED(Severity.INFO, "Of the copies that run, this one has the highest promotion score."),

    // Why it is taken away from a node.
    BETTER_NODE(Severity.INFO, "Another allowed node scores strictly higher, stickiness included."),
    NEXT_NODE(Severity.INFO, "Where it may go from here; decided again when it is free."),
    MOVE_REQUESTED(Severity.INFO, "A person asked to move it."),
    PINNED_ELSEWHERE(Severity.INFO, "It is pinned to another node, which can take it now."),
    NOT_ALLOWED_HERE(Severity.INFO, "Its placement forbids the node where it is."),
    ORDER_STOP(
            Severity.INFO, "What it starts after stops, restarts or is not there: an order says that it stops first."),
    RECOVERING(Severity.INFO, "A member failed and is started again in place."),
    FAILURES_FORGOTTEN(Severity.INFO, "No failure for as long as forgetAfter: the count starts again."),
    RESTART_ASKED(Severity.INFO, "A person asked to restart it; copies of a clone take turns."),
    DEFINITION_CHANGED(Severity.INFO, "Its definition changes: what runs is stopped and started with the new one."),

    MIGRATING(Severity.INFO, "It moves to another node without being stopped."),
    MOVES_LATER(
            Severity.INFO, "It moves without being stopped as soon as another unit has stopped, started or arrived."),
    HAS_ARRIVED(
            Severity.INFO, "It runs on the node that it moved to: what is left of it on the former one is stopped."),
    MIGRATION_FAILED(
            Severity.WARNING,
            "Its move without a stop failed: what is left of it is stopped on both nodes, and it is started anew."),
    FAILED_ON_ARRIVAL(
            Severity.WARNING,
            "It failed where it has arrived: it is started again there when its former node has given it up."),
    STOPPED_TO_MOVE(Severity.INFO, "Its file says liveMigration, but now it can only be moved by a stop and a start."),

    TOO_MANY_COPIES(Severity.INFO, "There are more copies than its file asks for."),
    BETTER_COPY(Severity.INFO, "It is demoted: another copy is to be promoted."),
    NOT_PROMOTED_HERE(Severity.INFO, "It is demoted: its score, a rule or its file no longer has it promoted there."),
    DEMOTED_FIRST(Severity.INFO, "A promoted copy is demoted before it stops or restarts."),
    PROMOTION_FAILED(Severity.WARNING, "It failed as a promoted copy: it is demoted, and promoted again where best."),

    // Nobody wants it to run.
    STOPPED_BY_FILE(Severity.INFO, "Its file says stopped."),
    DISABLED(Severity.INFO, "A person disabled it."),
    DELETING(Severity.INFO, "It is being deleted: it is stopped first."),

    TICKET_LOST(Severity.INFO, "It is stopped or demoted: a ticket that it needs was revoked or is in standby."),

    // On its way.
    STARTING(Severity.INFO, "Its node is starting it."),
    RELEASING(Severity.INFO, "Its node is stopping it before it may go elsewhere."),
    STARTS_AFTER(Severity.WARNING, "An order says that it starts after another unit, which does not run yet."),
    STOPS_AFTER(Severity.INFO, "An order says that another unit stops first, and that one has not stopped yet."),
    WAITING_FOR_NEAR(Severity.WARNING, "It must be near another unit, which is not there yet."),
    WAITING_FOR_APART(Severity.WARNING, "It must be apart from another unit, which has not left that place yet."),
    WAITING_FOR_ROOM(Severity.WARNING, "Its node has not enough left until another unit has left it."),
    TAKES_TURNS(
            Severity.INFO, "A rule binds it to another unit that is being started, stopped or decided: one at a time."),
    WAITING_FOR_COPY(Severity.WARNING, "A copy is promoted once it runs, and the one to be promoted does not yet."),
    WAITING_FOR_SLOT(Severity.INFO, "Its node has as many copies as it may have until one of them has left."),
    ONE_BY_ONE(Severity.INFO, "The copies are ordered: one starts after the other."),
    RESTARTS_LATER(Severity.INFO, "It is to be restarted when the other copies of its clone run."),
    RESTARTS_STOPPED(Severity.WARNING, "Another copy of its clone failed: it is not restarted before that one runs."),
    WAITING_FOR_PROBE(Severity.WARNING, "Nodes that could already run it have not answered yet whether they do."),
    WAITING_FOR_JOIN(Severity.WARNING, "Its node registered again and is still checking what runs there."),
    RESTART_BACKOFF(Severity.WARNING, "It failed; the next start waits so that a crash loop does not eat the node."),

    // It should run and does not.
    WAITING_FOR_FENCE(Severity.CRITICAL, "Its node is lost and being fenced: nothing moves before that is confirmed."),
    WAITING_FOR_LEASE(Severity.CRITICAL, "Its node is lost: a bestEffort service moves when the node's lease is over."),
    NO_EVIDENCE_PATH(Severity.CRITICAL, "Its node is lost, and no fence device can prove that it is off."),
    FORMER_LIFE(Severity.CRITICAL, "An earlier life of its node owns it, and nothing proves yet that it ended."),
    NOT_RUNNING(Severity.CRITICAL, "It is on no node that is up."),
    STORM_BRAKE(Severity.CRITICAL, "Too many nodes would be fenced at once: the next one needs a person."),
    STARTUP_GRACE(Severity.WARNING, "After a cold start, silent nodes are given time before they are fenced."),
    STOP_FAILED(Severity.CRITICAL, "Stopping it failed: it may still run, so it may start nowhere else."),
    MULTIPLE_ACTIVE(Severity.CRITICAL, "It was found running on a node that does not own it."),
    NO_NODE_ALLOWED(Severity.CRITICAL, "No node may run it now."),
    ON_FAIL_STOP(Severity.CRITICAL, "It failed and its onFail says stop: it waits for a person."),
    ON_FAIL_BLOCK(Severity.CRITICAL, "It failed and its onFail says block: nothing is done until a person acts."),
    PAUSED(Severity.CRITICAL, "The cluster is paused: nothing is started, stopped, moved or fenced."),
    NO_PROMOTION_SCORE(Severity.WARNING, "No agent said that its copy may be promoted, so none is."),
    NO_COPY_TO_PROMOTE(Severity.WARNING, "None of the copies that run may be promoted."),
    TICKET_NOT_GRANTED(Severity.WARNING, "It needs a ticket that this cluster does not hold."),
    TICKET_IN_STANDBY(Severity.WARNING, "It needs a ticket that this cluster holds, and that is in standby."),
    PROBE_NEEDS_FENCE(Severity.CRITICAL, "A lost node was never asked whether it runs it: it is fenced first."),

    // It runs, but.
    MAINTENANCE(Severity.WARNING, "It is in maintenance: Quorate does not touch it."),
    FAILED_TOO_OFTEN(Severity.WARNING, "It failed moveAfter times on a node and is not placed there for now."),
    ON_FAIL_IGNORE(Severity.WARNING, "It failed and its onFail says ignore."),
    ON_FAIL_FENCE(Severity.CRITICAL, "It failed and its onFail says fence: its node is switched off."),
    TICKET_FENCE(
            Severity.CRITICAL,
            "A ticket that it needs was revoked, with the loss policy fence: its node is switched off."),
    TICKET_FROZEN(Severity.WARNING, "A ticket that it needs was revoked, with the loss policy freeze: it is let be."),
    NO_OTHER_NODE(Severity.WARNING, "No other node may run it now."),
    NO_NODE_FOR_COPY(Severity.INFO, "Other copies have all nodes that may run one."),
    NO_FURTHER_PROMOTION(Severity.INFO, "No other copy may be promoted beside those that are."),
    TOO_FEW_COPIES_LEFT(Severity.WARNING, "Without this node fewer copies would run than its file asks for."),
    NO_OTHER_COPY(Severity.WARNING, "Without this node no other copy could be promoted."),
    PIN_WAITS(Severity.WARNING, "The node that it is pinned to cannot take it: it stays where it is."),
    MOVE_NOT_POSSIBLE(Severity.WARNING, "The node that it was asked to move to may not run it."),
    FOUND_ELSEWHERE(Severity.WARNING, "It runs where it should and was also found on another node."),
    QUORUM_LOST(Severity.CRITICAL, "In a plan: too few voters would be left to decide anything."),
    PLAN_NOT_AT_REST(Severity.WARNING, "A plan did not come to rest within what is computed."),
    TICKET_NOT_HELD(Severity.INFO, "In a plan: a ticket to be revoked is not granted to this cluster."),
    PLACE_OPEN(Severity.INFO, "In a plan: where it goes depends on what agents say only once they run."),
    QUORUM_AT_RISK(Severity.WARNING, "There are too few voters that are up to lose one."),
    NODE_FORBIDDEN(Severity.INFO, "In explain: what keeps it from a node, and what lifts that."),
    NODE_SCORES_LESS(Severity.INFO, "In explain: the node may run it, and scores less than the best."),
    DATES(Severity.INFO, "In explain: a rule with dates, whether they hold now, and until when."),
    OVERRIDE(Severity.INFO, "A verb changed how it is treated, beside its file."),

    // Nodes.
    LOST(Severity.CRITICAL, "The node is silent. What it owned stays its own until there is evidence."),
    FENCE_FAILING(Severity.CRITICAL, "Fencing the node failed three times or more; it is tried again."),
    NODE_OFF(Severity.WARNING, "The node was fenced, confirmed off, or left; it owns nothing."),
    JOINING(Severity.INFO, "The node registered and is checking what runs there."),
    DRAINING(Severity.INFO, "The node is drained: nothing is placed there."),
    NO_FENCE_PATH(Severity.WARNING, "No fence device can switch the node: nothing exclusive would move from it."),
    NODE_UNHEALTHY(Severity.WARNING, "The node says in attributes of health that it is not well."),
    FOUND_RUNNING(Severity.CRITICAL, "Something runs on the node that it does not own."),
    FOUND_NOT_STOPPED(
            Severity.CRITICAL, "Something runs on the node that it does not own, and the node could not stop it.");

    /** How much a person should care. */
    public enum Severity {
        /** Something that should run does not, or a promise is at stake. */
        CRITICAL,
        /** It works, with less to spare than it should have. */
        WARNING,
        /** As it should be. */
        INFO
    }

    private final Severity severity;
    private final String meaning;

    ReasonCode(Severity severity, String meaning) {
        this.severity = severity;
        this.meaning = meaning;
    }

    public Severity severity() {
        return severity;
    }

    /** One sentence for people. */
    public String meaning() {
        return meaning;
    }
}
