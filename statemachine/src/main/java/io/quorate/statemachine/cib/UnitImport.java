package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.Placement;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.SecretRef;
import io.quorate.v1.SystemdKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Primitives and groups become resources and groups. */
final class UnitImport {
    private final Cib cib;
    private final Findings findings;
    /** By name, in the order of the file. */
    private final Map<String, Unit> units = new LinkedHashMap<>();
    /** Primitive: the group that it is a member of, or itself. */
    private final Map<String, Unit> unitOf = new LinkedHashMap<>();

    /** A unit that was taken over, its placement not finished yet. */
    static final class Unit {
        final String name;
        final List<String> members;
        final Placement.Builder placement = Placement.newBuilder();
        private final List<Manifest.Builder> manifests;

        Unit(String name, List<String> members, List<Manifest.Builder> manifests) {
            this.name = name;
            this.members = List.copyOf(members);
            this.manifests = List.copyOf(manifests);
        }

        private List<Manifest> build() {
            Manifest.Builder last = manifests.get(manifests.size() - 1);
            if (last.hasGroup()) {
                last.getGroupBuilder().setPlacement(placement);
            } else {
                last.getResourceBuilder().setPlacement(placement);
            }
            return manifests.stream().map(Manifest.Builder::build).toList();
        }
    }

    UnitImport(Cib cib, Findings findings) {
        this.cib = cib;
        this.findings = findings;
        for (Element element : cib.section("resources").children()) {
            if (element.name().equals("template")) {
                findings.kept(element, "template " + element.id(), "merged into each resource that uses it");
            }
        }
        for (Item item : cib.resources()) {
            switch (item.kind()) {
                case PRIMITIVE -> {
                    if (!item.isFenceDevice()) {
                        primitive(item);
                    }
                }
                case GROUP -> group(item);
                case CLONE, BUNDLE -> later(item);
            }
        }
    }

    List<Manifest> manifests() {
        return units.values().stream().flatMap(unit -> unit.build().stream()).toList();
    }

    List<Unit> units() {
        return List.copyOf(units.values());
    }

    /** The unit with this name, or that has this member. */
    Optional<Unit> unit(String id) {
        return Optional.ofNullable(unitOf.get(id));
    }

    private Element element(Item item) {
        return cib.element(item.id()).orElseThrow();
    }

    private void later(Item item) {
        String kind = item.kind() == Item.Kind.CLONE ? "clone " : "bundle ";
        findings.lost(
                element(item),
                kind + item.id(),
                item.kind() == Item.Kind.CLONE
                        ? "clones come in a later version: it and what is inside was left out"
                        : "bundles are not supported: write its container as a process or a systemd unit");
    }

    private void add(Unit unit) {
        units.put(unit.name, unit);
        unitOf.put(unit.name, unit);
        unit.members.forEach(member -> unitOf.put(member, unit));
    }

    private void primitive(Item item) {
        Optional<ResourceSpec.Builder> spec = spec(item);
        if (spec.isEmpty()) {
            return;
        }
        Manifest.Builder manifest = named(item.id()).setResource(spec.get());
        Unit unit = new Unit(item.id(), List.of(item.id()), List.of(manifest));
        ResourceSpec.Builder resource = manifest.getResourceBuilder();
        FailurePolicy.Builder failure = FailurePolicy.newBuilder();
        item.metaMap().forEach((name, value) -> {
            switch (name) {
                case "priority" -> resource.setPriority(Values.score(value));
                case "target-role" -> resource.setStopped(item.targetRole().equals("stopped"));
                default -> {}
            }
        });
        meta(item, unit, failure);
        resource.setStopped(resource.getStopped() || cib.option("stop-all-resources", false));
        if (!failure.build().equals(FailurePolicy.getDefaultInstance())) {
            resource.setFailure(failure);
        }
        add(unit);
    }

    private void group(Item group) {
        String subject = "group " + group.id();
        List<Manifest.Builder> manifests = new ArrayList<>();
        List<String> members = new ArrayList<>();
        for (Item member : group.primitives().toList()) {
            Optional<ResourceSpec.Builder> spec = spec(member);
            if (spec.isEmpty()) {
                findings.lost(element(group), subject, "its member " + member.id() + " is not supported");
                return;
            }
            members.add(member.id());
            manifests.add(named(member.id()).setResource(spec.get()));
            ownMeta(group, member);
        }
        if (members.isEmpty()) {
            findings.lost(element(group), subject, "it has no members");
            return;
        }
        findings.kept(element(group), subject, "a group: in order, on one node, with one token");
        FailurePolicy.Builder failure = FailurePolicy.newBuilder();
        GroupSpec.Builder spec = GroupSpec.newBuilder()
                .addAllMembers(members)
                .setPriority(Values.score(group.meta("priority")))
                .setStopped(group.targetRole().equals("stopped") || cib.option("stop-all-resources", false));
        manifests.add(named(group.id()).setGroup(spec));
        Unit unit = new Unit(group.id(), members, manifests);
        meta(group, unit, failure);
        if (!failure.build().equals(FailurePolicy.getDefaultInstance())) {
            manifests.get(manifests.size() - 1).getGroupBuilder().setFailure(failure);
        }
        add(unit);
    }

    /** What a member says otherwise than its group. */
    private void ownMeta(Item group, Item member) {
        member.metaMap().forEach((name, value) -> {
            if (!value.equals(group.meta(name)) && !name.equals("container")) {
                findings.lost(
                        element(member),
                        "primitive " + member.id() + " meta " + name,
                        "the group decides it for all its members");
            }
        });
    }

    /** What a unit's meta-attributes become, beside those that are its own fields. */
    private void meta(Item item, Unit unit, FailurePolicy.Builder failure) {
        int stickiness = Math.max(0, Values.score(item.meta("resource-stickiness")));
        unit.placement.setStickiness((int) Math.min(ManifestLimits.MAX_SCORE, (long) stickiness * unit.members.size()));
        item.metaMap().forEach((name, value) -> meta(item, name, value, failure));
    }

    private void meta(Item item, String name, String value, FailurePolicy.Builder failure) {
        Element at = element(item);
        String subject = at.name() + " " + item.id() + " meta " + name;
        switch (name) {
            case "priority" -> findings.kept(at, subject, "priority");
            case "resource-stickiness" -> {
                if (Values.score(value) < 0) {
                    findings.lost(at, subject, "stickiness is not negative: 0 was taken");
                } else {
                    findings.kept(at, subject, "stickiness of the placement, of a group the sum of its members'");
                }
            }
            case "target-role" -> {
                switch (item.targetRole()) {
                    case "stopped" -> findings.kept(at, subject, "stopped: true");
                    case "started", "" -> findings.kept(at, subject, "it runs");
                    default -> findings.lost(at, subject, "roles come with clones in a later version");
                }
            }
            case "migration-threshold" -> {
                int threshold = Values.score(value);
                if (threshold > 0) {
                    failure.setMoveAfter(threshold);
                    findings.kept(at, subject, "moveAfter");
                } else {
                    findings.kept(at, subject, "0 is Pacemaker's default");
                }
            }
            case "failure-timeout" -> {
                OptionalLong millis = Values.millis(value);
                if (millis.isPresent() && millis.getAsLong() > 0) {
                    failure.setForgetAfter(Settings.duration(millis.getAsLong()));
                    findings.kept(at, subject, "forgetAfter");
                } else {
                    findings.lost(at, subject, "failures that are never forgotten: the default is 10 min");
                }
            }
            case "is-managed", "maintenance" -> {
                boolean handsOff = name.equals("maintenance") == Values.bool(value, name.equals("is-managed"));
                if (handsOff) {
                    findings.protectionLost(
                            at,
                            subject,
                            "nothing may touch it now, and Quorate would: run `quorate pause` before you apply the file");
                } else {
                    findings.kept(at, subject, "it is managed");
                }
            }
            case "requires" -> requires(at, subject, value);
            case "multiple-active" ->
                findings.changed(
                        at, subject, "found running twice: no start and no adoption, an alert; stopping is allowed");
            case "allow-migrate" -> {
                if (Values.isTrue(value)) {
                    findings.lost(at, subject, "live migration is not supported by this version");
                } else {
                    findings.kept(at, subject, "it is stopped and started to be moved");
                }
            }
            case "ordered", "collocated" -> {
                if (Values.isFalse(value)) {
                    findings.changed(at, subject, "the members of a group are together and in order here");
                } else {
                    findings.kept(at, subject, "the members of a group are together and in order");
                }
            }
            case "container" -> {} // a constraint by another name: its verdict is found with those
            case "critical" -> findings.lost(at, subject, "every member of a group counts for its node");
            case "remote-node" -> findings.lost(at, subject, "run an agent on that node: it is a node like others");
            default -> findings.lost(at, subject, "this attribute is not known");
        }
    }

    private void requires(Element at, String subject, String value) {
        switch (value) {
            case "fencing" -> findings.kept(at, subject, "safety: exclusive");
            case "unfencing" ->
                findings.protectionLost(
                        at, subject, "a node is not switched on by its device before it may run anything");
            default ->
                findings.changed(
                        at,
                        subject,
                        "safety: exclusive waits for fencing too; say bestEffort where running twice is harmless");
        }
    }

    private static Manifest.Builder named(String name) {
        return Manifest.newBuilder().setMeta(ObjectMeta.newBuilder().setName(name));
    }

    /** What an agent runs; empty when it cannot be said, which is told. */
    private Optional<ResourceSpec.Builder> spec(Item item) {
        Element at = element(item);
        String subject = "primitive " + item.id();
        String agent = item.agent();
        String[] words = agent.split(":", -1);
        ResourceSpec.Builder spec = ResourceSpec.newBuilder();
        switch (item.agentClass()) {
            case "ocf" -> {
                if (item.isRemoteConnection()) {
                    findings.lost(at, subject, "run an agent on that node: it is a node like others");
                    return Optional.empty();
                }
                spec.setOcf(OcfKind.newBuilder()
                        .setProvider(words.length > 2 ? words[1] : "heartbeat")
                        .setType(words[words.length - 1]));
                findings.kept(at, subject, "a resource of type " + agent);
            }
            case "systemd", "service" -> {
                String unit = agent.substring(agent.indexOf(':') + 1);
                boolean full = unit.matches(".*\\.(service|socket|timer|path|mount|swap|target|slice|scope)");
                spec.setSystemd(SystemdKind.newBuilder().setUnit(full ? unit : unit + ".service"));
                if (item.agentClass().equals("systemd")) {
                    findings.kept(
                            at,
                            subject,
                            "a resource of type systemd:" + spec.getSystemd().getUnit());
                } else {
                    findings.changed(at, subject, "the systemd unit of that name");
                }
            }
            default -> {
                findings.lost(at, subject, agent + ": write it as a systemd unit or as a process");
                return Optional.empty();
            }
        }
        parameters(at, subject, item, spec);
        new OperationImport(findings, at, subject).read(item, spec);
        item.utilization().forEach((what, amount) -> {
            spec.putUtilization(what, Values.leadingNumber(amount));
            findings.kept(at, subject + " utilization " + what, "utilization");
        });
        return Optional.of(spec);
    }

    private void parameters(Element at, String subject, Item item, ResourceSpec.Builder spec) {
        cib.parameters(at).forEach((name, value) -> {
            String about = subject + " parameter " + name;
            if (!spec.hasOcf()) {
                findings.lost(at, about, "a systemd unit has no parameters");
            } else if (ManifestRules.isSecretName(name)) {
                String file = FenceImport.secretFile(item.id(), name);
                spec.getOcfBuilder()
                        .putSecretParams(
                                name, SecretRef.newBuilder().setFile(file).build());
                findings.changed(at, about, FenceImport.secret(file));
            } else {
                spec.getOcfBuilder().putParams(name, value);
                findings.kept(at, about, "params");
            }
        });
    }
}
