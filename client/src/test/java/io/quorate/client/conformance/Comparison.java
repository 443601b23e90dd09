package io.quorate.client.conformance;

import static io.quorate.client.conformance.Expectation.list;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** How much of what is known of a case an answer says: the levels of the data's FORMAT.md, section 3. */
final class Comparison {
    static final int LEVELS = 5;

    private static final List<String> ACTION = List.of("op", "rsc", "from", "to", "fromRole", "toRole");

    private final Map<?, ?> expected;
    private final Map<?, ?> actual;

    Comparison(Map<?, ?> expected, Map<?, ?> actual) {
        this.expected = expected;
        this.actual = actual;
    }

    /** The highest level reached; each needs the ones before it. */
    int level() {
        if (!missing().isEmpty() || !extra().isEmpty()) {
            return 0;
        }
        if (!fenced(expected).equals(fenced(actual))) {
            return 1;
        }
        if (!actions(expected).equals(actions(actual))) {
            return 2;
        }
        if (!operations(expected).equals(operations(actual))) {
            return 3;
        }
        return containsOrder() ? LEVELS : LEVELS - 1;
    }

    /** Whether the status section is understood: what runs where and as what, and how the nodes are. */
    boolean isStateRight() {
        boolean running = running(expected, "before", false).equals(running(actual, "before", false));
        return running
                && nodes(expected).entrySet().stream()
                        .allMatch(node -> node.getValue().equals(nodes(actual).get(node.getKey())));
    }

    /** What should be running then and is not. */
    List<String> missing() {
        return without(running(expected, "after", true), running(actual, "after", true));
    }

    /** What should not be running then. */
    List<String> extra() {
        return without(running(actual, "after", true), running(expected, "after", true));
    }

    private static List<String> without(List<String> all, List<String> these) {
        List<String> left = new ArrayList<>(all);
        these.forEach(left::remove);
        return left;
    }

    private static List<String> running(Map<?, ?> json, String when, boolean startingCounts) {
        List<String> rows = new ArrayList<>();
        for (Object row : list(json, when, "running")) {
            Map<?, ?> instance = (Map<?, ?>) row;
            Object role = instance.get("role");
            String shown = startingCounts && "Starting".equals(role) ? "Started" : String.valueOf(role);
            rows.add(instance.get("rsc") + " " + instance.get("node") + " " + shown);
        }
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    private static Map<String, String> nodes(Map<?, ?> json) {
        Map<String, String> nodes = new TreeMap<>();
        if (json.get("before") instanceof Map<?, ?> before && before.get("nodes") instanceof Map<?, ?> states) {
            states.forEach((name, state) -> {
                Map<String, String> facts = new TreeMap<>();
                ((Map<?, ?>) state).forEach((key, value) -> facts.put(String.valueOf(key), String.valueOf(value)));
                facts.remove("health");
                nodes.put(String.valueOf(name), facts.toString());
            });
        }
        return nodes;
    }

    static Set<String> fenced(Map<?, ?> json) {
        Set<String> nodes = new TreeSet<>();
        list(json, "fenced").forEach(row -> nodes.add(String.valueOf(((Map<?, ?>) row).get("node"))));
        return nodes;
    }

    private static List<String> actions(Map<?, ?> json) {
        List<String> rows = new ArrayList<>();
        for (Object row : list(json, "actions")) {
            Map<?, ?> action = (Map<?, ?>) row;
            if (!Boolean.TRUE.equals(action.get("blocked"))) {
                rows.add(ACTION.stream().map(action::get).toList().toString());
            }
        }
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    private static List<String> operations(Map<?, ?> json) {
        List<String> rows = new ArrayList<>(named(json));
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    /** Each operation as a text; the second of two equal ones is numbered, so that they can be told apart. */
    private static List<String> named(Map<?, ?> json) {
        Map<String, Integer> seen = new TreeMap<>();
        List<String> names = new ArrayList<>();
        for (Object operation : list(json, "ops")) {
            int number = seen.merge(String.valueOf(operation), 1, Integer::sum);
            names.add(number == 1 ? String.valueOf(operation) : operation + " " + number);
        }
        return names;
    }

    private boolean containsOrder() {
        List<String> theirs = named(expected);
        List<String> ours = named(actual);
        Map<Integer, List<Integer>> next = new TreeMap<>();
        for (Object pair : list(actual, "order")) {
            next.computeIfAbsent(index(pair, 0), key -> new ArrayList<>()).add(index(pair, 1));
        }
        return list(expected, "order").stream()
                .allMatch(pair -> reaches(
                        next, ours.indexOf(theirs.get(index(pair, 0))), ours.indexOf(theirs.get(index(pair, 1)))));
    }

    private static int index(Object pair, int position) {
        return ((Number) ((List<?>) pair).get(position)).intValue();
    }

    private static boolean reaches(Map<Integer, List<Integer>> next, int from, int to) {
        Deque<Integer> open = new ArrayDeque<>(List.of(from));
        Set<Integer> seen = new HashSet<>();
        while (!open.isEmpty()) {
            for (int follower : next.getOrDefault(open.pop(), List.of())) {
                if (follower == to) {
                    return true;
                }
                if (seen.add(follower)) {
                    open.push(follower);
                }
            }
        }
        return false;
    }
}
