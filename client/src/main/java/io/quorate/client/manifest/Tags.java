package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.TicketConstraintSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * {@code kind: Tag}: a name for several resources, in rules of the same file. In a list it stands for all of them; a
 * rule about one thing becomes one rule for each of them, called RULE.RESOURCE, in the same set. Expanded here: servers
 * see complete objects only.
 */
final class Tags {
    /** A tag while it is read. */
    private record Tag(SourceMark at, List<String> resources) {}

    /** Names in a rule, and the place of each. */
    private record Names(List<String> names, List<SourceMark> places) {}

    private static final Schema<List<String>> SCHEMA = new Schema<List<String>>("a tag")
            .field("kind", "word", "what it is", (tag, value, scope) -> {})
            .field("name", "text", "how rules call it", (tag, value, scope) -> {})
            .field("description", "text", "for people", (tag, value, scope) -> scope.text(value))
            .field(
                    "resources",
                    "list",
                    "resources, groups and clones that it stands for",
                    (tag, value, scope) -> tag.addAll(scope.texts(value)))
            .refuse("set", "a tag belongs to no set");

    private final Map<String, Tag> tags = new TreeMap<>();

    /** Reads a tag, or says what is wrong with it. */
    void read(Mapping mapping, Scope scope) {
        Tag tag = new Tag(mapping.at(), new ArrayList<>());
        SCHEMA.read(mapping, tag.resources, scope);
        Problems problems = scope.problems();
        String name = mapping.entry("name")
                .flatMap(entry -> scope.child("name", entry.value().at()).text(entry.value()))
                .orElse("");
        SourceMark at = scope.draft().placeOf("name");
        if (!mapping.has("name")) {
            problems.add(mapping.at(), "the tag has no name", "write name: and how rules call it");
        } else if (!name.isEmpty() && !ManifestRules.isName(name)) {
            problems.add(at, "'" + name + "' is not a name", "use letters, digits, dots and dashes");
        } else if (tags.putIfAbsent(name, new Tag(at, tag.resources)) != null) {
            problems.add(at, "the file has two tags '" + name + "'", "give one of them another name");
        }
        if (tag.resources.isEmpty() && !scope.draft().failedAt("resources")) {
            problems.add(mapping.at(), "the tag names no resource", "write resources: and what it stands for");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < tag.resources.size(); i++) {
            if (!seen.add(tag.resources.get(i))) {
                problems.add(
                        scope.draft().placeOf("resources[" + i + "]"),
                        "'" + tag.resources.get(i) + "' is named twice",
                        "remove one");
            }
        }
    }

    /** The file's objects with resources in place of tags. */
    List<Draft> expand(List<Draft> drafts, Problems problems) {
        if (tags.isEmpty()) {
            return drafts;
        }
        check(drafts, problems);
        List<Draft> expanded = new ArrayList<>();
        for (Draft draft : drafts) {
            Manifest.Builder manifest = draft.manifest();
            if (manifest.hasLocation() || manifest.hasColocation() || manifest.hasOrder()) {
                sets(draft);
                expanded.addAll(oneForEach(draft));
            } else {
                lists(draft, problems);
                expanded.add(draft);
            }
        }
        return expanded;
    }

    private void check(List<Draft> drafts, Problems problems) {
        for (Draft draft : drafts) {
            Manifest.Builder manifest = draft.manifest();
            Tag tag = tags.get(manifest.getMeta().getName());
            if (tag != null && (manifest.hasResource() || manifest.hasGroup() || manifest.hasClone())) {
                problems.add(
                        tag.at,
                        "'" + manifest.getMeta().getName() + "' is the name of an object too (see " + draft.at() + ")",
                        "give the tag another name");
            }
        }
        tags.forEach((name, tag) -> tag.resources.stream()
                .filter(tags::containsKey)
                .findFirst()
                .ifPresent(inner -> problems.add(
                        tag.at, "tag '" + name + "' names the tag '" + inner + "'", "name the resources themselves")));
    }

    /** A rule about one thing as rules about each resource of the tag that it names. */
    private List<Draft> oneForEach(Draft draft) {
        Manifest.Builder manifest = draft.manifest();
        if (manifest.hasLocation()) {
            LocationSpec.Builder location = manifest.getLocationBuilder();
            return oneForEach(
                    draft,
                    location.getResource(),
                    (copy, name) -> copy.getLocationBuilder().setResource(name));
        }
        if (manifest.hasColocation()) {
            ColocationSpec.Builder colocation = manifest.getColocationBuilder();
            return pairs(
                    oneForEach(
                            draft,
                            colocation.getResource(),
                            (copy, name) -> copy.getColocationBuilder().setResource(name)),
                    colocation.getWithResource(),
                    (copy, name) -> copy.getColocationBuilder().setWithResource(name));
        }
        OrderSpec.Builder order = manifest.getOrderBuilder();
        return pairs(
                oneForEach(
                        draft,
                        order.getFirst(),
                        (copy, name) -> copy.getOrderBuilder().setFirst(name)),
                order.getThen(),
                (copy, name) -> copy.getOrderBuilder().setThen(name));
    }

    private List<Draft> pairs(List<Draft> drafts, String other, BiConsumer<Manifest.Builder, String> setter) {
        return drafts.stream()
                .flatMap(draft -> oneForEach(draft, other, setter).stream())
                .toList();
    }

    private List<Draft> oneForEach(Draft draft, String named, BiConsumer<Manifest.Builder, String> setter) {
        Tag tag = tags.get(named);
        if (tag == null) {
            return List.of(draft);
        }
        List<Draft> each = new ArrayList<>();
        for (String resource : tag.resources) {
            Draft copy = draft.copy();
            String name = copy.manifest().getMeta().getName();
            if (!name.isEmpty()) {
                copy.manifest().getMetaBuilder().setName(name + "." + resource);
            }
            setter.accept(copy.manifest(), resource);
            each.add(copy);
        }
        return each;
    }

    private void sets(Draft draft) {
        Manifest.Builder manifest = draft.manifest();
        List<ConstraintSet.Builder> sets = manifest.hasColocation()
                ? manifest.getColocationBuilder().getSetsBuilderList()
                : manifest.hasOrder() ? manifest.getOrderBuilder().getSetsBuilderList() : List.of();
        for (int i = 0; i < sets.size(); i++) {
            ConstraintSet.Builder set = sets.get(i);
            // Rules call a set's resources by this path also where the file writes the set as a mere list.
            String path = "sets[" + i + "].resources";
            String written = draft.hasPlace(path) ? path : "sets[" + i + "]";
            List<String> names = expanded(draft, set.getResourcesList(), written, path);
            set.clearResources().addAllResources(names);
        }
    }

    private void lists(Draft draft, Problems problems) {
        Manifest.Builder manifest = draft.manifest();
        if (manifest.hasTicketConstraint()) {
            TicketConstraintSpec.Builder constraint = manifest.getTicketConstraintBuilder();
            List<String> names = expanded(draft, constraint.getResourcesList(), "resources", "resources");
            constraint.clearResources().addAllResources(names);
        }
        placement(manifest).ifPresent(placement -> {
            Map<String, Integer> near = neighbours(draft, "placement.near", placement.getNearMap());
            placement.clearNear().putAllNear(near);
            Map<String, Integer> apart = neighbours(draft, "placement.apartFrom", placement.getApartFromMap());
            placement.clearApartFrom().putAllApartFrom(apart);
        });
        String followed = followed(manifest);
        if (tags.containsKey(followed)) {
            problems.add(
                    draft.placeOf("follow.resource"),
                    "'" + followed + "' is a tag, and one resource is followed",
                    "write a Colocation and an Order, which may name it");
        }
    }

    private List<String> expanded(Draft draft, List<String> names, String written, String path) {
        Names result = new Names(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < names.size(); i++) {
            Tag tag = tags.get(names.get(i));
            SourceMark at = draft.placeOf(written + "[" + i + "]");
            for (String name : tag == null ? List.of(names.get(i)) : tag.resources) {
                result.names.add(name);
                result.places.add(at);
            }
        }
        for (int i = 0; i < result.places.size(); i++) {
            draft.replace(path + "[" + i + "]", result.places.get(i));
        }
        return result.names;
    }

    /** What is written of a resource itself wins over what is written of a tag. */
    private Map<String, Integer> neighbours(Draft draft, String field, Map<String, Integer> scores) {
        Map<String, Integer> expanded = new LinkedHashMap<>(scores);
        for (Map.Entry<String, Integer> score : new TreeMap<>(scores).entrySet()) {
            Tag tag = tags.get(score.getKey());
            if (tag == null) {
                continue;
            }
            expanded.remove(score.getKey());
            for (String name : tag.resources) {
                expanded.putIfAbsent(name, score.getValue());
                draft.place(field + "." + name, draft.placeOf(field + "." + score.getKey()));
            }
        }
        return expanded;
    }

    private static Optional<Placement.Builder> placement(Manifest.Builder manifest) {
        if (manifest.hasResource() && manifest.getResource().hasPlacement()) {
            return Optional.of(manifest.getResourceBuilder().getPlacementBuilder());
        }
        if (manifest.hasGroup() && manifest.getGroup().hasPlacement()) {
            return Optional.of(manifest.getGroupBuilder().getPlacementBuilder());
        }
        return manifest.hasClone() && manifest.getClone().hasPlacement()
                ? Optional.of(manifest.getCloneBuilder().getPlacementBuilder())
                : Optional.empty();
    }

    private static String followed(Manifest.Builder manifest) {
        if (manifest.hasResource()) {
            return manifest.getResource().getFollow().getResource();
        }
        return manifest.hasGroup()
                ? manifest.getGroup().getFollow().getResource()
                : manifest.getClone().getFollow().getResource();
    }
}
