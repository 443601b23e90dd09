package io.quorate.statemachine.model;

import io.quorate.log.v1.InstanceRow;
import io.quorate.v1.RunState;

/**
 * What the states of running things come to. A thing that is degraded does its work, with something about it that a person
 * should see (the exit codes 190 and 191 of a monitor): to everybody but that person it runs.
 */
public final class RunStates {
    private RunStates() {}

    /** Whether it does its work. */
    public static boolean isUp(RunState state) {
        return state == RunState.RUN_STATE_RUNNING || state == RunState.RUN_STATE_DEGRADED;
    }

    /** Whether all that the instance consists of does its work; false of one that nobody reported on. */
    public static boolean isUp(InstanceRow instance) {
        return instance.getMembersCount() > 0
                && instance.getMembersList().stream().allMatch(member -> isUp(member.getState()));
    }
}
