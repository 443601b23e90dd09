package io.quorate.statemachine.policy;

/**
 * Decides what the leader proposes next. A policy is a pure function: no clock, randomness, threads or I/O, and no memory
 * of earlier plans, so that a new leader goes on where the old one stopped.
 *
 * <p>It looks at the state and says what to do next, one step for each instance; after the step is committed it is asked
 * again. It must be SOUND (on an unchanged state every decision is accepted by apply) and QUIET (with no outside change
 * the decisions stop, and nothing moves twice). Safe for use by several threads.
 */
public interface Policy {
    Plan plan(PolicyInput input);

    /**
     * One that says the same and may remember what it saw at its last look, to be quicker at the next. For one look after
     * the other, whatever states they are of; not for several threads at a time.
     */
    default Policy remembering() {
        return this;
    }
}
