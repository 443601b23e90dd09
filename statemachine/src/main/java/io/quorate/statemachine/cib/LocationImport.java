package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Targets.Obstacle;
import io.quorate.statemachine.cib.UnitImport.Unit;
import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.NodeMatch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Scores of nodes. What is said of a unit by the names of nodes goes to its placement, where people look for it; the rest
 * becomes locations.
 */
final class LocationImport {
    private final Cib cib;
    private final Findings findings;
    private final References references;
    private final Targets targets;
    private final RuleImport rules;
    private final ConstraintWriter writer;

    /** Resource: where something is said of it, for clusters in which nothing may run where nothing is said. */
    private final SortedMap<String, Condition> said = new TreeMap<>();
    /** Resource: where it may be at all, and the first constraint that says so. */
    private final SortedMap<String, Condition> exclusive = new TreeMap<>();

    private final SortedMap<String, Element> exclusiveBy = new TreeMap<>();

    LocationImport(
            Cib cib,
            Findings findings,
            References references,
            Targets targets,
            RuleImport rules,
            ConstraintWriter writer) {
        this.cib = cib;
        this.findings = findings;
        this.references = references;
        this.targets = targets;
        this.rules = rules;
        this.writer = writer;
    }

    /** One resource in one constraint. */
    private final class Place {
        final Element element;
        final String subject;
        final String target;
        final String wish;
        final boolean exclusively;
        final LocationSpec.Builder spec;

        Place(Element element, String subject, String target, String wish) {
            this.element = element;
            this.subject = subject;
            this.target = target;
            this.wish = wish;
            this.exclusively = element.get("resource-discovery").equalsIgnoreCase("exclusive");
            this.spec = LocationSpec.newBuilder().setResource(target);
        }

        void says(Condition condition) {
            said.merge(target, condition, Condition::or);
            if (exclusively) {
                exclusive.merge(target, condition, Condition::or);
                exclusiveBy.putIfAbsent(target, element);
            }
        }
    }

    void read(Element element) {
        String subject = "rsc_location " + element.id();
        Set<String> named = new LinkedHashSet<>(references.of(element));
        if (named.isEmpty()) {
            findings.lost(element, subject, "it names no resource that there is");
        }
        for (String target : named) {
            String about = named.size() == 1 ? subject : subject + " of " + target;
            Optional<Obstacle> obstacle = targets.obstacle(target);
            if (obstacle.isEmpty()) {
                String wish = named.size() == 1 ? element.id() : element.id() + "-" + target;
                read(new Place(element, about, target, wish));
            } else if (obstacle.get().kind() == Targets.Kind.FENCE_DEVICE) {
                findings.changed(element, about, obstacle.get().text());
            } else {
                findings.lost(element, about, obstacle.get().text());
            }
        }
    }

    private void read(Place place) {
        Element element = place.element;
        if (hasOtherRole(element)) {
            findings.lost(element, place.subject, "it is about a role, and nothing is promoted in this version");
        } else if (element.has("node")) {
            String node = element.get("node");
            if (ManifestRules.isName(node)) {
                place.says(Condition.named(node));
                scores(place, element, place.subject, List.of(node), Values.score(element.get("score")));
            } else {
                loss(place.element, place.subject, Values.score(element.get("score")), "'" + node + "' is not a name");
            }
        } else if (element.children("rule").isEmpty()) {
            findings.lost(element, place.subject, "it names neither a node nor a rule");
        } else {
            element.children("rule").forEach(child -> {
                Element rule = cib.sets().resolved(child);
                rule(place, rule, place.subject + " rule " + rule.id());
            });
        }
        if (place.spec.getNodesCount() + place.spec.getRulesCount() > 0) {
            writer.add(element, place.subject, place.wish, place.spec);
        }
    }

    private static boolean hasOtherRole(Element element) {
        String role = element.get("role").toLowerCase(Locale.ROOT);
        return !role.isEmpty() && !role.equals("started");
    }

    private void loss(Element at, String subject, int score, String why) {
        if (score <= -Values.INFINITY) {
            findings.protectionLost(at, subject, why);
        } else {
            findings.lost(at, subject, why);
        }
    }

    private void scores(Place place, Element at, String subject, List<String> nodes, int score) {
        boolean ban = score <= -Values.INFINITY;
        String how;
        if (targets.isUnit(place.target)) {
            Unit unit = targets.unit(place.target);
            nodes.forEach(node -> prefer(unit, node, score));
            how = ban ? "placement: avoid" : "placement: prefer";
        } else {
            nodes.forEach(node -> place.spec.putNodes(node, Values.add(place.spec.getNodesOrDefault(node, 0), score)));
            how = "a location of the member: its scores count for the group";
        }
        if (place.element.id().startsWith("cli-")) {
            findings.changed(
                    at, subject, how + "; a move or ban by hand has left it behind: take it out if it is over");
        } else {
            findings.kept(at, subject, how);
        }
    }

    private static void prefer(Unit unit, String node, int score) {
        if (score <= -Values.INFINITY) {
            if (!unit.placement.getAvoidList().contains(node)) {
                unit.placement.addAvoid(node);
            }
            unit.placement.removePrefer(node);
        } else if (!unit.placement.getAvoidList().contains(node)) {
            unit.placement.putPrefer(node, Values.add(unit.placement.getPreferOrDefault(node, 0), score));
        }
    }

    private void rule(Place place, Element rule, String subject) {
        String byAttribute = rule.get("score-attribute");
        int score = byAttribute.isEmpty() ? Values.score(rule.get("score")) : 0;
        Optional<String> obstacle = rules.obstacle(rule);
        // Without what it says of other nodes it would be less of a ban than it was.
        int worth = place.exclusively ? -Values.INFINITY : score;
        if (hasOtherRole(rule)) {
            findings.lost(rule, subject, "it is about a role, and nothing is promoted in this version");
            return;
        }
        if (obstacle.isPresent()) {
            loss(rule, subject, worth, obstacle.get());
            return;
        }
        Condition condition = rules.condition(rule);
        place.says(condition);
        if (!byAttribute.isEmpty()) {
            byAttribute(place, rule, subject, condition, byAttribute);
            return;
        }
        Optional<List<String>> nodes =
                condition.names().filter(names -> names.stream().allMatch(ManifestRules::isName));
        if (condition.isNever()) {
            findings.changed(rule, subject, "it holds on no node that there can be: nothing was written");
        } else if (nodes.isPresent()) {
            scores(place, rule, subject, nodes.get(), score);
        } else if (isBanByLabel(place, condition, score)) {
            NodeMatch match = condition.single().orElseThrow();
            targets.unit(place.target).placement.putOnlyLabels(match.getLabel(), match.getValue());
            findings.kept(rule, subject, "placement: only: labels");
        } else {
            write(place, rule, subject, score, condition.rules(score));
        }
    }

    /** Nowhere but on nodes with a label's value: that has a short form, once for each label. */
    private boolean isBanByLabel(Place place, Condition condition, int score) {
        return score <= -Values.INFINITY
                && targets.isUnit(place.target)
                && condition
                        .single()
                        .filter(match -> !match.getLabel().isEmpty()
                                && match.getOperator() == MatchOperator.MATCH_OPERATOR_NOT_EQUAL
                                && match.getTypeValue() == 0
                                && !targets.unit(place.target).placement.containsOnlyLabels(match.getLabel()))
                        .isPresent();
    }

    private void write(Place place, Element rule, String subject, int score, Optional<List<LocationRule>> written) {
        if (written.isEmpty() || place.spec.getRulesCount() + written.get().size() > ManifestLimits.MAX_RULES) {
            loss(
                    rule,
                    subject,
                    score,
                    "it would take more than " + ManifestLimits.MAX_RULES
                            + " rules of a location: say it by fewer labels");
        } else {
            place.spec.addAllRules(written.get());
            findings.kept(rule, subject, "a rule of a location");
        }
    }

    /** The score is what each node says: that can be written down for values that stand in the file. */
    private void byAttribute(Place place, Element rule, String subject, Condition condition, String attribute) {
        if (!rules.isLabel(attribute)) {
            findings.lost(
                    rule,
                    subject,
                    "scores that an attribute of nodes holds while they run are not supported: write rules");
            return;
        }
        List<LocationRule> written = new ArrayList<>();
        boolean all = true;
        for (Element node : cib.section("nodes").children("node")) {
            String value =
                    cib.sets().of(node, "instance_attributes", cib.context()).getOrDefault(attribute, "-INFINITY");
            Optional<List<LocationRule>> some =
                    condition.and(Condition.named(node.get("uname"))).rules(Values.score(value));
            all &= some.isPresent();
            some.ifPresent(written::addAll);
        }
        boolean fits = all && place.spec.getRulesCount() + written.size() <= ManifestLimits.MAX_RULES;
        if (fits) {
            place.spec.addAllRules(written);
            findings.changed(rule, subject, "a rule for each node, with the score that its " + attribute + " has now");
        } else {
            findings.lost(rule, subject, "it would take too many rules of a location");
        }
    }

    /** Bans from everywhere else, once everything that is said is known. */
    void finish(List<Unit> units) {
        exclusive.forEach((target, where) -> {
            Element element = exclusiveBy.getOrDefault(target, cib.configuration());
            String subject = "rsc_location " + element.id() + " resource-discovery";
            banned(element, subject, target, where.not());
        });
        if (!cib.option("symmetric-cluster", true)) {
            units.forEach(this::onlyWhereSaid);
        }
    }

    private void banned(Element element, String subject, String target, Condition where) {
        Optional<List<LocationRule>> written = where.rules(-Values.INFINITY);
        if (written.isEmpty()) {
            findings.protectionLost(element, subject, "too many places are named: write where " + target + " may run");
        } else if (!written.get().isEmpty()) {
            LocationSpec.Builder spec =
                    LocationSpec.newBuilder().setResource(target).addAllRules(written.get());
            String name = writer.add(element, subject, target + "-only", spec);
            findings.changed(element, subject, "the location " + name + " keeps " + target + " from all other nodes");
        }
    }

    /** Where nothing may run anywhere unless something is said, a unit may be where that is so of each of its members. */
    private void onlyWhereSaid(Unit unit) {
        Condition everywhere = Condition.ALWAYS;
        for (String member : unit.members) {
            Condition own = said.getOrDefault(member, Condition.NEVER);
            everywhere = everywhere.and(own.or(said.getOrDefault(unit.name, Condition.NEVER)));
        }
        Optional<List<String>> nodes =
                everywhere.names().filter(names -> names.stream().allMatch(ManifestRules::isName));
        Set<String> only = new TreeSet<>(nodes.orElse(List.of()));
        unit.placement.getAvoidList().forEach(only::remove);
        if (!only.isEmpty() && unit.placement.getOnlyLabelsCount() == 0) {
            unit.placement.addAllOnly(only).clearAvoid();
        } else {
            Element option = cib.section("crm_config");
            banned(option, "option symmetric-cluster of " + unit.name, unit.name, everywhere.not());
        }
    }
}
