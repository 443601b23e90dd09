package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.RunStates;
import io.quorate.v1.RunState;
import java.util.List;

/**
 * The state of a clone by those of its slots. It runs when all copies do that should, and those are promoted that should be;
 * it is degraded when only some of that is so. A promotable one of which another copy is to be promoted, or is promoted where
 * nobody sees it, is what that promotion is: people who use it have no use for the copies.
 *
 * @param wanted it should run
 * @param critical something is wrong with it that a person should see
 */
record CloneState(boolean wanted, boolean critical) {
    private static final List<RunState> WORST_FIRST = List.of(
            RunState.RUN_STATE_BLOCKED,
            RunState.RUN_STATE_FAILED,
            RunState.RUN_STATE_UNKNOWN,
            RunState.RUN_STATE_STOPPING,
            RunState.RUN_STATE_STARTING,
            RunState.RUN_STATE_RUNNING);

    /**
     * @param copies those that are owned or should be somewhere
     * @param promotions likewise
     */
    RunState of(List<RunState> copies, List<RunState> promotions, boolean promotable) {
        if (!wanted || copies.stream().noneMatch(RunStates::isUp)) {
            return worst(copies);
        }
        if (!promotions.isEmpty() && promotions.stream().noneMatch(RunStates::isUp)) {
            RunState promotion = worst(promotions);
            return promotion == RunState.RUN_STATE_STOPPED ? RunState.RUN_STATE_STARTING : promotion;
        }
        boolean all = copies.stream().allMatch(CloneState::isRunning)
                && promotions.stream().allMatch(CloneState::isRunning)
                && !(promotable && promotions.isEmpty());
        return all && !critical ? RunState.RUN_STATE_RUNNING : RunState.RUN_STATE_DEGRADED;
    }

    private RunState worst(List<RunState> slots) {
        for (RunState state : WORST_FIRST) {
            if (slots.contains(state)) {
                return state;
            }
        }
        return wanted && critical ? RunState.RUN_STATE_BLOCKED : RunState.RUN_STATE_STOPPED;
    }

    private static boolean isRunning(RunState state) {
        return state == RunState.RUN_STATE_RUNNING;
    }
}
