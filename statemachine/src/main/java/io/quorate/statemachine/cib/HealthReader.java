package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Health;
import io.quorate.statemachine.placement.Problem.Location;
import io.quorate.statemachine.placement.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Nodes say how well they are in attributes whose names begin with {@code #health}: what that means for placement. */
final class HealthReader {
    private final Cib cib;
    private final StatusReader.Status status;
    private final Health health;

    HealthReader(Cib cib, StatusReader.Status status) {
        this.cib = cib;
        this.status = status;
        this.health = Health.of(
                strategy(cib.option("node-health-strategy")),
                score("node-health-base", 0),
                score("node-health-red", -Score.INFINITY),
                score("node-health-yellow", 0),
                score("node-health-green", 0));
    }

    /** What is no strategy is none. */
    static Health.Strategy strategy(String option) {
        return switch (option.strip().toLowerCase(Locale.ROOT)) {
            case "migrate-on-red" -> Health.Strategy.MIGRATE_ON_RED;
            case "only-green" -> Health.Strategy.ONLY_GREEN;
            case "progressive" -> Health.Strategy.PROGRESSIVE;
            case "custom" -> Health.Strategy.CUSTOM;
            default -> Health.Strategy.NONE;
        };
    }

    private int score(String option, int byDefault) {
        return cib.option(option).isEmpty() ? byDefault : Values.score(cib.option(option));
    }

    List<Location> locations() {
        if (!health.counts()) {
            return List.of();
        }
        SortedMap<String, Integer> scores = new TreeMap<>();
        for (NodeStatus node : status.nodes().values()) {
            int score = health.base();
            for (Map.Entry<String, String> attribute : node.attributes().entrySet()) {
                if (attribute.getKey().startsWith("#health")) {
                    score = Values.add(score, value(attribute.getValue()));
                }
            }
            scores.put(node.name, score);
        }
        List<Location> locations = new ArrayList<>();
        for (Item item : cib.resources()) {
            if (!item.meta("allow-unhealthy-nodes", false)) {
                locations.add(new Location("node-health", item.id(), Optional.empty(), scores, false));
            }
        }
        return locations;
    }

    private int value(String said) {
        return health.ofColour(said).orElseGet(() -> Values.score(said));
    }
}
