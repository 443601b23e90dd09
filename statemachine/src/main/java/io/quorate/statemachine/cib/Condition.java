package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.v1.DateCondition;
import io.quorate.v1.LocationRule;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.NodeMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What has to hold of a node, and at a time, as the ways in which it can: one of them is enough, and in it all matches must hold. Rules of
 * ours are lists of matches, so that everything that can be said of nodes by and, or and not has to be brought to this form.
 */
final class Condition {
    /** What every node has. */
    static final String NODE_NAME = "#uname";

    static final Condition ALWAYS = new Condition(List.of(List.of()));
    static final Condition NEVER = new Condition(List.of());

    private static final int MAX_WAYS = 64;
    /** Stands for everything that would need more than {@link #MAX_WAYS}. */
    private static final Condition TOO_LARGE = new Condition(List.of());

    private final List<List<NodeMatch>> ways;

    private Condition(List<List<NodeMatch>> ways) {
        this.ways = List.copyOf(ways);
    }

    static Condition of(NodeMatch match) {
        return new Condition(List.of(List.of(match)));
    }

    /** Every node, as long as the dates hold. */
    static Condition during(DateCondition dates) {
        return dates.equals(DateCondition.getDefaultInstance())
                ? ALWAYS
                : of(NodeMatch.newBuilder().setDuring(dates).build());
    }

    /** The node of that name. */
    static Condition named(String node) {
        return of(NodeMatch.newBuilder().setAttribute(NODE_NAME).setValue(node).build());
    }

    boolean isTooLarge() {
        return this == TOO_LARGE;
    }

    boolean isNever() {
        return ways.isEmpty() && !isTooLarge();
    }

    Condition and(Condition other) {
        if (isTooLarge() || other.isTooLarge()) {
            return TOO_LARGE;
        }
        List<List<NodeMatch>> both = new ArrayList<>();
        for (List<NodeMatch> one : ways) {
            for (List<NodeMatch> more : other.ways) {
                joined(one, more).ifPresent(both::add);
            }
        }
        return simplified(both);
    }

    Condition or(Condition other) {
        if (isTooLarge() || other.isTooLarge()) {
            return TOO_LARGE;
        }
        List<List<NodeMatch>> either = new ArrayList<>(ways);
        either.addAll(other.ways);
        return simplified(either);
    }

    Condition not() {
        if (isTooLarge()) {
            return TOO_LARGE;
        }
        Condition none = ALWAYS;
        for (List<NodeMatch> way : ways) {
            Condition missed = NEVER;
            for (NodeMatch match : way) {
                missed = missed.or(of(negated(match)));
            }
            none = none.and(missed);
        }
        return none;
    }

    /** The nodes that it names, when it says nothing else. */
    Optional<List<String>> names() {
        boolean named = ways.stream()
                .allMatch(way -> way.size() == 1
                        && way.get(0).getAttribute().equals(NODE_NAME)
                        && isEqual(way.get(0).getOperator()));
        return named && !isTooLarge()
                ? Optional.of(ways.stream().map(way -> way.get(0).getValue()).toList())
                : Optional.empty();
    }

    /** The only match that it consists of. */
    Optional<NodeMatch> single() {
        return ways.size() == 1 && ways.get(0).size() == 1
                ? Optional.of(ways.get(0).get(0))
                : Optional.empty();
    }

    /** Rules that add the score once on every node of which it holds; empty when there would be too many. */
    Optional<List<LocationRule>> rules(int score) {
        if (isTooLarge()) {
            return Optional.empty();
        }
        if (ways.size() > 1 && ways.stream().allMatch(way -> way.size() == 1)) {
            List<NodeMatch> matches = ways.stream().map(way -> way.get(0)).toList();
            return limited(List.of(rule(score, matches).setAny(true).build()));
        }
        // What saturates may be added twice.
        boolean saturates = Math.abs(score) >= Values.INFINITY;
        return (saturates ? Optional.of(ways) : disjoint())
                .flatMap(all -> limited(
                        all.stream().map(way -> rule(score, way).build()).toList()));
    }

    private static LocationRule.Builder rule(int score, List<NodeMatch> matches) {
        LocationRule.Builder rule = LocationRule.newBuilder().setScore(score).addAllMatches(matches);
        if (matches.isEmpty()) {
            rule.addMatches(
                    NodeMatch.newBuilder().setAttribute(NODE_NAME).setOperator(MatchOperator.MATCH_OPERATOR_DEFINED));
        }
        return rule;
    }

    private static Optional<List<LocationRule>> limited(List<LocationRule> rules) {
        boolean fits = rules.size() <= ManifestLimits.MAX_RULES
                && rules.stream().allMatch(rule -> rule.getMatchesCount() <= ManifestLimits.MAX_MATCHES);
        return fits ? Optional.of(rules) : Optional.empty();
    }

    /** The same ways, changed so that of no node two of them hold. */
    private Optional<List<List<NodeMatch>>> disjoint() {
        List<List<NodeMatch>> apart = new ArrayList<>();
        for (List<NodeMatch> way : ways) {
            List<List<NodeMatch>> pieces = List.of(way);
            for (List<NodeMatch> earlier : apart) {
                pieces = pieces.stream()
                        .flatMap(piece -> without(piece, earlier).stream())
                        .toList();
            }
            apart.addAll(pieces);
            if (apart.size() > MAX_WAYS) {
                return Optional.empty();
            }
        }
        return Optional.of(apart);
    }

    /** A way where another one does not hold: its first match does not, or that does and the second does not, and so on. */
    private static List<List<NodeMatch>> without(List<NodeMatch> way, List<NodeMatch> other) {
        List<List<NodeMatch>> rest = new ArrayList<>();
        List<NodeMatch> soFar = way;
        for (NodeMatch match : other) {
            joined(soFar, List.of(negated(match))).ifPresent(rest::add);
            Optional<List<NodeMatch>> further = joined(soFar, List.of(match));
            if (further.isEmpty()) {
                return rest;
            }
            soFar = further.get();
        }
        return rest;
    }

    /** All matches of both, each once; empty when they contradict each other. */
    private static Optional<List<NodeMatch>> joined(List<NodeMatch> one, List<NodeMatch> other) {
        List<NodeMatch> all = new ArrayList<>(one);
        for (NodeMatch match : other) {
            if (all.contains(negated(match)) || all.stream().anyMatch(each -> areOtherValues(each, match))) {
                return Optional.empty();
            }
            if (!all.contains(match) && all.stream().noneMatch(each -> saysMore(each, match))) {
                all.removeIf(each -> saysMore(match, each));
                all.add(match);
            }
        }
        return Optional.of(all);
    }

    /** What equals one text does not equal another. */
    private static boolean saysMore(NodeMatch one, NodeMatch other) {
        return other.getOperator() == MatchOperator.MATCH_OPERATOR_NOT_EQUAL && areOtherValues(one, negated(other));
    }

    /** Nothing equals two texts. */
    private static boolean areOtherValues(NodeMatch one, NodeMatch other) {
        return isEqual(one.getOperator())
                && isEqual(other.getOperator())
                && one.getTypeValue() == 0
                && other.getTypeValue() == 0
                && one.getLabel().equals(other.getLabel())
                && one.getAttribute().equals(other.getAttribute())
                && !one.getValue().equals(other.getValue());
    }

    private static boolean isEqual(MatchOperator operator) {
        return operator == MatchOperator.MATCH_OPERATOR_UNSPECIFIED || operator == MatchOperator.MATCH_OPERATOR_EQUAL;
    }

    /** What holds of a node exactly when the match does not: one that lacks something equals nothing and is less than anything. */
    private static NodeMatch negated(NodeMatch match) {
        switch (match.getKeyCase()) {
            case DURING -> {
                return NodeMatch.newBuilder().setOutside(match.getDuring()).build();
            }
            case OUTSIDE -> {
                return NodeMatch.newBuilder().setDuring(match.getOutside()).build();
            }
            case LABEL, ATTRIBUTE, KEY_NOT_SET -> {}
        }
        MatchOperator opposite = switch (match.getOperator()) {
            case MATCH_OPERATOR_UNSPECIFIED, MATCH_OPERATOR_EQUAL, UNRECOGNIZED ->
                MatchOperator.MATCH_OPERATOR_NOT_EQUAL;
            case MATCH_OPERATOR_NOT_EQUAL -> MatchOperator.MATCH_OPERATOR_UNSPECIFIED;
            case MATCH_OPERATOR_LESS -> MatchOperator.MATCH_OPERATOR_GREATER_OR_EQUAL;
            case MATCH_OPERATOR_LESS_OR_EQUAL -> MatchOperator.MATCH_OPERATOR_GREATER;
            case MATCH_OPERATOR_GREATER -> MatchOperator.MATCH_OPERATOR_LESS_OR_EQUAL;
            case MATCH_OPERATOR_GREATER_OR_EQUAL -> MatchOperator.MATCH_OPERATOR_LESS;
            case MATCH_OPERATOR_DEFINED -> MatchOperator.MATCH_OPERATOR_NOT_DEFINED;
            case MATCH_OPERATOR_NOT_DEFINED -> MatchOperator.MATCH_OPERATOR_DEFINED;
        };
        return match.toBuilder().setOperator(opposite).build();
    }

    /** Without ways that others contain, and without matches that only repeat that another way does not hold. */
    private static Condition simplified(List<List<NodeMatch>> ways) {
        if (ways.size() > MAX_WAYS * MAX_WAYS) {
            return TOO_LARGE;
        }
        List<NodeMatch> alone = ways.stream()
                .filter(way -> way.size() == 1)
                .map(way -> way.get(0))
                .toList();
        List<List<NodeMatch>> shorter = new ArrayList<>();
        for (List<NodeMatch> way : ways) {
            shorter.add(way.stream()
                    .filter(match -> !alone.contains(negated(match)))
                    .toList());
        }
        List<List<NodeMatch>> needed = new ArrayList<>();
        for (List<NodeMatch> way : shorter) {
            if (needed.stream().noneMatch(way::containsAll)) {
                needed.removeIf(other -> other.containsAll(way));
                needed.add(way);
            }
        }
        return needed.size() > MAX_WAYS ? TOO_LARGE : new Condition(needed);
    }
}
