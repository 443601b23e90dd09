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
 */
public record PolicyInput(ClusterState state, NavigableSet<String> inFlight, long nowLogMillis) {
    public PolicyInput {
        inFlight = Collections.unmodifiableNavigableSet(new TreeSet<>(inFlight));
        nowLogMillis = Math.max(nowLogMillis, state.stamp().getLogMillis());
    }

    /** A state with nothing in flight, at the time of its newest entry. */
    public static PolicyInput of(ClusterState state) {
        return new PolicyInput(
                state, Collections.emptyNavigableSet(), state.stamp().getLogMillis());
    }
}
