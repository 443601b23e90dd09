package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.CloneImport.Unpromoted;
import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Placement;
import io.quorate.v1.ResourceSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Primitives, groups and clones become resources, groups and clones. */
final class UnitImport {
    private final Cib cib;
    private final Findings findings;
    private final ResourceImport resources;
    /** By name, in the order of the file. */
    private final Map<String, Unit> units = new LinkedHashMap<>();
    /** By its name and by the names of all that is inside. */
    private final Map<String, Unit> unitOf = new LinkedHashMap<>();

    /** A unit that was taken over, its placement not finished yet. */
    static final class Unit {
        final String name;
        /** Its resources in start order. */
        final List<String> members;
        /** Why none of its copies is promoted. */
        final List<Unpromoted> unpromoted;

        final Placement.Builder placement = Placement.newBuilder();
        private final List<Manifest.Builder> manifests;

        /** @param manifests what is inside, then the unit itself */
        Unit(String name, List<String> members, List<Manifest.Builder> manifests, List<Unpromoted> unpromoted) {
            this.name = name;
            this.members = List.copyOf(members);
            this.manifests = List.copyOf(manifests);
            this.unpromoted = List.copyOf(unpromoted);
        }

        private Manifest.Builder itself() {
            return manifests.get(manifests.size() - 1);
        }

        boolean isCritical() {
            Manifest.Builder unit = itself();
            return !(unit.hasClone()
                    ? unit.getClone().getNotCritical()
                    : unit.hasGroup()
                            ? unit.getGroup().getNotCritical()
                            : unit.getResource().getNotCritical());
        }

        boolean isClone() {
            return itself().hasClone();
        }

        boolean isPromotable() {
            return itself().getClone().hasPromotable();
        }

        private List<Manifest> build() {
            Manifest.Builder itself = itself();
            if (itself.hasClone()) {
                itself.getCloneBuilder().setPlacement(placement);
            } else if (itself.hasGroup()) {
                itself.getGroupBuilder().setPlacement(placement);
            } else {
                itself.getResourceBuilder().setPlacement(placement);
            }
            return manifests.stream().map(Manifest.Builder::build).toList();
        }
    }

    UnitImport(Cib cib, Findings findings) {
        this.cib = cib;
        this.findings = findings;
        this.resources = new ResourceImport(cib, findings);
        for (Element element : cib.section("resources").children()) {
            if (element.name().equals("template")) {
                findings.kept(element, "template " + element.id(), "merged into each resource that uses it");
            }
        }
        for (Item item : cib.resources()) {
            if (isOfFenceDevices(item)) {
                devices(item);
                continue;
            }
            switch (item.kind()) {
                case PRIMITIVE -> primitive(item);
                case GROUP -> group(item);
                case CLONE -> clone(item);
                case BUNDLE ->
                    leaveOut(item, "bundles are not supported: write its container as a process or a systemd unit");
            }
        }
    }

    List<Manifest> manifests() {
        return units.values().stream().flatMap(unit -> unit.build().stream()).toList();
    }

    List<Unit> units() {
        return List.copyOf(units.values());
    }

    /** The unit with this name, or that this is inside of. */
    Optional<Unit> unit(String id) {
        return Optional.ofNullable(unitOf.get(id));
    }

    private Element element(Item item) {
        return cib.element(item.id()).orElseThrow();
    }

    private String subject(Item item) {
        return item.kind().name().toLowerCase(Locale.ROOT) + " " + item.id();
    }

    /** A fence device, or what holds nothing else. */
    static boolean isOfFenceDevices(Item item) {
        return item.primitives().findAny().isPresent() && item.primitives().allMatch(Item::isFenceDevice);
    }

    private void devices(Item item) {
        if (item.kind() != Item.Kind.PRIMITIVE) {
            findings.changed(
                    element(item), subject(item), "its devices by themselves: they are there for whoever fences");
        }
    }

    /** It and all that is inside; fence devices are taken over wherever they are. */
    private void leaveOut(Item item, String why) {
        findings.lost(element(item), subject(item), why);
        item.walk()
                .filter(inside -> inside != item && !inside.isFenceDevice())
                .forEach(inside ->
                        findings.lost(element(inside), subject(inside), "it was left out with " + subject(item)));
    }

    private void add(Unit unit, Item item) {
        units.put(unit.name, unit);
        item.walk().forEach(inside -> unitOf.put(inside.id(), unit));
    }

    private void primitive(Item item) {
        Optional<String> obstacle = ResourceImport.obstacle(item);
        if (obstacle.isPresent()) {
            leaveOut(item, obstacle.get());
            return;
        }
        ResourceSpec.Builder resource = resources
                .read(item)
                .setPriority(Values.score(item.meta("priority")))
                .setLiveMigration(item.isMigratable())
                .setStopped(isStopped(item))
                .setAllowUnhealthyNodes(item.meta("allow-unhealthy-nodes", false))
                .setNotCritical(!item.meta("critical", true))
                .setMultipleActive(MetaImport.multipleActive(item.meta("multiple-active")));
        FailurePolicy.Builder failure = FailurePolicy.newBuilder();
        meta(item, failure);
        if (!failure.build().equals(FailurePolicy.getDefaultInstance())) {
            resource.setFailure(failure);
        }
        Manifest.Builder manifest = named(item.id()).setResource(resource);
        Unit unit = new Unit(item.id(), List.of(item.id()), List.of(manifest), List.of());
        unit.placement.setStickiness(stickiness(item, 0, 1));
        add(unit, item);
    }

    private void group(Item group) {
        Optional<String> obstacle = ofMembers(group);
        if (obstacle.isPresent()) {
            leaveOut(group, obstacle.get());
            return;
        }
        List<Manifest.Builder> manifests = inside(group);
        GroupSpec.Builder spec = GroupSpec.newBuilder()
                .addAllMembers(members(group))
                .setPriority(Values.score(group.meta("priority")))
                .setStopped(isStopped(group))
                .setAllowUnhealthyNodes(group.meta("allow-unhealthy-nodes", false))
                .setNotCritical(!group.meta("critical", true))
                .setMultipleActive(MetaImport.multipleActive(group.meta("multiple-active")));
        FailurePolicy.Builder failure = FailurePolicy.newBuilder();
        meta(group, failure);
        if (!failure.build().equals(FailurePolicy.getDefaultInstance())) {
            spec.setFailure(failure);
        }
        manifests.add(named(group.id()).setGroup(spec));
        Unit unit = new Unit(group.id(), members(group), manifests, List.of());
        unit.placement.setStickiness(stickiness(group, 0, unit.members.size()));
        add(unit, group);
    }

    private void clone(Item clone) {
        Optional<String> obstacle = CloneImport.obstacle(clone).or(() -> ofMembers(clone));
        if (obstacle.isPresent()) {
            leaveOut(clone, obstacle.get());
            return;
        }
        Item inner = clone.children().get(0);
        List<String> members = members(clone);
        List<Manifest.Builder> manifests;
        if (inner.kind() == Item.Kind.GROUP) {
            manifests = inside(inner);
            manifests.add(named(inner.id())
                    .setGroup(GroupSpec.newBuilder().addAllMembers(members).build()));
        } else {
            manifests = new ArrayList<>(List.of(named(inner.id()).setResource(resources.read(inner))));
        }
        findings.kept(element(clone), subject(clone), "copies of " + inner.id() + ", each with a token of its own");
        CloneImport copies = new CloneImport(cib, findings, clone, inner);
        CloneSpec.Builder spec = copies.read();
        manifests.add(named(clone.id()).setClone(spec.setStopped(spec.getStopped() || stopsAll())));
        Unit unit = new Unit(clone.id(), members, manifests, copies.unpromoted());
        // Pacemaker keeps copies where they are even where nothing is said.
        unit.placement.setStickiness(stickiness(inner, 1, members.size()));
        add(unit, clone);
    }

    /** Why a group, or what a clone makes copies of, cannot be taken over as a whole. */
    private static Optional<String> ofMembers(Item item) {
        if (members(item).isEmpty()) {
            return Optional.of("it has no members");
        }
        return item.primitives()
                .filter(member -> ResourceImport.obstacle(member).isPresent())
                .findFirst()
                .map(member -> member.id() + " is not supported: "
                        + ResourceImport.obstacle(member).orElseThrow());
    }

    private static List<String> members(Item item) {
        return item.primitives().map(Item::id).toList();
    }

    /** The members of a group, and its verdict. */
    private List<Manifest.Builder> inside(Item group) {
        List<Manifest.Builder> manifests = new ArrayList<>();
        group.primitives().forEach(member -> {
            manifests.add(named(member.id()).setResource(resources.read(member)));
            ownMeta(group, member);
        });
        findings.kept(element(group), subject(group), "a group: in order, on one node, with one token");
        return manifests;
    }

    /** What a member says otherwise than its group. */
    private void ownMeta(Item group, Item member) {
        member.metaMap().forEach((name, value) -> {
            if (!value.equals(group.meta(name)) && !name.equals("container")) {
                findings.lost(
                        element(member),
                        "primitive " + member.id() + " meta " + name,
                        name.equals("critical")
                                ? "a group is placed as one: every member counts for its node"
                                : "the group decides it for all its members");
            }
        });
    }

    private void meta(Item item, FailurePolicy.Builder failure) {
        MetaImport meta = new MetaImport(findings, failure);
        item.metaMap().forEach((name, value) -> meta.read(element(item), item, name, value));
    }

    private boolean isStopped(Item item) {
        return item.targetRole().equals("stopped") || stopsAll();
    }

    private boolean stopsAll() {
        return cib.option("stop-all-resources", false);
    }

    /** That of so many resources, each of which says it for itself in Pacemaker. */
    private static int stickiness(Item item, int byDefault, int members) {
        int each = item.has("resource-stickiness")
                ? Math.max(0, Values.score(item.meta("resource-stickiness")))
                : byDefault;
        return (int) Math.min(ManifestLimits.MAX_SCORE, (long) each * members);
    }

    private static Manifest.Builder named(String name) {
        return Manifest.newBuilder().setMeta(ObjectMeta.newBuilder().setName(name));
    }
}
