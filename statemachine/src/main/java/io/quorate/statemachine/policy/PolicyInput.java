package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.ClusterState;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What a policy looks at.
 *
 * @param state an applied state; all decisions are about it
 * @param inFlight keys of what a proposed and not yet applied decision is about ({@code instances/web},
 *     {@code nodes/n2}): nothing is decided about them
 * @param nowLogMillis log time, as the leader would stamp the next entry: restart back-off and forgetting are counted
 *     with it. Never less than the stamp of {@code state}
 * @param nowWallMillis milliseconds since 1970, UTC: rules with dates are judged by it, and nothing else is. Unlike log time
 *     it can be set, so that it can go back
 */
public record PolicyInput(ClusterState state, NavigableSet<String> inFlight, long nowLogMillis, long nowWallMillis) {
    public PolicyInput {
        inFlight = Collections.unmodifiableNavigableSet(new TreeSet<>(inFlight));
        nowLogMillis = Math.max(nowLogMillis, state.stamp().getLogMillis());
    }

    /** With the wall time that the log goes by: that of the state's newest entry, and what has passed since. */
    public PolicyInput(ClusterState state, NavigableSet<String> inFlight, long nowLogMillis) {
        this(
                state,
                inFlight,
                nowLogMillis,
                state.stamp().getWallMillis()
                        + Math.max(0, nowLogMillis - state.stamp().getLogMillis()));
    }

    /** A state with nothing in flight, at the time of its newest entry. */
    public static PolicyInput of(ClusterState state) {
        return new PolicyInput(
                state, Collections.emptyNavigableSet(), state.stamp().getLogMillis());
    }
}
