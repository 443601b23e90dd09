package io.quorate.statemachine.cib;

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
    private final int red;
    private final int yellow;
    private final int green;
    private final int base;

    HealthReader(Cib cib, StatusReader.Status status) {
        this.cib = cib;
        this.status = status;
        String strategy = cib.option("node-health-strategy").toLowerCase(Locale.ROOT);
        boolean progressive = strategy.equals("progressive");
        boolean custom = strategy.equals("custom");
        this.base = progressive ? score("node-health-base", 0) : 0;
        this.red = progressive || custom
                ? score("node-health-red", -Score.INFINITY)
                : strategy.equals("migrate-on-red") || strategy.equals("only-green") ? -Score.INFINITY : 0;
        this.yellow = progressive || custom
                ? score("node-health-yellow", 0)
                : strategy.equals("only-green") ? -Score.INFINITY : 0;
        this.green = progressive || custom ? score("node-health-green", 0) : 0;
    }

    private int score(String option, int byDefault) {
        return cib.option(option).isEmpty() ? byDefault : Values.score(cib.option(option));
    }

    private boolean counts() {
        return switch (cib.option("node-health-strategy").toLowerCase(Locale.ROOT)) {
            case "migrate-on-red", "only-green", "progressive" -> true;
            default -> false;
        };
    }

    List<Location> locations() {
        if (!counts()) {
            return List.of();
        }
        SortedMap<String, Integer> scores = new TreeMap<>();
        for (NodeStatus node : status.nodes().values()) {
            int health = base;
            for (Map.Entry<String, String> attribute : node.attributes().entrySet()) {
                if (attribute.getKey().startsWith("#health")) {
                    health = Values.add(health, value(attribute.getValue()));
                }
            }
            scores.put(node.name, health);
        }
        List<Location> locations = new ArrayList<>();
        for (Item item : cib.resources()) {
            if (!item.meta("allow-unhealthy-nodes", false)) {
                locations.add(new Location("node-health", item.id(), Optional.empty(), scores, false));
            }
        }
        return locations;
    }

    private int value(String health) {
        return switch (health.strip().toLowerCase(Locale.ROOT)) {
            case "red" -> red;
            case "yellow" -> yellow;
            case "green" -> green;
            default -> Values.score(health);
        };
    }
}
