package io.quorate.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was measured, as JSON: a contract with those who read it, see {@code bench/README.md}. */
final class Report {
    /** One line of a table. */
    record Point(
            String system,
            int outstanding,
            double perSecond,
            double p50Millis,
            double p99Millis,
            double cpuSecondsPer1000) {

        private String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"system\": \"%s\", \"outstanding\": %d, \"perSecond\": %.1f, \"p50Millis\": %.3f,"
                            + " \"p99Millis\": %.3f, \"cpuSecondsPer1000\": %.4f}",
                    system,
                    outstanding,
                    perSecond,
                    p50Millis,
                    p99Millis,
                    cpuSecondsPer1000);
        }
    }

    /** One decision about placement. */
    record Placement(String system, int nodes, int resources, String event, MeasuredProcess took) {
        private String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"system\": \"%s\", \"nodes\": %d, \"resources\": %d, \"case\": \"%s\", \"cpuSeconds\": %.4f,"
                            + " \"wallSeconds\": %.4f, \"residentMiB\": %.1f}",
                    system,
                    nodes,
                    resources,
                    event,
                    took.cpuSeconds(),
                    took.wallSeconds(),
                    took.residentMiB());
        }
    }

    private final List<Point> commits = new ArrayList<>();
    private final List<Point> reads = new ArrayList<>();
    private final Map<String, List<Long>> outages = new LinkedHashMap<>();
    private final List<Placement> placements = new ArrayList<>();
    private final Map<String, String> footprint = new LinkedHashMap<>();

    void placement(Placement measured) {
        placements.add(measured);
    }

    void commit(Point point) {
        commits.add(point);
    }

    void read(Point point) {
        reads.add(point);
    }

    void outage(String name, long millis) {
        outages.computeIfAbsent(name, key -> new ArrayList<>()).add(millis);
    }

    void footprint(String name, double value) {
        footprint.put(name, String.format(Locale.ROOT, "%.1f", value));
    }

    void footprint(String name, long count) {
        footprint.put(name, Long.toString(count));
    }

    void footprint(String name, List<Double> values) {
        footprint.put(
                name,
                values.stream()
                        .map(value -> String.format(Locale.ROOT, "%.1f", value))
                        .collect(Collectors.joining(", ", "[", "]")));
    }

    /** One line about the outages of a case so far. */
    String outages(String name) {
        List<Long> all = outages.getOrDefault(name, List.of());
        List<Long> sorted = all.stream().sorted().toList();
        return all.isEmpty()
                ? String.format(Locale.ROOT, "%-3s no outage measured", name)
                : String.format(Locale.ROOT, "%-3s outages %s ms, median %d", name, all, sorted.get(sorted.size() / 2));
    }

    String json() {
        String failover = outages.entrySet().stream()
                .map(entry -> "    {\"case\": \"" + entry.getKey() + "\", \"outagesMillis\": " + entry.getValue() + "}")
                .collect(Collectors.joining(",\n"));
        return "{\n  \"commits\": [\n" + points(commits) + "\n  ],\n  \"reads\": [\n" + points(reads)
                + "\n  ],\n  \"failover\": [\n" + failover + "\n  ]" + footprint() + placement() + "\n}\n";
    }

    /** Only when it was measured. */
    private String footprint() {
        return footprint.isEmpty()
                ? ""
                : footprint.entrySet().stream()
                        .map(entry -> "    \"" + entry.getKey() + "\": " + entry.getValue())
                        .collect(Collectors.joining(",\n", ",\n  \"footprint\": {\n", "\n  }"));
    }

    /** Only when it was measured. */
    private String placement() {
        return placements.isEmpty()
                ? ""
                : placements.stream()
                        .map(measured -> "    " + measured.json())
                        .collect(Collectors.joining(",\n", ",\n  \"placement\": [\n", "\n  ]"));
    }

    private static String points(List<Point> points) {
        return points.stream().map(point -> "    " + point.json()).collect(Collectors.joining(",\n"));
    }
}
