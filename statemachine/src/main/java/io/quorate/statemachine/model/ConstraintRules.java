package io.quorate.statemachine.model;

import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Follow;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.MatchType;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a location, a colocation, an order, their short forms and a ticket constraint must satisfy by themselves. */
final class ConstraintRules {
    /** What every node has, so that a rule may name it. */
    static final String NODE_NAME = "#uname";

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,15}(\\.[0-9]{1,9})?");
    private static final Pattern VERSION = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9}){0,9}");
    private static final String UNKNOWN_WORD = "this value is not supported by this version";

    private final FieldChecks checks;
    private final DateRules dates;

    ConstraintRules(FieldChecks checks) {
        this.checks = checks;
        this.dates = new DateRules(checks);
    }

    /** What a unit says of others. */
    void shortForms(String unit, Placement placement, Follow follow, boolean follows) {
        neighbours("placement.near", unit, placement.getNearMap());
        neighbours("placement.apartFrom", unit, placement.getApartFromMap());
        for (String other : new TreeSet<>(placement.getNearMap().keySet())) {
            if (placement.containsApartFrom(other)) {
                checks.add(
                        "placement.near." + other,
                        "'" + FieldChecks.shown(other) + "' is in apartFrom too",
                        "remove it from one of them");
            }
        }
        if (follows) {
            other("follow.resource", unit, follow.getResource());
            role("follow.role", follow.getRole());
            if (placement.containsApartFrom(follow.getResource())) {
                checks.add(
                        "follow.resource",
                        "'" + FieldChecks.shown(follow.getResource()) + "' is in placement.apartFrom too",
                        "remove it from one of them");
            }
        }
    }

    private void neighbours(String field, String unit, Map<String, Integer> scores) {
        if (!checks.atMost(field, scores.size(), ManifestLimits.MAX_MEMBERS, "names")) {
            return;
        }
        for (Map.Entry<String, Integer> score : new TreeMap<>(scores).entrySet()) {
            String at = field + "." + score.getKey();
            other(at, unit, score.getKey());
            checks.range(at, score.getValue(), 1, ManifestLimits.MAX_SCORE);
        }
    }

    private void named(String field, String name) {
        if (name.isEmpty()) {
            checks.add(field, "it has no " + field, "name a resource or a group");
        } else {
            checks.name(field, name);
        }
    }

    private void other(String field, String self, String name) {
        named(field, name);
        if (name.equals(self) && !name.isEmpty()) {
            checks.add(field, "'" + FieldChecks.shown(name) + "' names itself", "name another one");
        }
    }

    private void role(String field, Role role) {
        if (role == Role.UNRECOGNIZED || role == Role.ROLE_STOPPED) {
            checks.add(field, UNKNOWN_WORD, "write started, promoted or unpromoted, or leave it out");
        }
    }

    void location(LocationSpec location) {
        named("resource", location.getResource());
        role("role", location.getRole());
        if (location.getNodesCount() == 0 && location.getRulesCount() == 0) {
            checks.add("", "it says nothing of any node", "write nodes: {n1: 100}, or rules");
        }
        if (checks.atMost("nodes", location.getNodesCount(), ManifestLimits.MAX_NODES, "nodes")) {
            for (Map.Entry<String, Integer> node : new TreeMap<>(location.getNodesMap()).entrySet()) {
                checks.name("nodes." + node.getKey(), node.getKey());
                checks.score("nodes." + node.getKey(), node.getValue());
            }
        }
        if (checks.atMost("rules", location.getRulesCount(), ManifestLimits.MAX_RULES, "rules")) {
            for (int i = 0; i < location.getRulesCount(); i++) {
                rule("rules[" + i + "]", location.getRules(i));
            }
        }
    }

    private void rule(String field, LocationRule rule) {
        checks.score(field + ".score", rule.getScore());
        String list = field + (rule.getMatchesCount() == 1 ? ".match" : rule.getAny() ? ".any" : ".all");
        if (rule.getMatchesCount() == 0) {
            checks.add(field, "the rule matches no node", "write match: {label: disk, value: ssd}");
        }
        if (checks.atMost(list, rule.getMatchesCount(), ManifestLimits.MAX_MATCHES, "conditions")) {
            for (int i = 0; i < rule.getMatchesCount(); i++) {
                match(rule.getMatchesCount() == 1 ? list : list + "[" + i + "]", rule.getMatches(i));
            }
        }
    }

    private void match(String field, NodeMatch match) {
        switch (match.getKeyCase()) {
            case LABEL -> checks.name(field + ".label", match.getLabel());
            case ATTRIBUTE -> {
                if (!match.getAttribute().equals(NODE_NAME)) {
                    checks.name(field + ".attribute", match.getAttribute());
                }
            }
            case DURING -> {
                dates(field, match);
                dates.check(field + ".during", match.getDuring());
                return;
            }
            case OUTSIDE -> {
                dates(field, match);
                dates.check(field + ".outside", match.getOutside());
                return;
            }
            case KEY_NOT_SET ->
                checks.add(field, "it names neither a label nor an attribute nor dates", "write one of them");
        }
        if (match.getOperator() == MatchOperator.UNRECOGNIZED || match.getType() == MatchType.UNRECOGNIZED) {
            checks.add(field, UNKNOWN_WORD, "");
            return;
        }
        boolean compares = match.getOperator() != MatchOperator.MATCH_OPERATOR_DEFINED
                && match.getOperator() != MatchOperator.MATCH_OPERATOR_NOT_DEFINED;
        if (!compares && (!match.getValue().isEmpty() || match.getType() != MatchType.MATCH_TYPE_UNSPECIFIED)) {
            checks.add(field, "whether it is there is asked without a value", "remove the value");
        }
        checks.oneLine(field, match.getValue());
        checks.noLongerThan(field, match.getValue(), Limits.ATTRIBUTE_VALUE_BYTES);
        if (compares) {
            value(field, match);
        }
    }

    private void dates(String field, NodeMatch match) {
        if (match.getOperatorValue() != 0
                || match.getTypeValue() != 0
                || !match.getValue().isEmpty()) {
            checks.add(field, "dates are not compared with a value", "remove op, value and type");
        }
    }

    private void value(String field, NodeMatch match) {
        String shown = "'" + FieldChecks.shown(match.getValue()) + "'";
        switch (typeOf(match)) {
            case MATCH_TYPE_NUMBER -> {
                if (!NUMBER.matcher(match.getValue()).matches()) {
                    checks.add(field, shown + " is not a number", "write one, or say how to compare: type: text");
                }
            }
            case MATCH_TYPE_VERSION -> {
                if (!VERSION.matcher(match.getValue()).matches()) {
                    checks.add(field, shown + " is not a version", "write numbers with dots between them");
                }
            }
            case MATCH_TYPE_UNSPECIFIED, MATCH_TYPE_TEXT, UNRECOGNIZED -> {}
        }
    }

    /** How a match compares: as it says, else text for equal and not equal, and numbers for the others. */
    static MatchType typeOf(NodeMatch match) {
        if (match.getType() != MatchType.MATCH_TYPE_UNSPECIFIED) {
            return match.getType();
        }
        return switch (match.getOperator()) {
            case MATCH_OPERATOR_LESS,
                    MATCH_OPERATOR_LESS_OR_EQUAL,
                    MATCH_OPERATOR_GREATER,
                    MATCH_OPERATOR_GREATER_OR_EQUAL -> MatchType.MATCH_TYPE_NUMBER;
            case MATCH_OPERATOR_UNSPECIFIED,
                    MATCH_OPERATOR_EQUAL,
                    MATCH_OPERATOR_NOT_EQUAL,
                    MATCH_OPERATOR_DEFINED,
                    MATCH_OPERATOR_NOT_DEFINED,
                    UNRECOGNIZED -> MatchType.MATCH_TYPE_TEXT;
        };
    }

    void colocation(ColocationSpec colocation) {
        if (colocation.hasScore()) {
            checks.score("score", colocation.getScore());
        }
        switch (colocation.getPlaceCase()) {
            case NODE_LABEL -> checks.name("nodeLabel", colocation.getNodeLabel());
            case NODE_ATTRIBUTE -> checks.name("nodeAttribute", colocation.getNodeAttribute());
            case PLACE_NOT_SET -> {}
        }
        if (colocation.getInfluence() && colocation.getNoInfluence()) {
            checks.add("influence", "it has an influence and has none", "set one of influence and no_influence");
        }
        role("role", colocation.getRole());
        role("withRole", colocation.getWithRole());
        pairOrSets(
                "resource", colocation.getResource(), "with", colocation.getWithResource(), colocation.getSetsList());
        boolean roles = colocation.getRoleValue() != 0 || colocation.getWithRoleValue() != 0;
        if (roles && colocation.getSetsCount() > 0) {
            checks.add("sets", "role and withRole are for resource and with", "write role: in each set");
        }
        boolean apart = colocation.hasScore() && colocation.getScore() < 0;
        if (!apart) {
            relatesSomething(colocation.getSetsList());
        }
        for (int i = 0; i < colocation.getSetsCount(); i++) {
            ConstraintSet set = colocation.getSets(i);
            if (set.getAny() || set.getActionValue() != 0) {
                checks.add("sets[" + i + "]", "requireAll and action are for orders", "remove them");
            }
            role("sets[" + i + "].role", set.getRole());
        }
    }

    void order(OrderSpec order) {
        action("firstAction", order.getFirstAction());
        action("thenAction", order.getThenAction());
        if (order.getKind() == OrderKind.UNRECOGNIZED) {
            checks.add("mode", UNKNOWN_WORD, "write mandatory, optional or serialize");
        }
        pairOrSets("first", order.getFirst(), "then", order.getThen(), order.getSetsList());
        relatesSomething(order.getSetsList());
        boolean actions = order.getFirstActionValue() != 0 || order.getThenActionValue() != 0;
        if (actions && order.getSetsCount() > 0) {
            checks.add("sets", "firstAction and thenAction are for first and then", "write action: in each set");
        }
        for (int i = 0; i < order.getSetsCount(); i++) {
            ConstraintSet set = order.getSets(i);
            action("sets[" + i + "].action", set.getAction());
            if (set.getRole() != Role.ROLE_UNSPECIFIED) {
                checks.add("sets[" + i + "].role", "roles are for colocations", "write action: promote");
            }
            if (set.getAny() && !set.getParallel()) {
                checks.add(
                        "sets[" + i + "].requireAll",
                        "one is enough only where they do not wait for each other",
                        "add sequential: false");
            }
        }
    }

    void ticket(TicketConstraintSpec constraint) {
        if (constraint.getTicket().isEmpty()) {
            checks.add("ticket", "it has no ticket", "name the ticket that the sites share");
        } else {
            checks.name("ticket", constraint.getTicket());
        }
        boolean promoted = constraint.getRole() == Role.ROLE_PROMOTED;
        if (!promoted && constraint.getRole() != Role.ROLE_STARTED && constraint.getRoleValue() != 0) {
            checks.add("role", UNKNOWN_WORD, "write started or promoted, or leave it out");
        }
        if (constraint.getLossPolicy() == LossPolicy.UNRECOGNIZED) {
            checks.add("lossPolicy", UNKNOWN_WORD, "write stop, demote, fence or freeze");
        }
        if (constraint.getLossPolicy() == LossPolicy.LOSS_POLICY_DEMOTE && !promoted) {
            checks.add("lossPolicy", "demote is for what is promoted", "add role: promoted, or write lossPolicy: stop");
        }
        if (constraint.getResourcesCount() == 0) {
            checks.add(
                    "resources", "it names no resource", "name the resources, groups or clones that need the ticket");
        }
        if (!checks.atMost("resources", constraint.getResourcesCount(), ManifestLimits.MAX_MEMBERS, "names")) {
            return;
        }
        TreeSet<String> seen = new TreeSet<>();
        for (int i = 0; i < constraint.getResourcesCount(); i++) {
            String at = "resources[" + i + "]";
            String name = constraint.getResources(i);
            checks.name(at, name);
            if (!seen.add(name)) {
                checks.add(at, "'" + FieldChecks.shown(name) + "' is named twice", "remove one");
            }
        }
    }

    private void action(String field, OrderAction action) {
        if (action == OrderAction.UNRECOGNIZED) {
            checks.add(field, UNKNOWN_WORD, "write start, stop, promote or demote");
        }
    }

    private void pairOrSets(String oneField, String one, String otherField, String other, List<ConstraintSet> sets) {
        if (sets.isEmpty()) {
            named(oneField, one);
            other(otherField, one, other);
            return;
        }
        if (!one.isEmpty() || !other.isEmpty()) {
            checks.add("sets", "it has sets, and " + oneField + " or " + otherField, "write one of the two forms");
        }
        if (!checks.atMost("sets", sets.size(), ManifestLimits.MAX_SETS, "sets")) {
            return;
        }
        int count = sets.stream().mapToInt(ConstraintSet::getResourcesCount).sum();
        if (!checks.atMost("sets", count, ManifestLimits.MAX_MEMBERS, "names")) {
            return;
        }
        if (count < 2) {
            checks.add("sets", "it relates nothing", "name at least two resources");
        }
        TreeSet<String> seen = new TreeSet<>();
        for (int i = 0; i < sets.size(); i++) {
            if (sets.get(i).getResourcesCount() == 0) {
                checks.add("sets[" + i + "]", "the set names no resource", "name one or remove the set");
            }
            for (int j = 0; j < sets.get(i).getResourcesCount(); j++) {
                String name = sets.get(i).getResources(j);
                String at = "sets[" + i + "].resources[" + j + "]";
                checks.name(at, name);
                if (!seen.add(name)) {
                    checks.add(at, "'" + FieldChecks.shown(name) + "' is named twice", "remove one");
                }
            }
        }
    }

    /** One set whose members say nothing of each other says nothing at all. */
    private void relatesSomething(List<ConstraintSet> sets) {
        if (sets.size() == 1 && sets.get(0).getParallel()) {
            checks.add("sets", "one set that is not sequential relates nothing", "remove sequential: false");
        }
    }
}
