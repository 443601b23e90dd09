package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Score;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Tells which values of an element mean less than they say: scores, times, roles and rules that cannot be read. */
final class ValueCheck {
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+");
    private static final List<String> INFINITIES = List.of("INFINITY", "+INFINITY", "-INFINITY", "INF", "+INF", "-INF");
    private static final List<String> COMPARISONS =
            List.of("lt", "gt", "lte", "gte", "eq", "ne", "defined", "not_defined");
    private static final List<String> DATES = List.of("", "gt", "lt", "in_range", "date_spec");
    private static final List<String> CONDITIONS =
            List.of("rule", "expression", "date_expression", "rsc_expression", "op_expression");
    private static final List<String> SCORES = List.of("resource-stickiness", "migration-threshold");
    private static final List<String> INSTANCES = List.of(
            "clone-max",
            "clone-node-max",
            "clone-min",
            "promoted-max",
            "promoted-node-max",
            "master-max",
            "master-node-max");
    private static final List<String> TIMES = List.of("failure-timeout", "node-pending-timeout");
    private static final List<String> ROLES =
            List.of("started", "stopped", "promoted", "unpromoted", "master", "slave");

    private static final List<String> ACTIONS = List.of("start", "stop", "promote", "demote");

    private final Element element;
    private final BiConsumer<Element, String> warn;

    private ValueCheck(Element element, BiConsumer<Element, String> warn) {
        this.element = element;
        this.warn = warn;
    }

    /** Passes on what is wrong with one element, not with those inside. */
    static void of(Element element, BiConsumer<Element, String> warn) {
        new ValueCheck(element, warn).check();
    }

    /** The same, of scores alone. */
    static void ofScores(Element element, BiConsumer<Element, String> warn) {
        new ValueCheck(element, warn).checkScores();
    }

    private void checkScores() {
        element.find("score").ifPresent(this::score);
        if (element.name().equals("nvpair") && SCORES.contains(element.get("name"))) {
            element.find("value").ifPresent(this::score);
        }
    }

    private void check() {
        checkScores();
        switch (element.name()) {
            case "nvpair" -> pair();
            case "docker", "podman", "rkt" ->
                List.of("replicas", "replicas-per-host", "promoted-max", "masters")
                        .forEach(name -> element.find(name).ifPresent(this::instances));
            case "op" -> element.find("interval").ifPresent(this::time);
            case "rule" -> rule();
            case "expression" -> operation(COMPARISONS, element.get("operation"));
            case "date_expression" -> date();
            case "rsc_location" -> element.find("rsc-pattern").ifPresent(this::pattern);
            case "rsc_order" -> {
                known("kind", List.of("mandatory", "optional", "serialize"), "taken as Mandatory");
                known("first-action", ACTIONS, "taken as start");
                known("then-action", ACTIONS, "taken as first-action");
            }
            case "resource_set" -> known("action", ACTIONS, "taken as start");
            case "rsc_ticket" -> known("loss-policy", List.of("stop", "demote", "fence", "freeze"), "taken as stop");
            default -> {
                // Nothing in it is read as anything but text.
            }
        }
        for (String attribute : List.of("role", "rsc-role", "with-rsc-role")) {
            if (!element.name().equals("op")) {
                known(attribute, ROLES, "taken for any role");
            }
        }
    }

    private void pair() {
        String name = element.get("name");
        if (INSTANCES.contains(name)) {
            element.find("value").ifPresent(this::instances);
        } else if (TIMES.contains(name)) {
            element.find("value").ifPresent(this::time);
        } else if (name.equals("target-role")
                && !element.get("value").equals("#default")
                && !ROLES.contains(element.get("value").toLowerCase(Locale.ROOT))) {
            warn.accept(element, "there is no role \"" + element.get("value") + "\": taken for any role");
        }
    }

    private void score(String text) {
        String stripped = text.strip().toUpperCase(Locale.ROOT);
        if (INFINITIES.contains(stripped)) {
            return;
        }
        if (!NUMBER.matcher(stripped).matches()) {
            warn.accept(element, "\"" + text + "\" is no score: taken as " + Values.score(text));
            return;
        }
        boolean far = stripped.length() > 10 || Math.abs(Long.parseLong(stripped)) > Score.INFINITY;
        if (far) {
            String sign = stripped.startsWith("-") ? "-" : "";
            warn.accept(element, "the score " + text + " is out of range: taken as " + sign + "INFINITY");
        }
    }

    private void instances(String text) {
        if (!NUMBER.matcher(text.strip()).matches() || Values.instances(text) != Values.leadingNumber(text)) {
            warn.accept(element, "\"" + text + "\" is no number of instances: taken as " + Values.instances(text));
        }
    }

    private void time(String text) {
        if (Values.millis(text).isEmpty()) {
            warn.accept(element, "\"" + text + "\" is no time: taken as 0");
        }
    }

    private void pattern(String text) {
        try {
            Pattern.compile(text.startsWith("!") ? text.substring(1) : text);
        } catch (PatternSyntaxException e) {
            warn.accept(element, "the pattern \"" + text + "\" cannot be read: it matches nothing");
        }
    }

    private void rule() {
        known("boolean-op", List.of("and", "or"), "taken as and");
        for (Element part : element.children()) {
            if (!CONDITIONS.contains(part.name())) {
                warn.accept(part, "not known in <rule>: left out");
            }
        }
    }

    private void operation(List<String> operations, String operation) {
        if (!operations.contains(operation.toLowerCase(Locale.ROOT))) {
            warn.accept(element, "there is no operation \"" + operation + "\": it never holds");
        }
    }

    private void date() {
        operation(DATES, element.get("operation"));
        for (String attribute : List.of("start", "end")) {
            element.find(attribute)
                    .filter(text -> Values.date(text).isEmpty())
                    .ifPresent(text -> warn.accept(element, "\"" + text + "\" is no date: taken as not given"));
        }
    }

    private void known(String attribute, List<String> values, String instead) {
        element.find(attribute)
                .filter(value -> !values.contains(value.toLowerCase(Locale.ROOT)))
                .ifPresent(
                        value -> warn.accept(element, "there is no " + attribute + " \"" + value + "\": " + instead));
    }
}
