package io.quorate.client.manifest;

import io.quorate.client.manifest.TreeNode.Fields;
import io.quorate.client.manifest.TreeNode.Items;
import io.quorate.client.manifest.TreeNode.Word;
import io.quorate.statemachine.dates.DateText;
import io.quorate.statemachine.model.DateField;
import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.DateCondition;
import io.quorate.v1.Follow;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Locations, colocations, orders, their short forms and ticket constraints in the words of the files. */
final class ConstraintTree {
    private ConstraintTree() {}

    static void location(LocationSpec spec, Fields body) {
        body.text("resource", spec.getResource());
        Fields nodes = new Fields();
        new TreeMap<>(spec.getNodesMap()).forEach((node, score) -> nodes.word(node, score(score)));
        body.unlessEmpty("nodes", nodes);
        List<TreeNode> rules = new ArrayList<>();
        spec.getRulesList().forEach(rule -> rules.add(rule(rule)));
        if (!rules.isEmpty()) {
            body.fields().put("rules", new Items(rules));
        }
        role("role", spec.getRole(), body);
    }

    private static void role(String name, Role role, Fields fields) {
        if (role != Role.ROLE_UNSPECIFIED) {
            fields.word(name, SpecTree.wordOf(ConstraintSchemas.ROLES, role, 0));
        }
    }

    private static Fields rule(LocationRule rule) {
        Fields fields = new Fields().word("score", score(rule.getScore()));
        List<TreeNode> matches = new ArrayList<>();
        rule.getMatchesList().forEach(match -> matches.add(match(match)));
        if (matches.size() == 1 && !rule.getAny()) {
            fields.fields().put("match", matches.get(0));
        } else {
            fields.fields().put(rule.getAny() ? "any" : "all", new Items(matches));
        }
        return fields;
    }

    private static Fields match(NodeMatch match) {
        Fields fields = new Fields();
        switch (match.getKeyCase()) {
            case LABEL -> fields.text("label", match.getLabel());
            case ATTRIBUTE -> fields.text("attribute", match.getAttribute());
            case DURING -> fields.fields().put("during", dates(match.getDuring()));
            case OUTSIDE -> fields.fields().put("outside", dates(match.getOutside()));
            case KEY_NOT_SET -> {}
        }
        if (match.getOperatorValue() != 0) {
            fields.word(
                    "op", SpecTree.wordOf(ConstraintSchemas.OPERATORS, match.getOperator(), match.getOperatorValue()));
        }
        fields.text("value", match.getValue());
        if (match.getTypeValue() != 0) {
            fields.word("type", SpecTree.wordOf(ConstraintSchemas.TYPES, match.getType(), match.getTypeValue()));
        }
        return fields;
    }

    private static Fields dates(DateCondition condition) {
        Fields fields = new Fields();
        if (condition.hasAfter()) {
            fields.word("after", DateText.of(condition.getAfter()));
        }
        if (condition.hasBefore()) {
            fields.word("before", DateText.of(condition.getBefore()));
        }
        if (condition.hasDuration()) {
            fields.word("duration", DurationText.format(condition.getDuration()));
        }
        for (DateField field : DateField.values()) {
            List<TreeNode> ranges = new ArrayList<>();
            field.of(condition).forEach(range -> ranges.add(new Word(field.text(range))));
            if (!ranges.isEmpty()) {
                fields.fields().put(field.word(), ranges.size() == 1 ? ranges.get(0) : new Items(ranges));
            }
        }
        return fields.text("zone", condition.getZone());
    }

    static void colocation(ColocationSpec spec, Fields body) {
        body.text("resource", spec.getResource()).text("with", spec.getWithResource());
        role("role", spec.getRole(), body);
        role("withRole", spec.getWithRole(), body);
        if (spec.hasScore()) {
            body.word("score", score(spec.getScore()));
        }
        body.text("nodeLabel", spec.getNodeLabel()).text("nodeAttribute", spec.getNodeAttribute());
        if (spec.getNoInfluence() || spec.getInfluence()) {
            body.word("influence", spec.getInfluence() ? "true" : "false");
        }
        sets(spec.getSetsList(), body);
    }

    static void order(OrderSpec spec, Fields body) {
        body.text("first", spec.getFirst()).text("then", spec.getThen());
        if (spec.getFirstActionValue() != 0) {
            body.word(
                    "firstAction",
                    SpecTree.wordOf(ConstraintSchemas.ACTIONS, spec.getFirstAction(), spec.getFirstActionValue()));
        }
        if (spec.getThenActionValue() != 0) {
            body.word(
                    "thenAction",
                    SpecTree.wordOf(ConstraintSchemas.ACTIONS, spec.getThenAction(), spec.getThenActionValue()));
        }
        if (spec.getKindValue() != 0) {
            body.word("mode", SpecTree.wordOf(ConstraintSchemas.MODES, spec.getKind(), spec.getKindValue()));
        }
        if (spec.getAsymmetrical() && spec.getKind() != OrderKind.ORDER_KIND_SERIALIZE) {
            body.word("symmetrical", "false");
        }
        sets(spec.getSetsList(), body);
    }

    static void ticket(TicketConstraintSpec spec, Fields body) {
        body.text("ticket", spec.getTicket()).texts("resources", spec.getResourcesList());
        role("role", spec.getRole(), body);
        if (spec.getLossPolicyValue() != 0) {
            body.word(
                    "lossPolicy",
                    SpecTree.wordOf(ConstraintSchemas.LOSS_POLICIES, spec.getLossPolicy(), spec.getLossPolicyValue()));
        }
    }

    private static void sets(List<ConstraintSet> sets, Fields body) {
        List<TreeNode> items = new ArrayList<>();
        for (ConstraintSet set : sets) {
            Fields fields = new Fields().texts("resources", set.getResourcesList());
            if (set.getParallel()) {
                fields.word("sequential", "false");
            }
            if (set.getAny()) {
                fields.word("requireAll", "false");
            }
            if (set.getActionValue() != 0) {
                fields.word(
                        "action", SpecTree.wordOf(ConstraintSchemas.ACTIONS, set.getAction(), set.getActionValue()));
            }
            role("role", set.getRole(), fields);
            items.add(fields);
        }
        if (!items.isEmpty()) {
            body.fields().put("sets", new Items(items));
        }
    }

    static Fields follow(Follow follow) {
        Fields fields = new Fields().text("resource", follow.getResource());
        role("role", follow.getRole(), fields);
        return fields;
    }

    /** A list where each one is a must, else names with scores. */
    static void neighbours(String name, Map<String, Integer> scores, Fields fields) {
        TreeMap<String, Integer> sorted = new TreeMap<>(scores);
        if (sorted.values().stream().allMatch(score -> score == ManifestLimits.MAX_SCORE)) {
            fields.texts(name, List.copyOf(sorted.keySet()));
            return;
        }
        Fields map = new Fields();
        sorted.forEach((other, score) -> map.fields().put(other, new Word(score(score))));
        fields.unlessEmpty(name, map);
    }

    /** A score as files write it. */
    static String score(int score) {
        if (score == ManifestLimits.MAX_SCORE) {
            return ConstraintSchemas.ALWAYS;
        }
        return score == -ManifestLimits.MAX_SCORE ? ConstraintSchemas.NEVER : Integer.toString(score);
    }
}
