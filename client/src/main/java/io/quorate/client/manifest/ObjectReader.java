package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** One file's documents to drafts of objects. */
final class ObjectReader {
    /** The newest version of the schema; files without one have version 1. */
    static final int NEWEST_VERSION = 1;

    static final List<String> KINDS = List.of(
            "Resource",
            "Group",
            "Clone",
            "Location",
            "Colocation",
            "Order",
            "TicketConstraint",
            "FenceDevice",
            "FencePlan",
            "Node",
            "Defaults",
            "Template",
            "Tag",
            "Settings");
    private static final Set<String> LATER_KINDS = Set.of("Bundle", "FenceLevel");
    private static final Set<String> HEADER = Set.of("set", "version");
    private static final String DEFAULT_PLAN = "default";

    /** Fields that objects of every kind have. */
    private static final Schema<Manifest.Builder> META = new Schema<Manifest.Builder>("an object")
            .field("kind", "word", "what it is", (manifest, value, scope) -> {})
            .text(
                    "name",
                    "how it is called",
                    (manifest, text) -> manifest.getMetaBuilder().setName(text))
            .text(
                    "set",
                    "the set that it belongs to",
                    (manifest, text) -> manifest.getMetaBuilder().setSet(text))
            .text(
                    "description",
                    "for people",
                    (manifest, text) -> manifest.getMetaBuilder().setDescription(text))
            .field(
                    "labels",
                    "map",
                    "name: value",
                    (manifest, value, scope) -> scope.textEntries(value, manifest.getMetaBuilder()::putLabels));

    private final String file;
    private final Problems problems;
    private final List<Draft> drafts = new ArrayList<>();
    private final Defaults defaults = new Defaults();
    private final Templates templates = new Templates();
    private final Tags tags = new Tags();
    private String set = "";
    private boolean defaultsSeen;

    ObjectReader(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    List<Draft> read(YamlReader.Documents read) {
        List<YamlNode> documents = read.roots();
        if (documents.isEmpty() && read.complete()) {
            problems.add(SourceMark.wholeFile(file), "the file is empty", "write at least one object");
        }
        documents.forEach(this::template);
        boolean objects = false;
        for (int i = 0; i < documents.size() && !problems.isFull(); i++) {
            YamlNode document = documents.get(i);
            if (document instanceof Scalar scalar && scalar.isNull()) {
                problems.add(document.at(), "the document is empty", "remove its --- line");
                objects = true;
            } else if (!(document instanceof Mapping mapping)) {
                problems.add(
                        document.at(),
                        "an object is a block of fields, not " + document.described(),
                        "begin with kind:");
                objects = true;
            } else if (i == 0 && isHeader(mapping)) {
                header(mapping);
            } else {
                object(mapping);
                objects = true;
            }
        }
        if (!objects && !documents.isEmpty() && read.complete()) {
            problems.add(SourceMark.wholeFile(file), "the file has no objects", "write at least one below its header");
        }
        for (Draft draft : drafts) {
            if (!set.isEmpty()
                    && draft.manifest().getMeta().getSet().isEmpty()
                    && !draft.manifest().hasSettings()) {
                draft.manifest().getMetaBuilder().setSet(set);
            }
        }
        return tags.expand(drafts, problems);
    }

    /** Templates are read before what uses them, wherever in the file they are. */
    private void template(YamlNode document) {
        boolean template = document instanceof Mapping mapping
                && mapping.entry("kind")
                        .filter(kind -> kind.value() instanceof Scalar scalar
                                && scalar.text().equals("Template"))
                        .isPresent();
        if (template) {
            Mapping mapping = (Mapping) document;
            Draft draft = new Draft(mapping.at());
            Scope scope = new Scope(draft, problems);
            templates.add(mapping, scope);
            split(ResourceSchema.RESOURCE, draft.manifest().getResourceBuilder(), mapping, scope);
        }
    }

    /** Expands this file's Defaults into its resources and groups. */
    void expandDefaults(Set<String> members) {
        drafts.forEach(draft -> defaults.expandInto(draft.manifest(), members));
    }

    private static boolean isHeader(Mapping mapping) {
        return !mapping.entries().isEmpty()
                && !mapping.has("kind")
                && mapping.entries().stream().anyMatch(entry -> HEADER.contains(entry.key()));
    }

    private void header(Mapping mapping) {
        Draft draft = new Draft(mapping.at());
        new Schema<ObjectReader>("the header of a file")
                .field("version", "number", "of the schema", (reader, value, scope) -> reader.version(value, scope))
                .text("set", "the set that the file's objects belong to", (reader, text) -> reader.set = text)
                .read(mapping, this, new Scope(draft, problems));
        mapping.entry("set").ifPresent(entry -> {
            if (!set.isEmpty() && !ManifestRules.isName(set)) {
                problems.add(
                        entry.value().at(),
                        "'" + set + "' is not a name of a set",
                        "use letters, digits, dots and dashes");
                set = "";
            }
        });
    }

    private void version(YamlNode value, Scope scope) {
        scope.integer(value).ifPresent(version -> {
            if (version != NEWEST_VERSION) {
                scope.problem(
                        value.at(),
                        "version " + version + " of the schema is not known",
                        "the newest known is " + NEWEST_VERSION);
            }
        });
    }

    private void object(Mapping mapping) {
        var kind = mapping.entry("kind");
        if (kind.isEmpty()) {
            problems.add(mapping.at(), "the object has no kind", "write kind: and one of " + String.join(", ", KINDS));
            return;
        }
        String word = kind.get().value() instanceof Scalar scalar ? scalar.text() : "";
        Draft draft = new Draft(mapping.at());
        Scope scope = new Scope(draft, problems);
        switch (word) {
            case "Resource" -> resource(draft, mapping, scope);
            case "Group" -> group(draft, mapping, scope);
            case "Clone" -> {
                CloneSchema.Target target =
                        new CloneSchema.Target(draft.manifest().getCloneBuilder(), this);
                int inner = drafts.size();
                split(CloneSchema.CLONE, target, mapping, scope);
                inherit(draft, inner);
            }
            case "Location" ->
                split(ConstraintSchemas.LOCATION, draft.manifest().getLocationBuilder(), mapping, scope);
            case "Colocation" ->
                split(ConstraintSchemas.COLOCATION, draft.manifest().getColocationBuilder(), mapping, scope);
            case "Order" -> split(ConstraintSchemas.ORDER, draft.manifest().getOrderBuilder(), mapping, scope);
            case "TicketConstraint" ->
                split(ConstraintSchemas.TICKET, draft.manifest().getTicketConstraintBuilder(), mapping, scope);
            case "FenceDevice" ->
                split(KindSchemas.FENCE_DEVICE, draft.manifest().getFenceDeviceBuilder(), mapping, scope);
            case "FencePlan" -> {
                split(KindSchemas.FENCE_PLAN, draft.manifest().getFencePlanBuilder(), mapping, scope);
                if (!mapping.has("name")) {
                    draft.manifest().getMetaBuilder().setName(DEFAULT_PLAN);
                }
            }
            case "Node" -> split(KindSchemas.NODE, draft.manifest().getNodeBuilder(), mapping, scope);
            case "Settings" -> split(KindSchemas.SETTINGS, draft.manifest().getSettingsBuilder(), mapping, scope);
            case "Defaults" -> {
                defaults(mapping, scope);
                return;
            }
            case "Tag" -> {
                tags.read(mapping, scope);
                return;
            }
            case "Template" -> {
                return;
            }
            default -> {
                unknownKind(word, kind.get().value());
                return;
            }
        }
        drafts.add(draft);
    }

    /** Reads a member that is written inside its group; returns its name, empty when it has none. */
    String inlineMember(Mapping definition) {
        Draft draft = new Draft(definition.at());
        Scope scope = new Scope(draft, problems);
        definition.entry("kind").ifPresent(entry -> {
            if (!(entry.value() instanceof Scalar scalar && scalar.text().equals("Resource"))) {
                problems.add(entry.value().at(), "members of a group are resources", "remove the kind");
            }
        });
        resource(draft, definition, scope);
        drafts.add(draft);
        return draft.manifest().getMeta().getName();
    }

    private void resource(Draft draft, Mapping definition, Scope scope) {
        Optional<Mapping> expanded = templates.expand(definition, scope);
        Mapping whole = expanded.orElse(definition);
        split(ResourceSchema.RESOURCE, draft.manifest().getResourceBuilder(), whole, scope);
        if (expanded.isPresent()) {
            ResourceSchema.oneKind(whole, scope);
        } else {
            // What it would have got from its template is not known, so nothing is missing.
            draft.fail("type");
        }
    }

    private void group(Draft draft, Mapping definition, Scope scope) {
        GroupSchema.Target target = new GroupSchema.Target(draft.manifest().getGroupBuilder(), this);
        int inner = drafts.size();
        split(GroupSchema.GROUP, target, definition, scope);
        inherit(draft, inner);
    }

    /** Reads what a clone copies where that is written inside it; returns its name, empty when it has none. */
    String inlineCopied(Mapping definition) {
        Draft draft = new Draft(definition.at());
        Scope scope = new Scope(draft, problems);
        boolean group = definition.has("members");
        String kind = group ? "Group" : "Resource";
        definition.entry("kind").ifPresent(entry -> {
            if (!(entry.value() instanceof Scalar scalar && scalar.text().equals(kind))) {
                problems.add(entry.value().at(), "a clone copies a resource or a group", "remove the kind");
            }
        });
        if (group) {
            group(draft, definition, scope);
        } else {
            resource(draft, definition, scope);
        }
        drafts.add(draft);
        return draft.manifest().getMeta().getName();
    }

    /** What is written inside an object belongs to its set. */
    private void inherit(Draft outer, int firstInner) {
        String outerSet = outer.manifest().getMeta().getSet();
        for (Draft inner : drafts.subList(firstInner, drafts.size())) {
            if (!outerSet.isEmpty()) {
                inner.manifest().getMetaBuilder().setSet(outerSet);
            }
        }
    }

    private void defaults(Mapping mapping, Scope scope) {
        if (defaultsSeen) {
            problems.add(mapping.at(), "the file has two Defaults", "merge them: they count for the whole file");
        }
        defaultsSeen = true;
        List<YamlNode.Entry> rest = mapping.entries().stream()
                .filter(entry -> !entry.key().equals("kind"))
                .toList();
        Defaults.SCHEMA.read(new Mapping(mapping.at(), rest), defaults, scope);
        defaults.check(scope);
    }

    /** Reads the fields of every object and those of its kind from one block; a kind's own field of a name wins. */
    private static <T> void split(Schema<T> kind, T target, Mapping mapping, Scope scope) {
        Set<String> own = new TreeSet<>();
        kind.fields().forEach(field -> own.add(field.name()));
        Set<String> meta = new TreeSet<>();
        META.fields().forEach(field -> meta.add(field.name()));
        meta.removeAll(own);
        META.read(part(mapping, meta, true), scope.draft().manifest(), scope);
        kind.readWith(part(mapping, meta, false), target, scope, meta);
    }

    private static Mapping part(Mapping mapping, Set<String> names, boolean inside) {
        return new Mapping(
                mapping.at(),
                mapping.entries().stream()
                        .filter(entry -> names.contains(entry.key()) == inside)
                        .toList());
    }

    private void unknownKind(String word, YamlNode value) {
        if (LATER_KINDS.contains(word)) {
            problems.add(
                    value.at(),
                    "kind '" + word + "' is not supported by this version of quorate",
                    "supported are " + String.join(", ", KINDS));
            return;
        }
        String hint = NearestName.hint(word, KINDS);
        problems.add(
                value.at(),
                "there is no kind " + (word.isEmpty() ? "like this" : "'" + word + "'"),
                hint.isEmpty() ? "known are " + String.join(", ", KINDS) : hint);
    }
}
