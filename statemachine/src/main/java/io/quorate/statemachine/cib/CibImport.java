package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Violation;
import io.quorate.v1.Manifest;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

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
        for (Manifest manifest : manifests) {
            refused(manifest, bad).ifPresent(why -> leaveOut(manifest, why, bad));
        }
        List<Manifest> good = new ArrayList<>(manifests);
        good.removeIf(manifest -> bad.contains(ManifestRules.key(manifest)));
        return good;
    }

    /** What a group or a plan needs and was left out. */
    private static Optional<String> refused(Manifest manifest, Set<String> bad) {
        return Stream.concat(
                        manifest.getGroup().getMembersList().stream().map(member -> "resources/" + member),
                        manifest.getFencePlan().getLevelsList().stream()
                                .flatMap(level -> level.getDevicesList().stream())
                                .map(device -> "fenceDevices/" + device))
                .filter(bad::contains)
                .findFirst();
    }

    /** Half a group is no group: what is left of it would start in any order and anywhere. */
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
        manifest.getGroup().getMembersList().forEach(member -> bad.add("resources/" + member));
    }
}
