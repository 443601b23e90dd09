package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.statemachine.placement.Problem.Colocation;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What belongs together or apart. */
final class ColocationImport {
    private final Cib cib;
    private final Findings findings;
    private final References references;
    private final Targets targets;
    private final RuleImport rules;
    private final ConstraintWriter writer;

    ColocationImport(
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

    void read(Element element) {
        String subject = "rsc_colocation " + element.id();
        boolean must = Math.abs(Values.score(element.find("score").orElse("INFINITY"))) >= Values.INFINITY;
        RelationImport verdict = new RelationImport(targets);
        if (references.of(element).size() > RelationImport.MAX_RESOURCES) {
            verdict.lost("it names more than " + RelationImport.MAX_RESOURCES + " resources", must);
            verdict.tell(findings, element, subject, 0, "colocation", "");
            return;
        }
        List<Colocation> pairs = new ColocationReader(cib, references).read(element);
        List<Colocation> possible = new ArrayList<>();
        for (Colocation pair : pairs) {
            if (pair.score() != 0 && isPossible(pair, verdict)) {
                possible.add(pair);
            }
        }
        if (possible.size() > RelationImport.MAX_RULES) {
            verdict.lost("it would take more than " + RelationImport.MAX_RULES + " colocations", must);
            possible.clear();
        }
        if (!element.has("rsc") && element.children("resource_set").isEmpty()) {
            verdict.lost("it names no resources in a way that is known", must);
        }
        String name = "";
        int written = 0;
        List<ConstraintSet> sets = verdict.isWhole() ? sets(element, possible) : List.of();
        if (!sets.isEmpty()) {
            name = writer.add(
                    element, subject, element.id(), spec(possible.get(0)).addAllSets(sets));
            written = 1;
        } else {
            for (Colocation pair : possible) {
                name = writer.add(
                        element,
                        subject,
                        element.id(),
                        spec(pair)
                                .setResource(targets.name(pair.dependent()))
                                .setRole(Targets.role(pair.dependentRole()))
                                .setWithResource(targets.name(pair.primary()))
                                .setWithRole(Targets.role(pair.primaryRole())));
                written++;
            }
        }
        verdict.tell(findings, element, subject, written, "colocation", name);
    }

    private boolean isPossible(Colocation pair, RelationImport verdict) {
        boolean must = Math.abs(pair.score()) >= Values.INFINITY;
        if (!verdict.isPossible(pair.dependent(), pair.primary(), must)) {
            return false;
        }
        Optional<String> role = targets.obstacle(pair.dependent(), pair.dependentRole())
                .or(() -> targets.obstacle(pair.primary(), pair.primaryRole()));
        if (role.isPresent()) {
            verdict.lost(role.get(), must);
            return false;
        }
        Optional<String> attribute =
                pair.attribute().equals(Condition.NODE_NAME) ? Optional.empty() : rules.ofName(pair.attribute());
        if (attribute.isPresent()) {
            verdict.lost(attribute.get(), must);
            return false;
        }
        if (targets.unit(pair.dependent()) != targets.unit(pair.primary())) {
            return true;
        }
        String both = pair.dependent() + " and " + pair.primary() + " are one "
                + (targets.unit(pair.primary()).isClone() ? "clone" : "group");
        boolean ofRole = pair.dependentRole().isPresent() || pair.primaryRole().isPresent();
        if (pair.score() > 0 && !ofRole) {
            verdict.changed(both + ", which is always together");
        } else {
            verdict.lost(both + (ofRole ? ", and a copy has one role" : ", which is never apart"), must);
        }
        return false;
    }

    private ColocationSpec.Builder spec(Colocation pair) {
        ColocationSpec.Builder spec = ColocationSpec.newBuilder().setScore(pair.score());
        // What the unit itself says by `critical` need not be said again.
        boolean byDefault = targets.unit(pair.dependent()).isCritical();
        if (pair.influence() != byDefault) {
            spec.setInfluence(pair.influence()).setNoInfluence(!pair.influence());
        }
        if (pair.attribute().equals(Condition.NODE_NAME)) {
            return spec;
        }
        return rules.isLabel(pair.attribute())
                ? spec.setNodeLabel(pair.attribute())
                : spec.setNodeAttribute(pair.attribute());
    }

    /** The sets that say all of these pairs; empty when ours cannot. */
    private List<ConstraintSet> sets(Element element, List<Colocation> pairs) {
        List<ConstraintSet> sets = new ArrayList<>();
        boolean oneSpec = pairs.size() > 1
                && pairs.stream()
                        .allMatch(pair ->
                                spec(pair).build().equals(spec(pairs.get(0)).build()));
        if (!oneSpec) {
            return sets;
        }
        if (element.has("rsc")) {
            sets.add(set(references.expanded(element.get("rsc")), true, element.get("rsc-role")));
            sets.add(set(references.expanded(element.get("with-rsc")), true, element.get("with-rsc-role")));
        } else {
            for (Element child : element.children("resource_set")) {
                Element set = cib.sets().resolved(child);
                sets.add(set(references.inSet(set), !Values.bool(set.get("sequential"), true), set.get("role")));
            }
        }
        // Ours keep all of a set apart, Pacemaker's only those in sequence.
        boolean apart = pairs.get(0).score() < 0;
        boolean asPairs = apart && sets.stream().anyMatch(ConstraintSet::getParallel);
        return areGood(sets) && !asPairs ? sets : List.of();
    }

    private ConstraintSet set(List<String> names, boolean parallel, String role) {
        return ConstraintSet.newBuilder()
                .addAllResources(names.stream().map(targets::name).toList())
                .setParallel(parallel && names.size() > 1)
                .setRole(Targets.role(ColocationReader.role(role)))
                .build();
    }

    /** Ours name each resource once, and not too many. */
    static boolean areGood(List<ConstraintSet> sets) {
        TreeSet<String> names = new TreeSet<>();
        int count = 0;
        for (ConstraintSet set : sets) {
            names.addAll(set.getResourcesList());
            count += set.getResourcesCount();
        }
        return names.size() == count
                && count <= ManifestLimits.MAX_MEMBERS
                && sets.size() <= ManifestLimits.MAX_SETS
                && sets.stream().allMatch(set -> set.getResourcesCount() > 0);
    }
}
