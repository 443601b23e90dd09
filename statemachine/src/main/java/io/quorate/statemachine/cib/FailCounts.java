package io.quorate.statemachine.cib;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often resources failed on nodes, by the attributes {@code fail-count-*} and {@code last-failure-*} of the nodes. */
final class FailCounts {
    private static final String COUNT = "fail-count-";
    private static final String LAST = "last-failure-";

    private final Cib cib;
    /** What is in containers, by the container's id. */
    private final SortedMap<String, List<Item>> contents = new TreeMap<>();

    FailCounts(Cib cib) {
        this.cib = cib;
        for (Item item : cib.primitives()) {
            String container = item.meta("container");
            if (!container.isEmpty()) {
                contents.computeIfAbsent(container, id -> new ArrayList<>()).add(item);
            }
        }
    }

    /** Whether anything ever failed on a node: on most of them nothing has, and nobody needs to ask further. */
    static boolean isKnownOn(NodeStatus node) {
        SortedMap<String, String> tail = node.attributes.tailMap(COUNT);
        return !tail.isEmpty() && tail.firstKey().startsWith(COUNT);
    }

    /** Failures that still count: none when the last one is older than the resource's {@code failure-timeout}. */
    int of(Item item, NodeStatus node) {
        long timeout = Values.millis(item.meta("failure-timeout")).orElse(0);
        if (timeout > 0 && !blocks(item)) {
            long last = lastFailure(item, node);
            if (last > 0 && !cib.now().isBefore(Instant.ofEpochSecond(last).plus(Duration.ofMillis(timeout)))) {
                return 0;
            }
        }
        return sum(item, node);
    }

    /** The same for a container, whose failures are also those of what is in it, and of the connection to it. */
    int ofContainer(Item container, NodeStatus node) {
        int sum = of(container, node);
        String guest = container.meta("remote-node");
        if (!guest.isEmpty()) {
            sum = Values.add(
                    sum, of(new Item(Item.Kind.PRIMITIVE, guest, "", null, container.metaMap(), List.of()), node));
        }
        for (Item item : contents.getOrDefault(container.id(), List.of())) {
            sum = Values.add(sum, of(item, node));
        }
        return sum;
    }

    private static int sum(Item item, NodeStatus node) {
        int sum = 0;
        for (Map.Entry<String, String> attribute : node.attributes().entrySet()) {
            if (isOf(attribute.getKey(), COUNT, item)) {
                sum = Values.add(sum, Values.score(attribute.getValue()));
            }
        }
        return sum;
    }

    private static long lastFailure(Item item, NodeStatus node) {
        long last = 0;
        for (Map.Entry<String, String> attribute : node.attributes().entrySet()) {
            if (isOf(attribute.getKey(), LAST, item)) {
                last = Math.max(last, Values.leadingNumber(attribute.getValue()));
            }
        }
        return last;
    }

    /** {@code fail-count-web#monitor_10000}; versions before 1.1.17 counted all operations together. */
    private static boolean isOf(String attribute, String prefix, Item item) {
        if (!attribute.startsWith(prefix)) {
            return false;
        }
        String rest = attribute.substring(prefix.length());
        int operation = rest.indexOf('#');
        String name = operation < 0 ? rest : rest.substring(0, operation);
        int colon = name.lastIndexOf(':');
        boolean numbered = colon > 0 && name.substring(colon + 1).chars().allMatch(Character::isDigit);
        return name.equals(item.id()) || (numbered && name.substring(0, colon).equals(item.id()));
    }

    /** Failures that block a resource are not forgotten by time. */
    boolean blocks(Item item) {
        return item.operations().stream()
                .anyMatch(line -> line.option("on-fail").equalsIgnoreCase("block"));
    }
}
