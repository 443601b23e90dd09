package io.quorate.statemachine.cib;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells what of a CIB's configuration could not be read as it stands, and what it was taken for: nothing is left out in
 * silence. What has no part in placement (permissions, alerts, fencing levels) is no finding.
 */
final class CibCheck {
    /** A file that is wrong throughout is told of once, not a million times. */
    static final int MAX_WARNINGS = 200;

    private static final List<String> SECTIONS = List.of(
            "crm_config",
            "rsc_defaults",
            "op_defaults",
            "nodes",
            "resources",
            "constraints",
            "tags",
            "acls",
            "alerts",
            "fencing-topology");
    private static final List<String> RESOURCES =
            List.of("primitive", "group", "clone", "master", "bundle", "template");
    private static final List<String> CONSTRAINTS =
            List.of("rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket");
    private static final List<String> REFERENCES = List.of("rsc", "with-rsc", "first", "then");

    private final Cib cib;
    private final List<String> warnings = new ArrayList<>();
    private final Set<String> resources = new TreeSet<>();
    private final Set<String> nodes = new TreeSet<>();
    private int leftOut;

    private CibCheck(Cib cib) {
        this.cib = cib;
    }

    /** One line each, beginning with the place in the file. */
    static List<String> warnings(Cib cib) {
        CibCheck check = new CibCheck(cib);
        check.structure();
        check.ids();
        check.references();
        cib.configuration().walk().forEach(element -> ValueCheck.of(element, check::warn));
        if (check.leftOut > 0) {
            check.warnings.add("and " + check.leftOut + " more");
        }
        return List.copyOf(check.warnings);
    }

    private void warn(Element element, String text) {
        if (warnings.size() < MAX_WARNINGS) {
            String id = element.id().isEmpty() ? "" : " " + element.id();
            warnings.add(element.at() + ": " + element.name() + id + ": " + text);
        } else {
            leftOut++;
        }
    }

    private void structure() {
        unknown(cib.configuration(), SECTIONS);
        unknown(cib.section("resources"), RESOURCES);
        unknown(cib.section("constraints"), CONSTRAINTS);
    }

    private void unknown(Element parent, List<String> known) {
        for (Element child : parent.children()) {
            if (!known.contains(child.name())) {
                warn(child, "not known in <" + parent.name() + ">: left out");
            }
        }
    }

    private void ids() {
        Set<String> seen = new TreeSet<>();
        cib.configuration().walk().forEach(element -> {
            boolean named = element.has("id")
                    && !element.name().endsWith("_ref")
                    && !element.name().equals("role");
            if (named && !seen.add(element.id())) {
                warn(element, "its id is used before: references mean the first");
            }
            if (element.has("id-ref") && cib.element(element.get("id-ref")).isEmpty()) {
                warn(element, "there is no \"" + element.get("id-ref") + "\" to refer to: taken as empty");
            }
        });
    }

    private void references() {
        cib.section("resources").walk().filter(element -> element.has("id")).forEach(element -> {
            if (RESOURCES.contains(element.name())) {
                resources.add(element.id());
            }
        });
        cib.configuration().all("tags", "tag").forEach(tag -> resources.add(tag.id()));
        nodes.addAll(new NodeReader(cib).read().keySet());
        for (Element constraint : cib.section("constraints").children()) {
            for (String attribute : REFERENCES) {
                constraint.find(attribute).ifPresent(id -> resource(constraint, id));
            }
            constraint
                    .walk()
                    .filter(element -> element.name().equals("resource_ref"))
                    .forEach(ref -> resource(ref, ref.id()));
            if (constraint.name().equals("rsc_location")) {
                constraint
                        .find("node")
                        .filter(name -> !nodes.contains(name))
                        .ifPresent(name -> warn(constraint, "there is no node \"" + name + "\": it says nothing"));
            }
            if (!hasSubject(constraint)) {
                warn(constraint, "it names no resource: left out");
            }
        }
    }

    private static boolean hasSubject(Element constraint) {
        return constraint.has("rsc")
                || constraint.has("rsc-pattern")
                || (constraint.has("first") && constraint.has("then"))
                || !constraint.children("resource_set").isEmpty()
                || !CONSTRAINTS.contains(constraint.name());
    }

    private void resource(Element element, String id) {
        if (!resources.contains(id)) {
            warn(element, "there is no resource \"" + id + "\": it says nothing of it");
        }
    }
}
