package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Sequence;
import io.quorate.statemachine.model.ManifestRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code kind: Template}: what the resources of the same file that name it get where they say nothing themselves.
 * Blocks are merged as they are written, before anything is read, so that every field works in a template and every
 * error points to the line that is wrong, be it the template's. Servers see complete objects only.
 */
final class Templates {
    /** Fields of the template itself, which no resource gets. */
    private static final Set<String> OWN = Set.of("kind", "name", "description", "set", "template");

    /** Blocks that say one thing: half of one and half of another would be something that nobody wrote. */
    private static final Set<String> WHOLE = Set.of("follow", "only", "health");

    private final Map<String, Mapping> templates = new TreeMap<>();

    /** Remembers a template, or says what is wrong with it. Its other fields are checked by who calls. */
    void add(Mapping template, Scope scope) {
        Problems problems = scope.problems();
        template.entry("set")
                .ifPresent(entry -> problems.add(entry.keyAt(), "a template belongs to no set", "remove it"));
        template.entry("template")
                .ifPresent(entry -> problems.add(
                        entry.keyAt(), "a template has no template of its own", "write here what it would get"));
        Optional<Entry> called = template.entry("name");
        if (called.isEmpty()) {
            problems.add(template.at(), "the template has no name", "write name: and how resources call it");
            return;
        }
        SourceMark at = called.get().value().at();
        scope.text(called.get().value()).ifPresent(name -> {
            if (!ManifestRules.isName(name)) {
                problems.add(at, "'" + name + "' is not a name", "use letters, digits, dots and dashes");
            } else if (templates.putIfAbsent(name, template) != null) {
                problems.add(at, "the file has two templates '" + name + "'", "give one of them another name");
            }
        });
    }

    /**
     * A resource with what its template says.
     *
     * @return the resource itself when it has no template; empty when it names one that is not there, which is reported
     */
    Optional<Mapping> expand(Mapping resource, Scope scope) {
        Optional<Entry> named = resource.entry("template");
        if (named.isEmpty()) {
            return Optional.of(resource);
        }
        Scope field = scope.child("template", named.get().value().at());
        Optional<String> name = field.text(named.get().value());
        Mapping template = name.map(templates::get).orElse(null);
        if (template == null) {
            name.ifPresent(unknown -> field.problem(
                    named.get().value().at(), "there is no template '" + unknown + "' in this file", known(unknown)));
            return Optional.empty();
        }
        List<Entry> given = template.entries().stream()
                .filter(entry -> !OWN.contains(entry.key()))
                .toList();
        return Optional.of(resource(resource, new Mapping(template.at(), given)));
    }

    private String known(String unknown) {
        if (templates.isEmpty()) {
            return "write one: kind: Template";
        }
        String hint = NearestName.hint(unknown, templates.keySet());
        return hint.isEmpty() ? "known are " + String.join(", ", templates.keySet()) : hint;
    }

    private static Mapping resource(Mapping own, Mapping template) {
        Mapping merged = merged(own, template);
        if (!OperationSchemas.writtenIn(own) || !OperationSchemas.writtenIn(template)) {
            return merged;
        }
        List<Entry> entries = new ArrayList<>(merged.entries().stream()
                .filter(entry -> !OperationSchemas.FIELDS.contains(entry.key()))
                .toList());
        List<YamlNode> operations = operations(OperationSchemas.inLong(own), OperationSchemas.inLong(template));
        entries.add(new Entry(own.at(), "operations", new Sequence(own.at(), operations)));
        return new Mapping(own.at(), entries);
    }

    /** Operations are the same when the rules would call them twice the same: by name, role and depth. */
    private static List<YamlNode> operations(List<YamlNode> own, List<YamlNode> given) {
        List<YamlNode> merged = new ArrayList<>();
        for (YamlNode operation : own) {
            Optional<YamlNode> same = given.stream()
                    .filter(other -> OperationSchemas.same(operation, other))
                    .findFirst();
            merged.add(
                    same.isPresent() && operation instanceof Mapping mine && same.get() instanceof Mapping theirs
                            ? merged(mine, theirs)
                            : operation);
        }
        for (YamlNode operation : given) {
            if (own.stream().noneMatch(mine -> OperationSchemas.same(mine, operation))) {
                merged.add(operation);
            }
        }
        return merged;
    }

    private static Mapping merged(Mapping own, Mapping given) {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : own.entries()) {
            entries.add(
                    given.entry(entry.key()).map(other -> merged(entry, other)).orElse(entry));
        }
        given.entries().stream().filter(entry -> !own.has(entry.key())).forEach(entries::add);
        return new Mapping(own.at(), entries);
    }

    private static Entry merged(Entry own, Entry given) {
        boolean blocks = own.value() instanceof Mapping && given.value() instanceof Mapping;
        return blocks && !WHOLE.contains(own.key())
                ? new Entry(own.keyAt(), own.key(), merged((Mapping) own.value(), (Mapping) given.value()))
                : own;
    }
}
