package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.MatchType;
import io.quorate.v1.NodeMatch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Rules of a CIB about nodes and dates as conditions of ours. */
final class RuleImport {
    private static final List<String> OPERATIONS =
            List.of("eq", "ne", "lt", "lte", "gt", "gte", "defined", "not_defined");

    private static final List<String> CONDITIONS = List.of("rule", "expression", "date_expression");

    private static final String HEALTH = "#health-";

    private final Cib cib;
    /** What becomes a label: its values on nodes. */
    private final SortedMap<String, Set<String>> labels = new TreeMap<>();
    /** What every node has: its names or ids. */
    private final SortedMap<String, Set<String>> names = new TreeMap<>();

    private final SortedMap<String, String> nameOf = new TreeMap<>();

    RuleImport(Cib cib) {
        this.cib = cib;
        Set<String> unames = new TreeSet<>();
        Set<String> ids = new TreeSet<>();
        names.put(Condition.NODE_NAME, unames);
        names.put("#id", ids);
        for (Element node : cib.section("nodes").children("node")) {
            unames.add(node.get("uname"));
            ids.add(node.id());
            nameOf.putIfAbsent(node.id(), node.get("uname"));
            cib.sets()
                    .of(node, "instance_attributes", cib.context())
                    .forEach((name, value) ->
                            labels.computeIfAbsent(name, key -> new TreeSet<>()).add(value));
        }
    }

    /** Whether nodes carry it as a label of ours; otherwise it is an attribute that something sets while they run. */
    boolean isLabel(String attribute) {
        return !attribute.startsWith(HEALTH) && labels.containsKey(attribute);
    }

    /** Why a rule cannot be said in ours; empty when it can. */
    Optional<String> obstacle(Element rule) {
        return rule.walk()
                .flatMap(part -> switch (part.name()) {
                    case "rule" -> Optional.<String>empty().stream();
                    case "expression" -> ofExpression(part).stream();
                    case "date_expression" -> DateReader.obstacle(part).stream();
                    case "date_spec", "duration" -> Optional.<String>empty().stream();
                    default -> Optional.of(part.name() + " is not for constraints").stream();
                })
                .findFirst();
    }

    private Optional<String> ofExpression(Element expression) {
        String attribute = expression.get("attribute");
        String operation = expression.get("operation").toLowerCase(Locale.ROOT);
        String source = expression.get("value-source").toLowerCase(Locale.ROOT);
        if (!OPERATIONS.contains(operation)) {
            return Optional.of("'" + operation + "' is no operation");
        }
        if (source.equals("param") || source.equals("meta")) {
            return Optional.of("a value that is another resource's is not supported: write the value itself");
        }
        boolean known = attribute.equals(Condition.NODE_NAME)
                || attribute.equals("#id")
                || attribute.equals("#kind")
                || attribute.equals("#cluster-name");
        return known ? Optional.empty() : ofName(ourName(attribute));
    }

    /** Attributes of health have no sign before their names here. */
    static String ourName(String attribute) {
        return attribute.startsWith(HEALTH) ? attribute.substring(1) : attribute;
    }

    /** Why an attribute of nodes cannot be named in ours. */
    Optional<String> ofName(String attribute) {
        return ManifestRules.isName(attribute)
                ? Optional.empty()
                : Optional.of("'" + attribute + "' cannot be the name of a label or an attribute");
    }

    /** What must hold of a node for the rule to hold, if there is no obstacle. A rule without conditions always does. */
    Condition condition(Element rule) {
        boolean any = rule.get("boolean-op").equalsIgnoreCase("or");
        List<Element> parts = rule.children().stream()
                .filter(part -> CONDITIONS.contains(part.name()))
                .toList();
        if (parts.isEmpty()) {
            return Condition.ALWAYS;
        }
        Condition all = any ? Condition.NEVER : Condition.ALWAYS;
        for (Element part : parts) {
            Condition one = switch (part.name()) {
                case "rule" -> condition(part);
                case "date_expression" -> date(part);
                default -> expression(part);
            };
            all = any ? all.or(one) : all.and(one);
        }
        return all;
    }

    private static Condition date(Element expression) {
        return DateReader.condition(expression).map(Condition::during).orElse(Condition.NEVER);
    }

    /** What to say of a rule whose dates Pacemaker takes in the local time of its nodes; empty when it has none. */
    static String ofLocalTime(Element rule) {
        boolean isLocal =
                rule.walk().anyMatch(part -> part.name().equals("date_expression") && DateReader.isOfLocalTime(part));
        return isLocal
                ? "; dates that name no offset are taken as UTC, where Pacemaker goes by the local time of its nodes: "
                        + "add zone, or write other instants, if that is not UTC"
                : "";
    }

    private Condition expression(Element expression) {
        String attribute = expression.get("attribute");
        String operation = expression.get("operation").toLowerCase(Locale.ROOT);
        if (attribute.equals("#kind") || attribute.equals("#cluster-name")) {
            // All our nodes are full members, of the one cluster.
            String value =
                    attribute.equals("#kind") ? "cluster" : cib.clusterName().orElse("");
            SortedMap<String, String> node = new TreeMap<>();
            if (!value.isEmpty()) {
                node.put(attribute, value);
            }
            Element rule = new Element("rule", new TreeMap<>(), List.of(expression), expression.at());
            return Rules.holds(rule, cib.context().withNode(node)) ? Condition.ALWAYS : Condition.NEVER;
        }
        if (operation.equals("defined") || operation.equals("not_defined") || !expression.has("value")) {
            boolean defined = operation.equals("defined") || operation.equals("ne");
            boolean asked = defined || operation.equals("not_defined") || operation.equals("eq");
            return asked ? defined(attribute, defined) : Condition.NEVER;
        }
        return comparison(attribute, operation, expression.get("value"), type(expression));
    }

    private Condition defined(String attribute, boolean defined) {
        if (names.containsKey(attribute)) {
            return defined ? Condition.ALWAYS : Condition.NEVER;
        }
        return Condition.of(match(attribute)
                .setOperator(defined ? MatchOperator.MATCH_OPERATOR_DEFINED : MatchOperator.MATCH_OPERATOR_NOT_DEFINED)
                .build());
    }

    /** Text for what is asked to be equal, numbers for the rest; what is no number is text whatever is said. */
    private static MatchType type(Element expression) {
        String operation = expression.get("operation").toLowerCase(Locale.ROOT);
        boolean equality = operation.equals("eq") || operation.equals("ne");
        String value = expression.get("value").strip();
        return switch (expression
                .find("type")
                .orElse(equality ? "string" : "number")
                .toLowerCase(Locale.ROOT)) {
            case "integer", "number" ->
                value.matches("[+-]?[0-9]{1,15}(\\.[0-9]{1,9})?")
                        ? MatchType.MATCH_TYPE_NUMBER
                        : MatchType.MATCH_TYPE_TEXT;
            case "version" ->
                value.matches("[0-9]{1,9}(\\.[0-9]{1,9}){0,9}")
                        ? MatchType.MATCH_TYPE_VERSION
                        : MatchType.MATCH_TYPE_TEXT;
            default -> MatchType.MATCH_TYPE_TEXT;
        };
    }

    private Condition comparison(String attribute, String operation, String value, MatchType type) {
        String said = type == MatchType.MATCH_TYPE_TEXT ? value : value.strip();
        boolean equality = operation.equals("eq") || operation.equals("ne");
        if (equality) {
            Condition equal = Condition.NEVER;
            for (String spelled : spellings(attribute, said, type)) {
                equal = equal.or(Condition.of(typed(match(attribute), type, MatchType.MATCH_TYPE_TEXT)
                        .setValue(attribute.equals("#id") ? nameOf.getOrDefault(spelled, spelled) : spelled)
                        .build()));
            }
            return operation.equals("eq") ? equal : equal.not();
        }
        NodeMatch.Builder match =
                typed(match(attribute), type, MatchType.MATCH_TYPE_NUMBER).setValue(said);
        return switch (operation) {
            case "gt" ->
                Condition.of(
                        match.setOperator(MatchOperator.MATCH_OPERATOR_GREATER).build());
            case "gte" ->
                Condition.of(match.setOperator(MatchOperator.MATCH_OPERATOR_GREATER_OR_EQUAL)
                        .build());
            // What is not there is less than anything in our rules, and incomparable in Pacemaker's.
            case "lt" ->
                Condition.of(match.setOperator(MatchOperator.MATCH_OPERATOR_LESS)
                                .build())
                        .and(defined(attribute, true));
            default ->
                Condition.of(match.setOperator(MatchOperator.MATCH_OPERATOR_LESS_OR_EQUAL)
                                .build())
                        .and(defined(attribute, true));
        };
    }

    /** Pacemaker does not tell capital letters from small ones, our rules do: every spelling that nodes have is one. */
    private Set<String> spellings(String attribute, String value, MatchType type) {
        Set<String> spellings = new TreeSet<>();
        if (type == MatchType.MATCH_TYPE_TEXT) {
            names.getOrDefault(attribute, labels.getOrDefault(attribute, new TreeSet<>())).stream()
                    .filter(value::equalsIgnoreCase)
                    .forEach(spellings::add);
        }
        if (spellings.isEmpty()) {
            spellings.add(value);
        }
        return spellings;
    }

    /** How it is compared, where that is not what is done anyway. */
    private static NodeMatch.Builder typed(NodeMatch.Builder match, MatchType type, MatchType byDefault) {
        return type == byDefault ? match : match.setType(type);
    }

    private NodeMatch.Builder match(String attribute) {
        NodeMatch.Builder match = NodeMatch.newBuilder();
        if (names.containsKey(attribute)) {
            return match.setAttribute(Condition.NODE_NAME);
        }
        return isLabel(attribute) ? match.setLabel(attribute) : match.setAttribute(ourName(attribute));
    }
}
