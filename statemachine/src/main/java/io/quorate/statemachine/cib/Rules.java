package io.quorate.statemachine.cib;

import io.quorate.statemachine.dates.Dates;
import java.time.Instant;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rule holds. A part that cannot be judged in its context (an attribute of a node where there is no node) does
 * not hold, and neither does one that cannot be understood.
 */
final class Rules {
    private Rules() {}

    /**
     * What a rule is asked about.
     *
     * @param now for date expressions
     * @param node attributes of a node, with {@code #uname} and its like; null where a rule is not about a node
     * @param params parameters of the resource, for {@code value-source="param"}
     * @param meta meta-attributes of the resource, for {@code value-source="meta"}
     * @param agent class, provider and type as {@code ocf:heartbeat:IPaddr2}; empty where a rule is not about a resource
     * @param operation name and interval in milliseconds as {@code monitor:10000}; empty likewise
     */
    record Context(
            Instant now,
            @Nullable SortedMap<String, String> node,
            UnaryOperator<@Nullable String> params,
            UnaryOperator<@Nullable String> meta,
            String agent,
            String operation) {

        static Context at(Instant now) {
            return new Context(now, null, name -> null, name -> null, "", "");
        }

        Context withNode(SortedMap<String, String> attributes) {
            return new Context(now, attributes, params, meta, agent, operation);
        }

        Context withAgent(String newAgent) {
            return new Context(now, node, params, meta, newAgent, operation);
        }

        Context withOperation(String newOperation) {
            return new Context(now, node, params, meta, agent, newOperation);
        }

        Context withParameters(UnaryOperator<@Nullable String> newParams, UnaryOperator<@Nullable String> newMeta) {
            return new Context(now, node, newParams, newMeta, agent, operation);
        }
    }

    /** Whether a {@code rule} element holds. One without conditions does, whatever joins them. */
    static boolean holds(Element rule, Context context) {
        boolean any = rule.get("boolean-op").equalsIgnoreCase("or");
        boolean conditions = false;
        for (Element part : rule.children()) {
            boolean holds;
            switch (part.name()) {
                case "rule" -> holds = holds(part, context);
                case "expression" -> holds = expression(part, context);
                case "date_expression" -> holds = date(part, context.now());
                case "rsc_expression" -> holds = resource(part, context.agent());
                case "op_expression" -> holds = operation(part, context.operation());
                default -> {
                    continue;
                }
            }
            conditions = true;
            if (holds == any) {
                return any;
            }
        }
        return !any || !conditions;
    }

    private static boolean expression(Element expression, Context context) {
        if (context.node() == null) {
            return false;
        }
        String actual = context.node().get(expression.get("attribute"));
        String operation = expression.get("operation").toLowerCase(Locale.ROOT);
        if (operation.equals("defined") || operation.equals("not_defined")) {
            return operation.equals("defined") == (actual != null);
        }
        String expected = expression.find("value").orElse(null);
        if (expected != null) {
            String named = expected;
            expected = switch (expression.get("value-source").toLowerCase(Locale.ROOT)) {
                case "param" -> context.params().apply(named);
                case "meta" -> context.meta().apply(named);
                default -> expected;
            };
        }
        if (operation.equals("eq") || operation.equals("ne")) {
            boolean equal = (actual == null || expected == null)
                    ? actual == null && expected == null
                    : compare(actual, expected, expression.find("type").orElse("string")) == 0;
            return equal == operation.equals("eq");
        }
        if (actual == null || expected == null) {
            return false;
        }
        boolean fractions = actual.contains(".") || expected.contains(".");
        int order = compare(actual, expected, expression.find("type").orElse(fractions ? "number" : "integer"));
        return switch (operation) {
            case "lt" -> order < 0;
            case "lte" -> order <= 0;
            case "gt" -> order > 0;
            case "gte" -> order >= 0;
            default -> false;
        };
    }

    /** Values that are not numbers are compared as text, whatever the type says. */
    private static int compare(String actual, String expected, String type) {
        try {
            return switch (type.toLowerCase(Locale.ROOT)) {
                case "integer" -> Long.compare(integer(actual), integer(expected));
                case "number" ->
                    Double.compare(Double.parseDouble(actual.strip()), Double.parseDouble(expected.strip()));
                case "version" -> versions(actual, expected);
                default -> actual.compareToIgnoreCase(expected);
            };
        } catch (NumberFormatException notNumbers) {
            return actual.compareToIgnoreCase(expected);
        }
    }

    /** A fraction is cut off, as C's strtol does. */
    private static long integer(String text) {
        String stripped = text.strip();
        int point = stripped.indexOf('.');
        return point > 0
                ? (long) Double.parseDouble(stripped)
                : Long.parseLong(stripped.startsWith("+") ? stripped.substring(1) : stripped);
    }

    private static int versions(String one, String other) {
        String[] ones = one.split("\\.", -1);
        String[] others = other.split("\\.", -1);
        for (int i = 0; i < Math.max(ones.length, others.length); i++) {
            long left = i < ones.length ? Values.leadingNumber(ones[i]) : 0;
            long right = i < others.length ? Values.leadingNumber(others[i]) : 0;
            if (left != right) {
                return Long.compare(left, right);
            }
        }
        return 0;
    }

    private static boolean date(Element expression, Instant now) {
        return DateReader.condition(expression)
                .filter(condition -> Dates.hold(condition, now.toEpochMilli()))
                .isPresent();
    }

    private static boolean resource(Element expression, String agent) {
        String[] parts = agent.split(":", -1);
        String provider = parts.length == 3 ? parts[1] : "";
        return !agent.isEmpty()
                && expression.find("class").map(parts[0]::equals).orElse(true)
                && expression.find("provider").map(provider::equals).orElse(true)
                && expression.find("type").map(parts[parts.length - 1]::equals).orElse(true);
    }

    private static boolean operation(Element expression, String operation) {
        if (operation.isEmpty()) {
            return false;
        }
        String name = operation.substring(0, operation.lastIndexOf(':'));
        long interval = Long.parseLong(operation.substring(operation.lastIndexOf(':') + 1));
        return expression.get("name").equals(name)
                && expression
                        .find("interval")
                        .map(text -> Values.millis(text).orElse(0) == interval)
                        .orElse(true);
    }
}
