package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.client.manifest.YamlNode.Sequence;
import io.quorate.statemachine.model.ManifestLimits;
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
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** The fields of locations, colocations, orders and ticket constraints, and of what resources and groups say of others in short. */
final class ConstraintSchemas {
    static final String ALWAYS = "infinity";
    static final String NEVER = "-infinity";

    static final Map<String, MatchOperator> OPERATORS = Map.of(
            "eq", MatchOperator.MATCH_OPERATOR_EQUAL,
            "ne", MatchOperator.MATCH_OPERATOR_NOT_EQUAL,
            "lt", MatchOperator.MATCH_OPERATOR_LESS,
            "le", MatchOperator.MATCH_OPERATOR_LESS_OR_EQUAL,
            "gt", MatchOperator.MATCH_OPERATOR_GREATER,
            "ge", MatchOperator.MATCH_OPERATOR_GREATER_OR_EQUAL,
            "defined", MatchOperator.MATCH_OPERATOR_DEFINED,
            "notDefined", MatchOperator.MATCH_OPERATOR_NOT_DEFINED);
    static final Map<String, MatchType> TYPES = Map.of(
            "text", MatchType.MATCH_TYPE_TEXT,
            "number", MatchType.MATCH_TYPE_NUMBER,
            "version", MatchType.MATCH_TYPE_VERSION);
    static final Map<String, OrderAction> ACTIONS = Map.of(
            "start", OrderAction.ORDER_ACTION_START,
            "stop", OrderAction.ORDER_ACTION_STOP,
            "promote", OrderAction.ORDER_ACTION_PROMOTE,
            "demote", OrderAction.ORDER_ACTION_DEMOTE);
    static final Map<String, OrderKind> MODES = Map.of(
            "mandatory", OrderKind.ORDER_KIND_MANDATORY,
            "optional", OrderKind.ORDER_KIND_OPTIONAL,
            "serialize", OrderKind.ORDER_KIND_SERIALIZE);
    static final Map<String, Role> ROLES =
            Map.of("started", Role.ROLE_STARTED, "promoted", Role.ROLE_PROMOTED, "unpromoted", Role.ROLE_UNPROMOTED);
    static final Map<String, LossPolicy> LOSS_POLICIES = Map.of(
            "stop", LossPolicy.LOSS_POLICY_STOP,
            "demote", LossPolicy.LOSS_POLICY_DEMOTE,
            "fence", LossPolicy.LOSS_POLICY_FENCE,
            "freeze", LossPolicy.LOSS_POLICY_FREEZE);

    static final Schema<Follow.Builder> FOLLOW = new Schema<Follow.Builder>("follow")
            .text("resource", "a resource, a group or a clone", Follow.Builder::setResource)
            .field(
                    "role",
                    "word",
                    "started (default), or promoted: where that is promoted",
                    (follow, value, scope) -> scope.word(value, ROLES).ifPresent(follow::setRole));

    private static final Schema<NodeMatch.Builder> MATCH = new Schema<NodeMatch.Builder>("a condition")
            .text("label", "of a node", NodeMatch.Builder::setLabel)
            .field("attribute", "text", "of a node; #uname is its name", (match, value, scope) -> {
                if (match.hasLabel()) {
                    scope.problem(value.at(), "it names a label and an attribute", "write one of them");
                } else {
                    scope.text(value).ifPresent(match::setAttribute);
                }
            })
            .field(
                    "op",
                    "word",
                    "eq (default), ne, lt, le, gt, ge, defined or notDefined",
                    (match, value, scope) -> scope.word(value, OPERATORS).ifPresent(match::setOperator))
            .text("value", "what it is compared with", NodeMatch.Builder::setValue)
            .field(
                    "type",
                    "word",
                    "text, number or version; default: text for eq and ne, else number",
                    (match, value, scope) -> scope.word(value, TYPES).ifPresent(match::setType))
            .field("during", "block", "dates: of every node while they hold", (match, value, scope) -> {
                if (isFree(match, value, scope)) {
                    DateSchemas.DATES.read(value, match.getDuringBuilder(), scope);
                }
            })
            .field("outside", "block", "dates: of every node while they do not hold", (match, value, scope) -> {
                if (isFree(match, value, scope)) {
                    DateSchemas.DATES.read(value, match.getOutsideBuilder(), scope);
                }
            });

    private static final Schema<LocationRule.Builder> RULE = new Schema<LocationRule.Builder>("a rule")
            .field(
                    "score",
                    "score",
                    "what it adds on the nodes that it matches",
                    (rule, value, scope) -> score(value, scope).ifPresent(rule::setScore))
            .field("match", "block", "a condition", (rule, value, scope) -> match(rule, value, scope))
            .field("all", "list", "conditions that hold all", (rule, value, scope) -> matches(rule, value, scope))
            .field("any", "list", "conditions of which one is enough", (rule, value, scope) -> {
                rule.setAny(true);
                matches(rule, value, scope);
            });

    static final Schema<LocationSpec.Builder> LOCATION = new Schema<LocationSpec.Builder>("a location")
            .text("resource", "a resource, a group or a clone", LocationSpec.Builder::setResource)
            .field(
                    "nodes",
                    "map",
                    "node: score",
                    (location, value, scope) -> scope.entries(
                            value,
                            (entry, inner) -> score(entry.value(), inner)
                                    .ifPresent(score -> location.putNodes(entry.key(), score))))
            .field(
                    "rules",
                    "list",
                    "scores for nodes with labels or attributes, and at dates",
                    (location, value, scope) -> scope.items(value, "a list of rules", (item, inner) -> {
                        RULE.read(item, location.addRulesBuilder(), inner);
                        oneOf(item, inner, List.of("match", "all", "any"), "the rule");
                        required(item, inner, "score");
                    }))
            .field(
                    "role",
                    "word",
                    "promoted: counts for where a promotable clone is promoted only",
                    (location, value, scope) -> scope.word(value, ROLES).ifPresent(location::setRole));

    private static final Schema<ConstraintSet.Builder> SET = new Schema<ConstraintSet.Builder>("a set")
            .field(
                    "resources",
                    "list",
                    "resources, groups and clones",
                    (set, value, scope) -> set.addAllResources(scope.texts(value)))
            .field(
                    "sequential",
                    "true or false",
                    "whether they depend on each other too; default true",
                    (set, value, scope) -> scope.truth(value).ifPresent(is -> set.setParallel(!is)))
            .field(
                    "requireAll",
                    "true or false",
                    "of an order: whether the next set waits for all of them; default true",
                    (set, value, scope) -> scope.truth(value).ifPresent(is -> set.setAny(!is)))
            .field(
                    "action",
                    "word",
                    "of an order: start (default), stop, promote or demote",
                    (set, value, scope) -> scope.word(value, ACTIONS).ifPresent(set::setAction))
            .field(
                    "role",
                    "word",
                    "of a colocation: the role of its promotable clones",
                    (set, value, scope) -> scope.word(value, ROLES).ifPresent(set::setRole));

    static final Schema<ColocationSpec.Builder> COLOCATION = new Schema<ColocationSpec.Builder>("a colocation")
            .text("resource", "which is placed by where the other one is", ColocationSpec.Builder::setResource)
            .text("with", "the other one, which is placed first", ColocationSpec.Builder::setWithResource)
            .field(
                    "score",
                    "score",
                    "infinity (default): always there; -infinity: never there",
                    (colocation, value, scope) -> score(value, scope).ifPresent(colocation::setScore))
            .text("nodeLabel", "nodes with the same value count as one place", ColocationSpec.Builder::setNodeLabel)
            .field("nodeAttribute", "text", "the same of an attribute", (colocation, value, scope) -> {
                if (colocation.hasNodeLabel()) {
                    scope.problem(value.at(), "it has a nodeLabel and a nodeAttribute", "write one of them");
                } else {
                    scope.text(value).ifPresent(colocation::setNodeAttribute);
                }
            })
            .field(
                    "influence",
                    "true or false",
                    "whether what is good for it counts when the other one is placed; default: if it is critical",
                    (colocation, value, scope) -> scope.truth(value)
                            .ifPresent(is -> colocation.setInfluence(is).setNoInfluence(!is)))
            .field(
                    "sets",
                    "list",
                    "in place of resource and with",
                    (colocation, value, scope) -> sets(value, scope, colocation::addSets))
            .field(
                    "role",
                    "word",
                    "of resource, when that is a promotable clone",
                    (colocation, value, scope) -> scope.word(value, ROLES).ifPresent(colocation::setRole))
            .field(
                    "withRole",
                    "word",
                    "of with, when that is a promotable clone",
                    (colocation, value, scope) -> scope.word(value, ROLES).ifPresent(colocation::setWithRole));

    static final Schema<OrderSpec.Builder> ORDER = new Schema<OrderSpec.Builder>("an order")
            .text("first", "a resource, a group or a clone", OrderSpec.Builder::setFirst)
            .text("then", "what comes after it", OrderSpec.Builder::setThen)
            .field(
                    "firstAction",
                    "word",
                    "start (default), stop, promote or demote",
                    (order, value, scope) -> scope.word(value, ACTIONS).ifPresent(order::setFirstAction))
            .field(
                    "thenAction",
                    "word",
                    "default: as firstAction",
                    (order, value, scope) -> scope.word(value, ACTIONS).ifPresent(order::setThenAction))
            .field(
                    "mode",
                    "word",
                    "mandatory (default), optional or serialize",
                    (order, value, scope) -> scope.word(value, MODES).ifPresent(order::setKind))
            .field(
                    "symmetrical",
                    "true or false",
                    "whether they stop in reverse; default true",
                    (order, value, scope) -> scope.truth(value).ifPresent(is -> symmetrical(order, is, value, scope)))
            .field(
                    "sets",
                    "list",
                    "in place of first and then",
                    (order, value, scope) -> sets(value, scope, order::addSets));

    static final Schema<TicketConstraintSpec.Builder> TICKET = new Schema<TicketConstraintSpec.Builder>(
                    "a ticket constraint")
            .text("ticket", "the ticket that the sites share", TicketConstraintSpec.Builder::setTicket)
            .field(
                    "resources",
                    "list",
                    "resources, groups and clones that need it",
                    (constraint, value, scope) -> constraint.addAllResources(scope.texts(value)))
            .field(
                    "role",
                    "word",
                    "started (default), or promoted: only what is promoted needs it",
                    (constraint, value, scope) -> scope.word(value, ROLES).ifPresent(constraint::setRole))
            .field(
                    "lossPolicy",
                    "word",
                    "stop (default), demote (default of role: promoted), fence or freeze",
                    (constraint, value, scope) ->
                            scope.word(value, LOSS_POLICIES).ifPresent(constraint::setLossPolicy));

    private ConstraintSchemas() {}

    /** A number, or one of the words for the two ends of the range. */
    static Optional<Integer> score(YamlNode value, Scope scope) {
        if (value instanceof Scalar scalar && scalar.text().equals(ALWAYS)) {
            return Optional.of(ManifestLimits.MAX_SCORE);
        }
        if (value instanceof Scalar scalar && scalar.text().equals(NEVER)) {
            return Optional.of(-ManifestLimits.MAX_SCORE);
        }
        if (value instanceof Scalar scalar && scalar.plain() && !scalar.text().matches("[+-]?[0-9]+")) {
            String hint = NearestName.hint(scalar.text(), Set.of(ALWAYS, NEVER));
            scope.problem(
                    value.at(),
                    scope.field() + " wants a whole number, " + ALWAYS + " or " + NEVER + ", not " + value.described(),
                    hint);
            return Optional.empty();
        }
        return scope.smallInteger(value);
    }

    /** Names, each one a must; or names with scores. */
    static void neighbours(YamlNode value, Scope scope, BiConsumer<String, Integer> target) {
        if (value instanceof Sequence) {
            scope.items(
                    value,
                    "a list",
                    (item, inner) -> inner.text(item).ifPresent(name -> {
                        scope.child(name, item.at());
                        target.accept(name, ManifestLimits.MAX_SCORE);
                    }));
        } else {
            scope.entries(
                    value,
                    (entry, inner) ->
                            score(entry.value(), inner).ifPresent(score -> target.accept(entry.key(), score)));
        }
    }

    private static boolean isFree(NodeMatch.Builder match, YamlNode dates, Scope scope) {
        if (match.getKeyCase() != NodeMatch.KeyCase.KEY_NOT_SET) {
            scope.problem(
                    dates.at(), "a condition is about one label, one attribute, or dates", "write two conditions");
            return false;
        }
        return true;
    }

    private static void match(LocationRule.Builder rule, YamlNode value, Scope scope) {
        MATCH.read(value, rule.addMatchesBuilder(), scope);
    }

    private static void matches(LocationRule.Builder rule, YamlNode value, Scope scope) {
        scope.items(value, "a list of conditions", (item, inner) -> match(rule, item, inner));
    }

    private static void sets(YamlNode value, Scope scope, java.util.function.Consumer<ConstraintSet> target) {
        scope.items(value, "a list of sets", (item, inner) -> {
            ConstraintSet.Builder set = ConstraintSet.newBuilder();
            if (item instanceof Sequence) {
                set.addAllResources(inner.texts(item));
            } else {
                SET.read(item, set, inner);
            }
            target.accept(set.build());
        });
    }

    private static void symmetrical(OrderSpec.Builder order, boolean is, YamlNode value, Scope scope) {
        if (is && order.getKind() == OrderKind.ORDER_KIND_SERIALIZE) {
            scope.problem(value.at(), "what is never done at once has no order, and none in reverse", "remove it");
        }
        order.setAsymmetrical(!is && order.getKind() != OrderKind.ORDER_KIND_SERIALIZE);
    }

    private static void oneOf(YamlNode item, Scope scope, List<String> names, String what) {
        if (item instanceof Mapping mapping) {
            List<Entry> written = mapping.entries().stream()
                    .filter(entry -> names.contains(entry.key()))
                    .toList();
            if (written.size() > 1) {
                scope.problem(
                        written.get(1).keyAt(),
                        what + " has " + written.get(0).key() + " and "
                                + written.get(1).key(),
                        "write one of them");
            }
        }
    }

    private static void required(YamlNode item, Scope scope, String name) {
        if (item instanceof Mapping mapping && !mapping.has(name)) {
            scope.problem(item.at(), "the rule has no " + name, "write " + name + ": and a number, or " + NEVER);
        }
    }
}
