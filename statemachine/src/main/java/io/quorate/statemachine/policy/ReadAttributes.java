package io.quorate.statemachine.policy;

import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The attributes of nodes that a decision can depend on: those that rules name, promotion scores, and health where it counts.
 * All others may change as often as they like.
 */
public final class ReadAttributes {
    private final NavigableSet<String> named = new TreeSet<>();
    private final boolean health;

    private ReadAttributes(ClusterState state) {
        health = HealthView.counts(state);
        for (ObjectRow row : state.objects().values()) {
            row.getLocation()
                    .getRulesList()
                    .forEach(rule -> rule.getMatchesList().forEach(match -> named.add(match.getAttribute())));
            named.add(row.getColocation().getNodeAttribute());
        }
    }

    /** As the objects and settings of a state have it; walks through all objects. */
    public static ReadAttributes of(ClusterState state) {
        return new ReadAttributes(state);
    }

    /** Whether a decision can depend on an attribute of this name. */
    public boolean has(String name) {
        return named.contains(name)
                || Clones.cloneOfScore(name) != null
                || (health && name.startsWith(HealthView.PREFIX));
    }
}
