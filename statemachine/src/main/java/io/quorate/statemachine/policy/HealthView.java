package io.quorate.statemachine.policy;

import io.quorate.log.v1.AttributeRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Health;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.NodeHealth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** How well nodes say that they are, in attributes whose names begin with {@code health-}, and what that means for units. */
final class HealthView {
    static final String PREFIX = "health-";

    private HealthView() {}

    private static Health rule(ClusterState state) {
        NodeHealth said = state.settings().nodeHealth();
        Health.Strategy strategy = switch (said.getStrategy()) {
            case HEALTH_STRATEGY_MIGRATE_ON_RED -> Health.Strategy.MIGRATE_ON_RED;
            case HEALTH_STRATEGY_ONLY_GREEN -> Health.Strategy.ONLY_GREEN;
            case HEALTH_STRATEGY_PROGRESSIVE -> Health.Strategy.PROGRESSIVE;
            case HEALTH_STRATEGY_CUSTOM -> Health.Strategy.CUSTOM;
            case HEALTH_STRATEGY_NONE, HEALTH_STRATEGY_UNSPECIFIED, UNRECOGNIZED -> Health.Strategy.NONE;
        };
        return Health.of(strategy, said.getBase(), said.getRed(), said.getYellow(), said.getGreen());
    }

    /** Whether it means anything to anything. */
    static boolean counts(ClusterState state) {
        return rule(state).counts();
    }

    /** Whether it means anything to a unit. */
    static boolean countsFor(ClusterState state, UnitView unit) {
        return counts(state) && !Units.allowsUnhealthyNodes(unit.row());
    }

    /** What a node's health adds to its score; 0 also where health means nothing. */
    static int score(ClusterState state, String node) {
        Health health = rule(state);
        if (!health.counts()) {
            return 0;
        }
        int score = health.base();
        for (AttributeRow attribute : of(state, node)) {
            score = Score.add(score, score(health, attribute.getValue()));
        }
        return score;
    }

    /** Whether it alone keeps a unit from a node. */
    static boolean bans(ClusterState state, UnitView unit, String node) {
        return countsFor(state, unit) && score(state, node) <= -Score.INFINITY;
    }

    /** The attributes by which a node is not as well as it could be: "health-disk yellow, health-smart red". */
    static String inWords(ClusterState state, String node) {
        List<String> words = new ArrayList<>();
        for (AttributeRow attribute : of(state, node)) {
            if (isUnwell(attribute.getValue())) {
                words.add(attribute.getName() + " " + attribute.getValue());
            }
        }
        return String.join(", ", words);
    }

    /** Whether anything in the cluster reads these attributes as health. */
    static boolean isTracked(ClusterState state) {
        return state.settings().nodeHealth().getStrategy() != HealthStrategy.HEALTH_STRATEGY_NONE;
    }

    private static Collection<AttributeRow> of(ClusterState state, String node) {
        // Keys are NODE/NAME; a dot follows the dash of the prefix.
        return state.attributes()
                .subMap(node + "/" + PREFIX, true, node + "/health.", false)
                .values();
    }

    private static boolean isUnwell(String value) {
        String said = value.strip().toLowerCase(Locale.ROOT);
        return said.equals("red") || said.equals("yellow") || number(said) < 0;
    }

    private static int score(Health health, String value) {
        return health.ofColour(value).orElseGet(() -> number(value.strip().toLowerCase(Locale.ROOT)));
    }

    /** What is neither a colour nor a whole number counts as 0. */
    private static int number(String value) {
        if (value.equals("infinity") || value.equals("+infinity")) {
            return Score.INFINITY;
        }
        if (value.equals("-infinity")) {
            return -Score.INFINITY;
        }
        return value.matches("[+-]?[0-9]{1,18}") ? Score.limited(Long.parseLong(value)) : 0;
    }
}
