package io.quorate.statemachine.policy;

import io.quorate.statemachine.dates.Dates;
import io.quorate.statemachine.placement.Machine;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.MatchType;
import io.quorate.v1.NodeMatch;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a long-form location adds on a node. A node that does not carry what a rule asks for equals nothing and is less than
 * anything; a value that is no number, where numbers are compared, counts as not carried. Dates hold of every node or of none.
 */
final class NodeMatching {
    private NodeMatching() {}

    /** The sum of everything in the location that is about this node at that wall time; empty when nothing is. */
    static Optional<Integer> score(LocationSpec spec, Machine machine, long wallMillis) {
        Integer byName = spec.getNodesMap().get(machine.name());
        Integer sum = byName;
        for (LocationRule rule : spec.getRulesList()) {
            if (holds(rule, machine, wallMillis)) {
                sum = sum == null ? rule.getScore() : Integer.valueOf(Score.add(sum, rule.getScore()));
            }
        }
        return Optional.ofNullable(sum);
    }

    private static boolean holds(LocationRule rule, Machine machine, long wallMillis) {
        return rule.getAny()
                ? rule.getMatchesList().stream().anyMatch(match -> holds(match, machine, wallMillis))
                : rule.getMatchesCount() > 0
                        && rule.getMatchesList().stream().allMatch(match -> holds(match, machine, wallMillis));
    }

    private static boolean holds(NodeMatch match, Machine machine, long wallMillis) {
        return switch (match.getKeyCase()) {
            case DURING -> Dates.hold(match.getDuring(), wallMillis);
            case OUTSIDE -> !Dates.hold(match.getOutside(), wallMillis);
            case LABEL, ATTRIBUTE, KEY_NOT_SET -> holds(match, machine);
        };
    }

    private static boolean holds(NodeMatch match, Machine machine) {
        @Nullable
        String value = switch (match.getKeyCase()) {
            case LABEL -> machine.attribute(Relations.label(match.getLabel())).orElse(null);
            case ATTRIBUTE ->
                machine.attribute(Relations.attribute(match.getAttribute())).orElse(null);
            case DURING, OUTSIDE, KEY_NOT_SET -> null;
        };
        return switch (match.getOperator()) {
            case MATCH_OPERATOR_DEFINED -> value != null;
            case MATCH_OPERATOR_NOT_DEFINED -> value == null;
            case MATCH_OPERATOR_NOT_EQUAL ->
                compare(match, value).map(order -> order != 0).orElse(true);
            case MATCH_OPERATOR_LESS ->
                compare(match, value).map(order -> order < 0).orElse(true);
            case MATCH_OPERATOR_LESS_OR_EQUAL ->
                compare(match, value).map(order -> order <= 0).orElse(true);
            case MATCH_OPERATOR_GREATER ->
                compare(match, value).map(order -> order > 0).orElse(false);
            case MATCH_OPERATOR_GREATER_OR_EQUAL ->
                compare(match, value).map(order -> order >= 0).orElse(false);
            case MATCH_OPERATOR_EQUAL, MATCH_OPERATOR_UNSPECIFIED, UNRECOGNIZED ->
                compare(match, value).map(order -> order == 0).orElse(false);
        };
    }

    /** The node's value against the rule's; empty when they cannot be compared. */
    private static Optional<Integer> compare(NodeMatch match, @Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        return switch (type(match)) {
            case MATCH_TYPE_NUMBER -> {
                Optional<BigDecimal> one = number(value);
                Optional<BigDecimal> other = number(match.getValue());
                yield one.isPresent() && other.isPresent()
                        ? Optional.of(one.get().compareTo(other.get()))
                        : Optional.empty();
            }
            case MATCH_TYPE_VERSION -> Optional.of(compareVersions(value, match.getValue()));
            case MATCH_TYPE_TEXT, MATCH_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                Optional.of(value.compareTo(match.getValue()));
        };
    }

    private static MatchType type(NodeMatch match) {
        if (match.getType() != MatchType.MATCH_TYPE_UNSPECIFIED && match.getType() != MatchType.UNRECOGNIZED) {
            return match.getType();
        }
        MatchOperator operator = match.getOperator();
        boolean ofText = operator == MatchOperator.MATCH_OPERATOR_EQUAL
                || operator == MatchOperator.MATCH_OPERATOR_UNSPECIFIED
                || operator == MatchOperator.MATCH_OPERATOR_NOT_EQUAL;
        return ofText ? MatchType.MATCH_TYPE_TEXT : MatchType.MATCH_TYPE_NUMBER;
    }

    private static Optional<BigDecimal> number(String text) {
        try {
            return Optional.of(new BigDecimal(text.trim()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Part by part: numbers by value, other parts letter by letter; what is longer comes later. */
    private static int compareVersions(String one, String other) {
        List<String> ones = parts(one);
        List<String> others = parts(other);
        for (int i = 0; i < Math.max(ones.size(), others.size()); i++) {
            if (i >= ones.size() || i >= others.size()) {
                return Integer.compare(ones.size(), others.size());
            }
            Optional<BigDecimal> left = number(ones.get(i));
            Optional<BigDecimal> right = number(others.get(i));
            int order = left.isPresent() && right.isPresent()
                    ? left.get().compareTo(right.get())
                    : ones.get(i).compareTo(others.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static List<String> parts(String version) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < version.length(); i++) {
            char letter = version.charAt(i);
            if (letter == '.' || letter == '-' || letter == '_') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(letter);
            }
        }
        parts.add(part.toString());
        return parts;
    }
}
