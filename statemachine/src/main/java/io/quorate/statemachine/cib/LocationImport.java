package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Targets.Obstacle;
import io.quorate.statemachine.cib.UnitImport.Unit;
import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.Role;
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
        private final SortedMap<Role, LocationSpec.Builder> specs = new TreeMap<>();

        Place(Element element, String subject, String target, String wish) {
            this.element = element;
            this.subject = subject;
            this.target = targets.name(target);
            this.wish = wish;
            this.exclusively = element.get("resource-discovery").equalsIgnoreCase("exclusive");
        }

        /** What is said of copies of one role: the promoted ones, or without a role all of them. */
        LocationSpec.Builder spec(Role role) {
            return specs.computeIfAbsent(
                    role, key -> LocationSpec.newBuilder().setResource(target).setRole(role));
        }

        void says(Role role, Condition condition) {
            if (role == Role.ROLE_UNSPECIFIED) {
                said.merge(target, condition, Condition::or);
            }
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
        Set<String> read = new TreeSet<>();
        for (String target : named) {
            String about = named.size() == 1 ? subject : subject + " of " + target;
            Optional<Obstacle> obstacle = targets.obstacle(target);
            if (obstacle.isEmpty()) {
                String wish = named.size() == 1 ? element.id() : element.id() + "-" + target;
                if (read.add(targets.name(target))) {
                    read(new Place(element, about, target, wish));
                } else {
                    findings.kept(element, about, "it is inside " + targets.name(target) + ", of which it is said");
                }
            } else if (obstacle.get().kind() == Targets.Kind.FENCE_DEVICE) {
                findings.changed(element, about, obstacle.get().text());
            } else {
                findings.lost(element, about, obstacle.get().text());
            }
        }
    }

    private void read(Place place) {
        Element element = place.element;
        if (element.has("node")) {
            role(place, element, place.subject).ifPresent(role -> node(place, role));
        } else if (element.children("rule").isEmpty()) {
            findings.lost(element, place.subject, "it names neither a node nor a rule");
        } else {
            element.children("rule").forEach(child -> {
                Element rule = cib.sets().resolved(child);
                String subject = place.subject + " rule " + rule.id();
                role(place, rule.has("role") ? rule : element, subject)
                        .ifPresent(role -> rule(place, role, rule, subject));
            });
        }
        place.specs.values().stream()
                .filter(spec -> spec.getNodesCount() + spec.getRulesCount() > 0)
                .forEach(spec -> writer.add(element, place.subject, place.wish, spec));
    }

    private void node(Place place, Role role) {
        String node = place.element.get("node");
        int score = Values.score(place.element.get("score"));
        if (ManifestRules.isName(node)) {
            place.says(role, Condition.named(node));
            scores(place, role, place.element, place.subject, List.of(node), score);
        } else {
            loss(place.element, place.subject, score, "'" + node + "' is not a name");
        }
    }

    /** The role that something is said of, unspecified for every copy; empty when that cannot be said, which is told. */
    private Optional<Role> role(Place place, Element at, String subject) {
        String role = at.get("role").toLowerCase(Locale.ROOT);
        boolean promoted = role.equals("promoted") || role.equals("master");
        if (role.isEmpty() || role.equals("started")) {
            return Optional.of(Role.ROLE_UNSPECIFIED);
        }
        if (promoted && targets.unit(place.target).isPromotable()) {
            return Optional.of(Role.ROLE_PROMOTED);
        }
        findings.lost(
                at,
                subject,
                promoted
                        ? place.target + " is not promotable"
                        : "of roles only the promoted one has places of its own, not '" + at.get("role") + "'");
        return Optional.empty();
    }

    private void loss(Element at, String subject, int score, String why) {
        if (score <= -Values.INFINITY) {
            findings.protectionLost(at, subject, why);
        } else {
            findings.lost(at, subject, why);
        }
    }

    private void scores(Place place, Role role, Element at, String subject, List<String> nodes, int score) {
        boolean ban = score <= -Values.INFINITY;
        String how;
        if (targets.isUnit(place.target) && role == Role.ROLE_UNSPECIFIED) {
            Unit unit = targets.unit(place.target);
            nodes.forEach(node -> prefer(unit, node, score));
            how = ban ? "placement: avoid" : "placement: prefer";
        } else {
            LocationSpec.Builder spec = place.spec(role);
            nodes.forEach(node -> spec.putNodes(node, Values.add(spec.getNodesOrDefault(node, 0), score)));
            how = role == Role.ROLE_PROMOTED
                    ? "a location of where it is promoted"
                    : "a location of the member: its scores count for the group";
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

    private void rule(Place place, Role role, Element rule, String subject) {
        String byAttribute = rule.get("score-attribute");
        int score = byAttribute.isEmpty() ? Values.score(rule.get("score")) : 0;
        Optional<String> obstacle = rules.obstacle(rule);
        // Without what it says of other nodes it would be less of a ban than it was.
        int worth = place.exclusively ? -Values.INFINITY : score;
        if (obstacle.isPresent()) {
            loss(rule, subject, worth, obstacle.get());
            return;
        }
        Condition condition = rules.condition(rule);
        place.says(role, condition);
        if (!byAttribute.isEmpty()) {
            byAttribute(place, role, rule, subject, condition, byAttribute);
            return;
        }
        Optional<List<String>> nodes =
                condition.names().filter(names -> names.stream().allMatch(ManifestRules::isName));
        if (condition.isNever()) {
            findings.changed(rule, subject, "it never holds, or on no node that there can be: nothing was written");
        } else if (nodes.isPresent()) {
            scores(place, role, rule, subject, nodes.get(), score);
        } else if (role == Role.ROLE_UNSPECIFIED && isBanByLabel(place, condition, score)) {
            NodeMatch match = condition.single().orElseThrow();
            targets.unit(place.target).placement.putOnlyLabels(match.getLabel(), match.getValue());
            findings.kept(rule, subject, "placement: only: labels");
        } else {
            write(place.spec(role), rule, subject, score, condition.rules(score));
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

    private void write(
            LocationSpec.Builder spec, Element rule, String subject, int score, Optional<List<LocationRule>> written) {
        if (written.isEmpty() || spec.getRulesCount() + written.get().size() > ManifestLimits.MAX_RULES) {
            loss(
                    rule,
                    subject,
                    score,
                    "it would take more than " + ManifestLimits.MAX_RULES
                            + " rules of a location: say it by fewer labels");
        } else {
            spec.addAllRules(written.get());
            String local = RuleImport.ofLocalTime(rule);
            if (local.isEmpty()) {
                findings.kept(rule, subject, "a rule of a location");
            } else {
                findings.changed(rule, subject, "a rule of a location" + local);
            }
        }
    }

    /** The score is what each node says: that can be written down for values that stand in the file. */
    private void byAttribute(
            Place place, Role role, Element rule, String subject, Condition condition, String attribute) {
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
        LocationSpec.Builder spec = place.spec(role);
        boolean fits = all && spec.getRulesCount() + written.size() <= ManifestLimits.MAX_RULES;
        if (fits) {
            spec.addAllRules(written);
            findings.changed(
                    rule,
                    subject,
                    "a rule for each node, with the score that its " + attribute + " has now"
                            + RuleImport.ofLocalTime(rule));
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
