package io.quorate.statemachine.policy;

import io.quorate.v1.RunState;
import java.util.List;

/** The state of a clone by those of its copies. */
final class CloneState {
    private CloneState() {}

    /**
     * It runs when all copies do that should, and is promoted where that is possible; it is degraded when only some do.
     *
     * @param copies states of those that are owned or should be somewhere
     * @param promoted whether it needs no further promotion
     * @param critical something keeps it from running that a person should see
     */
    static RunState of(List<RunState> copies, boolean promoted, boolean wanted, boolean critical) {
        boolean all = !copies.isEmpty() && copies.stream().allMatch(state -> state == RunState.RUN_STATE_RUNNING);
        if (all) {
            return promoted ? RunState.RUN_STATE_RUNNING : RunState.RUN_STATE_DEGRADED;
        }
        if (wanted && copies.stream().anyMatch(CloneState::isUp)) {
            return RunState.RUN_STATE_DEGRADED;
        }
        List<RunState> worstFirst = List.of(
                RunState.RUN_STATE_BLOCKED,
                RunState.RUN_STATE_FAILED,
                RunState.RUN_STATE_UNKNOWN,
                RunState.RUN_STATE_STOPPING,
                RunState.RUN_STATE_STARTING,
                RunState.RUN_STATE_RUNNING);
        for (RunState state : worstFirst) {
            if (copies.contains(state)) {
                return state;
            }
        }
        return wanted && critical ? RunState.RUN_STATE_BLOCKED : RunState.RUN_STATE_STOPPED;
    }

    private static boolean isUp(RunState state) {
        return state == RunState.RUN_STATE_RUNNING || state == RunState.RUN_STATE_DEGRADED;
    }
}
