package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.FailurePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a clone says of its copies. Beside what only clones say, that of what it makes copies of counts where it says
 * anything, as in Pacemaker: there each copy asks the inside first.
 */
final class CloneImport {
    private final Findings findings;
    private final Item item;
    private final Item inner;
    private final Element at;
    private final Element innerAt;
    private final CloneSpec.Builder spec = CloneSpec.newBuilder();
    private final FailurePolicy.Builder failure = FailurePolicy.newBuilder();
    private final List<Unpromoted> unpromoted = new ArrayList<>();

    /**
     * Something by which no copy is promoted.
     *
     * @param element where it stands
     * @param subject what the findings call it
     */
    record Unpromoted(Element element, String subject) {}

    CloneImport(Cib cib, Findings findings, Item item, Item inner) {
        this.findings = findings;
        this.item = item;
        this.inner = inner;
        this.at = cib.element(item.id()).orElseThrow();
        this.innerAt = cib.element(inner.id()).orElseThrow();
    }

    /** Why ours cannot make these copies; empty when they can be made. */
    static Optional<String> obstacle(Item clone) {
        if (clone.children().isEmpty()) {
            return Optional.of("there is nothing in it");
        }
        if (clone.children().size() > 1) {
            return Optional.of("it holds more than one thing: put them into a group");
        }
        Item inner = clone.children().get(0);
        if (!clone.isPromotable()) {
            return Optional.empty();
        }
        if (inner.kind() == Item.Kind.GROUP) {
            return Optional.of("copies of a group cannot be promoted: make each of its members a clone");
        }
        return inner.agentClass().equals("ocf")
                ? Optional.empty()
                : Optional.of("only agents of class ocf can promote");
    }

    /** All but its placement; that nothing is promoted is told to who writes rules. */
    CloneSpec.Builder read() {
        spec.setOf(inner.id())
                .setPriority(Values.score(item.meta("priority")))
                .setStopped(inner.targetRole().equals("stopped"))
                .setAllowUnhealthyNodes(inner.meta("allow-unhealthy-nodes", false))
                .setNotCritical(!inner.meta("critical", true))
                .setMultipleActive(MetaImport.multipleActive(inner.meta("multiple-active")));
        if (item.isPromotable()) {
            spec.getPromotableBuilder();
        }
        MetaImport common = new MetaImport(findings, failure);
        item.metaMap().forEach((name, value) -> {
            String subject = MetaImport.subject(at, name);
            if (MetaImport.OF_CLONES.contains(name) || name.equals("ordered")) {
                ofCopies(subject, name, value);
            } else if (name.equals("priority") || value.equals(inner.meta(name))) {
                common.read(at, item, name, value);
            } else {
                findings.changed(at, subject, "what it makes copies of says otherwise, and that counts");
            }
        });
        inner.metaMap().forEach((name, value) -> {
            if (value.equals(item.meta(name))) {
                return;
            }
            if (name.equals("priority")) {
                findings.lost(innerAt, MetaImport.subject(innerAt, name), "the clone decides it");
            } else {
                common.read(innerAt, inner, name, value);
            }
        });
        limitedRole();
        if (!failure.build().equals(FailurePolicy.getDefaultInstance())) {
            spec.setFailure(failure);
        }
        return spec;
    }

    List<Unpromoted> unpromoted() {
        return List.copyOf(unpromoted);
    }

    private void ofCopies(String subject, String name, String value) {
        switch (name) {
            case "clone-max" -> max(subject, Values.instances(value));
            case "clone-node-max" -> perNode(subject, Values.instances(value));
            case "clone-min" -> {
                int min = Math.min(most(), Values.instances(value));
                spec.setMin(min);
                number(subject, Values.instances(value), min, "instances: min");
            }
            case "promoted-max", "promoted-node-max", "master-max", "master-node-max" ->
                promoted(subject, name, Values.instances(value));
            case "interleave" ->
                truth(subject, spec.setInterleave(Values.isTrue(value)).getInterleave(), name);
            case "ordered" ->
                truth(subject, spec.setOrdered(Values.isTrue(value)).getOrdered(), name);
            case "globally-unique" -> {
                spec.setGloballyUnique(Values.isTrue(value));
                truth(subject, spec.getGloballyUnique(), "globallyUnique");
            }
            case "notify" -> truth(subject, spec.setNotify(Values.isTrue(value)).getNotify(), name);
            default -> truth(subject, spec.hasPromotable(), "promotable");
        }
    }

    private void truth(String subject, boolean holds, String field) {
        findings.kept(at, subject, field + ": " + holds);
    }

    private void number(String subject, int said, int written, String field) {
        if (said == written) {
            findings.kept(at, subject, field);
        } else {
            findings.changed(at, subject, field + ": " + written + ", the most that there can be");
        }
    }

    private void max(String subject, int said) {
        if (said == 0) {
            spec.setStopped(true);
            findings.changed(at, subject, "stopped: true, for there is to be no copy");
        } else {
            spec.setMax(Math.min(said, ManifestLimits.MAX_COPIES));
            number(subject, said, spec.getMax(), "instances: max");
        }
    }

    private void perNode(String subject, int said) {
        if (!item.isUnique()) {
            findings.kept(at, subject, "1, as in Pacemaker: copies that are all the same are one on each node");
        } else if (said == 0) {
            spec.setStopped(true);
            findings.changed(at, subject, "stopped: true, for there is to be no copy on any node");
        } else {
            spec.setMaxPerNode(mostPerNode());
            number(subject, said, spec.getMaxPerNode(), "instances: maxPerNode");
        }
    }

    /** How many copies there can be by what it says. */
    private int most() {
        int said = Values.instances(item.meta("clone-max"));
        return said == 0 ? ManifestLimits.MAX_COPIES : Math.min(said, ManifestLimits.MAX_COPIES);
    }

    private int mostPerNode() {
        int said = item.isUnique() ? Values.instances(item.meta("clone-node-max")) : 1;
        return Math.max(1, Math.min(said, ManifestLimits.MAX_COPIES_PER_NODE));
    }

    private void promoted(String subject, String name, int said) {
        String today = name.replace("master", "promoted");
        boolean perNode = name.contains("node");
        if (!item.isPromotable()) {
            findings.kept(at, subject, "nothing: it is not promotable");
        } else if (!name.equals(today) && item.has(today)) {
            findings.kept(at, subject, "nothing, as in Pacemaker: " + today + " counts");
        } else if (said == 0) {
            unpromoted.add(new Unpromoted(at, subject));
        } else if (perNode) {
            spec.getPromotableBuilder().setMaxPerNode(Math.min(said, mostPerNode()));
            number(subject, said, spec.getPromotable().getMaxPerNode(), "promotable: maxPerNode");
        } else {
            spec.getPromotableBuilder().setMax(Math.min(said, most()));
            number(subject, said, spec.getPromotable().getMax(), "promotable: max");
        }
    }

    /** A target role below the promoted one; who says it may be the clone or what is inside. */
    private void limitedRole() {
        String role = inner.targetRole();
        if (item.isPromotable() && (role.equals("unpromoted") || role.equals("slave"))) {
            Element said = role.equals(item.targetRole()) ? at : innerAt;
            unpromoted.add(new Unpromoted(said, MetaImport.subject(said, "target-role")));
        }
    }
}
