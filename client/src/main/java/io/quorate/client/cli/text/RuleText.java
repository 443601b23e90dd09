package io.quorate.client.cli.text;

import io.quorate.statemachine.dates.DateText;
import io.quorate.statemachine.model.LongForms;
import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.statemachine.model.SiteTickets;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Follow;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Constraints in one line each, the short forms in the words of the long ones. */
public final class RuleText {
    private RuleText() {}

    /**
     * One thing that an object says of where something runs, or when.
     *
     * @param field where in the object: {@code placement.near.db}; empty for an object that says nothing else
     * @param text in the words of the long forms
     */
    public record Line(String field, String text) {}

    /** What an object says of places and times: of a resource, a group or a clone its short forms, in long. */
    public static List<Line> lines(Manifest manifest) {
        String name = manifest.getMeta().getName();
        return switch (manifest.getSpecCase()) {
            case RESOURCE ->
                unit(
                        name,
                        manifest.getResource().getPlacement(),
                        manifest.getResource().getFollow());
            case GROUP ->
                unit(
                        name,
                        manifest.getGroup().getPlacement(),
                        manifest.getGroup().getFollow());
            case CLONE ->
                unit(
                        name,
                        manifest.getClone().getPlacement(),
                        manifest.getClone().getFollow());
            case LOCATION -> List.of(new Line("", location(manifest.getLocation())));
            case COLOCATION -> List.of(new Line("", colocation(manifest.getColocation())));
            case ORDER -> List.of(new Line("", order(manifest.getOrder())));
            case TICKET_CONSTRAINT -> List.of(new Line("", ticket(manifest.getTicketConstraint())));
            case FENCE_DEVICE, FENCE_PLAN, NODE, SETTINGS, SPEC_NOT_SET -> List.of();
        };
    }

    private static List<Line> unit(String name, Placement placement, Follow follow) {
        List<Line> lines = new ArrayList<>();
        if (placement.getPreferCount() > 0) {
            String scores = new TreeMap<>(placement.getPreferMap())
                    .entrySet().stream()
                            .map(score -> score.getKey() + " " + score(score.getValue()))
                            .collect(Collectors.joining(", "));
            lines.add(new Line("placement.prefer", "location " + name + ": " + scores));
        }
        String elsewhere = " " + score(-ManifestLimits.MAX_SCORE);
        if (placement.getOnlyCount() > 0) {
            String nodes = String.join(", ", placement.getOnlyList());
            lines.add(new Line("placement.only", "location " + name + ": all but " + nodes + elsewhere));
        }
        if (placement.getOnlyLabelsCount() > 0) {
            String labels = new TreeMap<>(placement.getOnlyLabelsMap())
                    .entrySet().stream()
                            .map(label -> "label " + label.getKey() + " ne " + label.getValue())
                            .collect(Collectors.joining(" or "));
            lines.add(new Line("placement.only", "location " + name + ":" + elsewhere + " where " + labels));
        }
        if (placement.getAvoidCount() > 0) {
            String nodes = placement.getAvoidList().stream()
                    .map(node -> node + elsewhere)
                    .collect(Collectors.joining(", "));
            lines.add(new Line("placement.avoid", "location " + name + ": " + nodes));
        }
        LongForms.colocations(name, placement, follow)
                .forEach(one -> lines.add(new Line(one.field(), "colocation " + colocation(one.spec()))));
        LongForms.orders(name, follow).forEach(one -> lines.add(new Line(one.field(), "order " + order(one.spec()))));
        return lines;
    }

    static String location(LocationSpec spec) {
        List<String> parts = new ArrayList<>();
        new TreeMap<>(spec.getNodesMap()).forEach((node, score) -> parts.add(node + " " + score(score)));
        for (LocationRule rule : spec.getRulesList()) {
            parts.add(score(rule.getScore()) + " where "
                    + rule.getMatchesList().stream()
                            .map(RuleText::match)
                            .collect(Collectors.joining(rule.getAny() ? " or " : " and ")));
        }
        return role(spec.getRole()) + spec.getResource() + ": " + String.join(", ", parts);
    }

    private static String match(NodeMatch match) {
        return switch (match.getKeyCase()) {
            case DURING -> "during (" + DateText.of(match.getDuring()) + ")";
            case OUTSIDE -> "outside (" + DateText.of(match.getOutside()) + ")";
            case LABEL, ATTRIBUTE, KEY_NOT_SET -> ofNode(match);
        };
    }

    private static String ofNode(NodeMatch match) {
        String key = match.hasLabel() ? "label " + match.getLabel() : "attribute " + match.getAttribute();
        String operator = switch (match.getOperator()) {
            case MATCH_OPERATOR_UNSPECIFIED, MATCH_OPERATOR_EQUAL -> "eq";
            case MATCH_OPERATOR_NOT_EQUAL -> "ne";
            case MATCH_OPERATOR_LESS -> "lt";
            case MATCH_OPERATOR_LESS_OR_EQUAL -> "le";
            case MATCH_OPERATOR_GREATER -> "gt";
            case MATCH_OPERATOR_GREATER_OR_EQUAL -> "ge";
            case MATCH_OPERATOR_DEFINED -> "is defined";
            case MATCH_OPERATOR_NOT_DEFINED -> "is not defined";
            case UNRECOGNIZED -> "?";
        };
        boolean compares = match.getOperator() != MatchOperator.MATCH_OPERATOR_DEFINED
                && match.getOperator() != MatchOperator.MATCH_OPERATOR_NOT_DEFINED;
        return key + " " + operator + (compares ? " " + match.getValue() : "");
    }

    static String colocation(ColocationSpec spec) {
        int score = spec.hasScore() ? spec.getScore() : ManifestLimits.MAX_SCORE;
        String who = spec.getSetsCount() == 0
                ? role(spec.getRole()) + spec.getResource() + " with " + role(spec.getWithRole())
                        + spec.getWithResource()
                : sets(spec.getSetsList(), " with ");
        String where = switch (spec.getPlaceCase()) {
            case NODE_LABEL -> ", by label " + spec.getNodeLabel();
            case NODE_ATTRIBUTE -> ", by attribute " + spec.getNodeAttribute();
            case PLACE_NOT_SET -> "";
        };
        return who + ", " + score(score) + where
                + (spec.getNoInfluence() ? ", without influence" : spec.getInfluence() ? ", with influence" : "");
    }

    private static String ticket(TicketConstraintSpec spec) {
        String role = spec.getRole() == Role.ROLE_PROMOTED ? " to be promoted" : "";
        boolean one = spec.getResourcesCount() == 1;
        return String.join(", ", spec.getResourcesList()) + (one ? " needs" : " need") + " ticket " + spec.getTicket()
                + role + ", loss: " + TicketText.word(SiteTickets.lossPolicy(spec));
    }

    static String order(OrderSpec spec) {
        String who;
        if (spec.getSetsCount() == 0) {
            OrderAction then = spec.getThenActionValue() == 0 ? spec.getFirstAction() : spec.getThenAction();
            who = action(spec.getFirstAction()) + spec.getFirst() + ", then " + action(then) + spec.getThen();
        } else {
            who = sets(spec.getSetsList(), ", then ");
        }
        String kind = switch (spec.getKind()) {
            case ORDER_KIND_UNSPECIFIED, ORDER_KIND_MANDATORY -> "mandatory";
            case ORDER_KIND_OPTIONAL -> "optional";
            case ORDER_KIND_SERIALIZE -> "serialize";
            case UNRECOGNIZED -> "?";
        };
        boolean oneWay = spec.getAsymmetrical() || spec.getKind() == OrderKind.ORDER_KIND_SERIALIZE;
        return who + " (" + kind + (oneWay ? "" : ", symmetrical") + ")";
    }

    private static String action(OrderAction action) {
        return switch (action) {
            case ORDER_ACTION_STOP -> "stop ";
            case ORDER_ACTION_PROMOTE -> "promote ";
            case ORDER_ACTION_DEMOTE -> "demote ";
            case ORDER_ACTION_START, ORDER_ACTION_UNSPECIFIED, UNRECOGNIZED -> "start ";
        };
    }

    private static String role(Role role) {
        return switch (role) {
            case ROLE_PROMOTED -> "promoted ";
            case ROLE_UNPROMOTED -> "unpromoted ";
            case ROLE_STARTED, ROLE_STOPPED, ROLE_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    }

    private static String sets(List<ConstraintSet> sets, String between) {
        return sets.stream()
                .map(set -> (set.getActionValue() == 0 ? "" : action(set.getAction()))
                        + role(set.getRole())
                        + (set.getAny() ? "any of " : "")
                        + "[" + String.join(set.getParallel() ? " | " : ", ", set.getResourcesList()) + "]")
                .collect(Collectors.joining(between));
    }

    static String score(int score) {
        if (score == ManifestLimits.MAX_SCORE) {
            return "infinity";
        }
        return score == -ManifestLimits.MAX_SCORE ? "-infinity" : Integer.toString(score);
    }
}
