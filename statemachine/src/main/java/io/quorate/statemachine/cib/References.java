package io.quorate.statemachine.cib;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which resources a constraint names: by id, by tag, by template, by pattern, in sets. */
final class References {
    private final Cib cib;
    private final SortedMap<String, List<String>> tags = new TreeMap<>();

    References(Cib cib) {
        this.cib = cib;
        for (Element tag : cib.configuration().all("tags", "tag")) {
            List<String> members = tags.computeIfAbsent(tag.id(), id -> new ArrayList<>());
            tag.children("obj_ref").forEach(member -> members.add(member.id()));
        }
        for (Element primitive : cib.section("resources").walk().toList()) {
            if (primitive.has("template")) {
                tags.computeIfAbsent(primitive.get("template"), template -> new ArrayList<>())
                        .add(primitive.id());
            }
        }
    }

    /** Everything that a constraint names, in order. */
    List<String> of(Element constraint) {
        List<String> named = new ArrayList<>();
        for (String attribute : List.of("rsc", "with-rsc", "first", "then")) {
            constraint.find(attribute).ifPresent(id -> named.addAll(expanded(id)));
        }
        constraint.find("rsc-pattern").ifPresent(pattern -> named.addAll(matching(pattern)));
        for (Element child : constraint.children("resource_set")) {
            named.addAll(inSet(cib.sets().resolved(child)));
        }
        return named;
    }

    /** What a set names, in order. */
    List<String> inSet(Element set) {
        return set.children("resource_ref").stream()
                .flatMap(ref -> expanded(ref.id()).stream())
                .toList();
    }

    /** What a tag or a template stands for, or the id itself. */
    List<String> expanded(String id) {
        return Collections.unmodifiableList(tags.getOrDefault(id, List.of(id)));
    }

    /** Resources whose ids match; a pattern that begins with an exclamation mark says which do not. */
    List<String> matching(String pattern) {
        boolean inverted = pattern.startsWith("!");
        try {
            Pattern compiled = Pattern.compile(inverted ? pattern.substring(1) : pattern);
            return cib.resources().stream()
                    .flatMap(Item::walk)
                    .map(Item::id)
                    .filter(id -> compiled.matcher(id).find() != inverted)
                    .toList();
        } catch (PatternSyntaxException e) {
            return List.of();
        }
    }
}
