package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.UnitImport.Unit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What becomes of constraints: preferences and bans go to the placement of the unit that they are about. What binds units
 * to each other has no counterpart yet; it is told, and where it must hold its loss counts as a loss of protection.
 */
final class ConstraintImport {
    private final Cib cib;
    private final Findings findings;
    private final UnitImport units;
    private final References references;

    ConstraintImport(Cib cib, Findings findings, UnitImport units) {
        this.cib = cib;
        this.findings = findings;
        this.units = units;
        this.references = new References(cib);
    }

    void read() {
        for (Element element : cib.section("constraints").children()) {
            String subject = element.name() + " " + element.id();
            switch (element.name()) {
                case "rsc_location" -> location(element, subject);
                case "rsc_colocation" -> {
                    boolean must = Math.abs(Values.score(element.find("score").orElse("INFINITY"))) >= Values.INFINITY;
                    between(element, subject, must, "colocation");
                }
                case "rsc_order" -> {
                    String kind = element.get("kind").toLowerCase(Locale.ROOT);
                    boolean optional = kind.equals("optional")
                            || kind.equals("serialize")
                            || element.get("score").equals("0");
                    between(element, subject, !optional, "order");
                }
                case "rsc_ticket" -> {
                    if (isAboutSomething(element)) {
                        findings.protectionLost(
                                element, subject, "tickets between sites are not supported by this version");
                    } else {
                        findings.lost(element, subject, "what it is about was left out");
                    }
                }
                default -> findings.lost(element, subject, "this constraint is not known");
            }
        }
        if (!cib.option("symmetric-cluster", true)) {
            units.units().forEach(this::onlyWhereAllowed);
        }
    }

    private boolean isAboutSomething(Element constraint) {
        return references.of(constraint).stream().anyMatch(id -> units.unit(id).isPresent());
    }

    private void between(Element element, String subject, boolean must, String what) {
        Set<Unit> about = new LinkedHashSet<>();
        references.of(element).forEach(id -> units.unit(id).ifPresent(about::add));
        if (about.isEmpty()) {
            findings.lost(element, subject, "what it is about was left out");
        } else if (must) {
            findings.protectionLost(
                    element,
                    subject,
                    what + " of services is not supported by this version: put what belongs together into a group");
        } else {
            findings.lost(element, subject, what + " of services is not supported by this version");
        }
    }

    private void location(Element element, String subject) {
        Set<String> targets = new LinkedHashSet<>(references.of(element));
        if (targets.isEmpty()) {
            findings.lost(element, subject, "it names no resource that there is");
        }
        for (String target : targets) {
            Optional<Unit> unit = units.unit(target);
            String about = targets.size() == 1 ? subject : subject + " of " + target;
            if (unit.isEmpty()) {
                findings.lost(element, about, target + " was left out");
            } else if (!isDecisive(unit.get(), target, element)) {
                findings.lost(
                        element,
                        about,
                        "a group goes where its first member is preferred: " + target + " is a later one");
            } else if (element.has("node")) {
                nodeScore(element, about, unit.get(), element.get("node"), Values.score(element.get("score")));
            } else {
                element.children("rule").forEach(rule -> rule(cib.sets().resolved(rule), about, unit.get()));
            }
        }
    }

    /** A preference counts for the unit itself and for the first of its members, a ban for any. */
    private static boolean isDecisive(Unit unit, String target, Element element) {
        return unit.name.equals(target)
                || unit.members.indexOf(target) == 0
                || Values.score(element.get("score")) <= -Values.INFINITY;
    }

    private void nodeScore(Element element, String subject, Unit unit, String node, int score) {
        if (score <= -Values.INFINITY) {
            if (!unit.placement.getAvoidList().contains(node)) {
                unit.placement.addAvoid(node);
            }
            unit.placement.removePrefer(node);
        } else if (!unit.placement.getAvoidList().contains(node)) {
            unit.placement.putPrefer(node, Values.add(unit.placement.getPreferOrDefault(node, 0), score));
        }
        String kind = score <= -Values.INFINITY ? "placement: avoid" : "placement: prefer";
        if (element.id().startsWith("cli-")) {
            findings.changed(
                    element, subject, kind + "; a move or ban by hand has left it behind: take it out if it is over");
        } else {
            findings.kept(element, subject, kind);
        }
    }

    /** A rule that names nodes, or that bans nodes without an attribute's value, has a short form. */
    private void rule(Element rule, String subject, Unit unit) {
        int score = Values.score(rule.get("score"));
        List<Element> parts = rule.children();
        boolean plain = parts.size() == 1
                && parts.get(0).name().equals("expression")
                && !rule.has("score-attribute")
                && !rule.has("role");
        Element only = plain ? cib.sets().resolved(parts.get(0)) : rule;
        String operation = only.get("operation");
        boolean ban = score <= -Values.INFINITY;
        if (plain && only.get("attribute").equals("#uname") && operation.equals("eq")) {
            nodeScore(rule, subject, unit, only.get("value"), score);
        } else if (plain && only.get("attribute").equals("#uname") && operation.equals("ne") && ban) {
            unit.placement.addOnly(only.get("value"));
            findings.kept(rule, subject, "placement: only");
        } else if (plain
                && operation.equals("ne")
                && ban
                && !only.get("attribute").startsWith("#")) {
            unit.placement.putOnlyLabels(only.get("attribute"), only.get("value"));
            findings.changed(rule, subject, "placement: only: labels; nodes without the label are out");
        } else if (ban) {
            findings.protectionLost(rule, subject, "rules like this one are not supported by this version");
        } else {
            findings.lost(rule, subject, "rules like this one are not supported by this version");
        }
    }

    /** Where nothing may run anywhere unless it is said, the nodes with a preference are the only ones. */
    private void onlyWhereAllowed(Unit unit) {
        List<String> allowed = new ArrayList<>();
        SortedMap<String, Integer> preferences = new TreeMap<>(unit.placement.getPreferMap());
        preferences.forEach((node, score) -> {
            if (score >= 0) {
                allowed.add(node);
            }
        });
        if (!allowed.isEmpty() && unit.placement.getOnlyCount() == 0) {
            unit.placement.addAllOnly(allowed);
        }
        if (unit.placement.getOnlyCount() > 0) {
            unit.placement.clearAvoid();
        }
    }
}
