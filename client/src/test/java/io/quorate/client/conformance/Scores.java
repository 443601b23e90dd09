package io.quorate.client.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** How many cases of each tier are right, level by level. The column {@code state} counts those whose status is understood. */
final class Scores {
    private static final String ROW = "%-5s %-12s %5s  %5s  %5s %5s %5s %5s %5s%n";
    private static final String FLOORS = "/conformance/floors.txt";

    /** By tier and which of its cases; in each: how many there are, how many states are right, how many reach each level. */
    private final Map<String, int[]> counts = new TreeMap<>();

    void add(String tier, boolean trivial, boolean stateRight, int level) {
        for (String each : List.of(tier, "all")) {
            count(each + " all", stateRight, level);
            if (!trivial) {
                count(each + " non-trivial", stateRight, level);
            }
        }
    }

    private void count(String key, boolean stateRight, int level) {
        int[] row = counts.computeIfAbsent(key, name -> new int[2 + Comparison.LEVELS]);
        row[0]++;
        row[1] += stateRight ? 1 : 0;
        for (int reached = 1; reached <= level; reached++) {
            row[1 + reached]++;
        }
    }

    String table() {
        StringBuilder text =
                new StringBuilder(String.format(ROW, "tier", "which", "cases", "state", "L1", "L2", "L3", "L4", "L5"));
        counts.forEach((key, row) -> {
            List<Object> cells = new ArrayList<>(List.of(key.split(" ")));
            for (int value : row) {
                cells.add(value);
            }
            text.append(String.format(ROW, cells.toArray()));
        });
        int[] all = Objects.requireNonNull(counts.get("all all"));
        return text.append(String.format("L2 of all: %.1f %%%n", 100.0 * all[3] / all[0]))
                .toString();
    }

    /** What is below its floor, and in {@code raisable} what is above. */
    List<String> belowFloors(List<String> raisable) throws IOException {
        List<String> below = new ArrayList<>();
        for (Map.Entry<String, int[]> floor : floors().entrySet()) {
            int[] row = Objects.requireNonNull(counts.get(floor.getKey()), floor.getKey());
            for (int i = 0; i < row.length; i++) {
                String what = i == 0 ? "cases" : i == 1 ? "state" : "L" + (i - 1);
                String line = floor.getKey() + " " + what + ": " + row[i] + ", floor " + floor.getValue()[i];
                if (row[i] < floor.getValue()[i]) {
                    below.add(line);
                } else if (row[i] > floor.getValue()[i]) {
                    raisable.add(line);
                }
            }
        }
        return below;
    }

    private static Map<String, int[]> floors() throws IOException {
        Map<String, int[]> floors = new TreeMap<>();
        try (InputStream in = Objects.requireNonNull(Scores.class.getResourceAsStream(FLOORS));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line : reader.lines().toList()) {
                List<String> words = List.of(line.strip().split("\\s+"));
                if (line.isBlank() || line.startsWith("#") || words.get(0).equals("tier")) {
                    continue;
                }
                floors.put(
                        words.get(0) + " " + words.get(1),
                        words.stream().skip(2).mapToInt(Integer::parseInt).toArray());
            }
        }
        return floors;
    }
}
