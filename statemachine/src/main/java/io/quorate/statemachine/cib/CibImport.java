package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Violation;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.Manifest;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes a configuration over from Pacemaker: objects of our own for what can be said with them, and a finding for
 * everything that the CIB says, so that nothing is dropped in silence. The status section is not looked at.
 */
public final class CibImport {
    private final Cib cib;
    private final Findings findings = new Findings();

    private CibImport(Cib cib) {
        this.cib = cib;
    }

    /**
     * Reads a CIB.
     *
     * @param now the time that rules with dates are judged by
     * @throws CibException when it is no CIB
     */
    public static Imported read(InputStream in, Instant now) throws CibException {
        return new CibImport(Cib.read(in, now)).imported();
    }

    private Imported imported() {
        List<Manifest> manifests = new ArrayList<>();
        new OptionImport(cib, findings).read().ifPresent(manifests::add);
        manifests.addAll(new NodeImport(cib, findings).read());
        manifests.addAll(new FenceImport(cib, findings).read());
        UnitImport units = new UnitImport(cib, findings);
        ConstraintImport constraints = new ConstraintImport(cib, findings, units);
        constraints.read();
        manifests.addAll(units.manifests());
        others();
        scores(cib.configuration());
        List<Manifest> good = withoutViolations(manifests);
        good.addAll(constraints.acceptedBeside(good));
        return new Imported(good, findings.inOrder());
    }

    private void others() {
        for (Element section : cib.configuration().children()) {
            switch (section.name()) {
                case "crm_config", "nodes", "resources", "constraints", "fencing-topology" -> {}
                case "rsc_defaults", "op_defaults" -> defaults(section);
                case "tags" ->
                    section.children("tag")
                            .forEach(tag -> findings.changed(
                                    tag,
                                    "tag " + tag.id(),
                                    "constraints that name it were read as naming each of its resources"));
                case "acls" ->
                    section.children()
                            .forEach(acl -> findings.lost(
                                    acl,
                                    acl.name() + " " + acl.id(),
                                    "access by role is not supported by this version: who has a client certificate may do"
                                            + " everything"));
                case "alerts" ->
                    section.children()
                            .forEach(alert -> findings.lost(
                                    alert,
                                    "alert " + alert.id(),
                                    "there are no alert scripts: follow `quorate events --watch`"));
                default -> findings.lost(section, section.name(), "this section is not known");
            }
        }
    }

    private void scores(Element element) {
        ValueCheck.ofScores(element, (at, text) -> findings.changed(at, at.name() + " " + at.id() + " score", text));
        element.children().forEach(this::scores);
    }

    private void defaults(Element section) {
        for (Element block : section.children()) {
            for (Element pair : cib.sets().resolved(block).children("nvpair")) {
                findings.kept(
                        pair,
                        section.name() + " " + pair.get("name"),
                        "applied to each resource that does not say otherwise");
            }
            block.children("rule")
                    .forEach(rule -> findings.changed(
                            rule, section.name() + " rule " + rule.id(), "it was applied as it holds now"));
        }
    }

    /** Leaves out what the cluster would refuse, and what refers to that. */
    private List<Manifest> withoutViolations(List<Manifest> manifests) {
        Set<String> bad = new TreeSet<>();
        for (Manifest manifest : manifests) {
            for (Violation violation : ManifestRules.check(manifest)) {
                String name = manifest.getMeta().getName();
                bad.add(ManifestRules.key(manifest));
                Element element = cib.element(name).orElse(cib.configuration());
                String where = violation.field().isEmpty() ? "" : violation.field() + ": ";
                String what = ManifestRules.key(manifest) + " would be refused: " + where + violation.message();
                if (manifest.hasFenceDevice() || manifest.hasFencePlan()) {
                    findings.protectionLost(element, name, what);
                } else {
                    findings.lost(element, name, what);
                }
            }
        }
        Set<String> keys = new TreeSet<>();
        manifests.forEach(manifest -> keys.add(ManifestRules.key(manifest)));
        for (Manifest manifest : manifests) {
            Optional<String> why =
                    parts(manifest, keys).stream().filter(bad::contains).findFirst();
            if (why.isPresent()) {
                leaveOut(manifest, why.get(), bad);
            }
        }
        // Half a unit is none: what is left of it would run in any order, anywhere, once or more than once.
        for (int i = manifests.size() - 1; i >= 0; i--) {
            if (bad.contains(ManifestRules.key(manifests.get(i)))
                    && !manifests.get(i).hasFencePlan()) {
                bad.addAll(parts(manifests.get(i), keys));
            }
        }
        List<Manifest> good = new ArrayList<>(manifests);
        good.removeIf(manifest -> bad.contains(ManifestRules.key(manifest)));
        return good;
    }

    /** What a group, a clone or a plan needs; what is inside a unit stands before it in the list. */
    private static List<String> parts(Manifest manifest, Set<String> keys) {
        List<String> parts = new ArrayList<>();
        manifest.getGroup().getMembersList().forEach(member -> parts.add(Keys.resource(member)));
        if (manifest.hasClone()) {
            String group = Keys.group(manifest.getClone().getOf());
            parts.add(
                    keys.contains(group)
                            ? group
                            : Keys.resource(manifest.getClone().getOf()));
        }
        for (FenceLevel level : manifest.getFencePlan().getLevelsList()) {
            level.getDevicesList().forEach(device -> parts.add(Keys.FENCE_DEVICES + device));
        }
        return parts;
    }

    private void leaveOut(Manifest manifest, String why, Set<String> bad) {
        String name = manifest.getMeta().getName();
        Element element = cib.element(name).orElse(cib.configuration());
        String text = ManifestRules.key(manifest) + " was left out, for " + why + " was";
        if (manifest.hasFencePlan()) {
            findings.protectionLost(element, name, text);
        } else {
            findings.lost(element, name, text);
        }
        bad.add(ManifestRules.key(manifest));
    }
}
