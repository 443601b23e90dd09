package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * The fields of one block as a table: name, type, meaning, reader. Fields are read in the table's order, whatever
 * their order in the file, so that a reader may rely on those before it.
 *
 * @param <T> what the block is read into
 */
final class Schema<T> {
    /** Reads one field into the target; reports to the scope what is wrong. */
    interface Reader<T> {
        void read(T target, YamlNode value, Scope scope);
    }

    /** A row of the table. */
    record Field<T>(String name, String type, String meaning, Reader<T> reader) {}

    private final String what;
    private final Map<String, Field<T>> fields = new LinkedHashMap<>();
    private final Map<String, String> refused = new LinkedHashMap<>();

    Schema(String what) {
        this.what = what;
    }

    Schema<T> field(String name, String type, String meaning, Reader<T> reader) {
        fields.put(name, new Field<>(name, type, meaning, reader));
        return this;
    }

    Schema<T> text(String name, String meaning, BiConsumer<T, String> setter) {
        return field(
                name,
                "text",
                meaning,
                (target, value, scope) -> scope.text(value).ifPresent(text -> setter.accept(target, text)));
    }

    Schema<T> duration(String name, String meaning, BiConsumer<T, com.google.protobuf.Duration> setter) {
        return field(
                name,
                "duration",
                meaning,
                (target, value, scope) -> scope.duration(value).ifPresent(read -> setter.accept(target, read)));
    }

    Schema<T> number(String name, String meaning, BiConsumer<T, Integer> setter) {
        return field(
                name,
                "number",
                meaning,
                (target, value, scope) -> scope.smallInteger(value).ifPresent(read -> setter.accept(target, read)));
    }

    /** Fields of later releases: known, and refused rather than ignored. */
    Schema<T> later(String... names) {
        for (String name : names) {
            refused.put(name, "'" + name + "' is not supported by this version of quorate");
        }
        return this;
    }

    Schema<T> refuse(String name, String why) {
        refused.put(name, why);
        return this;
    }

    List<Field<T>> fields() {
        return List.copyOf(fields.values());
    }

    void read(YamlNode node, T target, Scope scope) {
        readWith(node, target, scope, Set.of());
    }

    /** Reads a block whose other fields were read with another table; suggestions know them too. */
    void readWith(YamlNode node, T target, Scope scope, Set<String> others) {
        Optional<Mapping> read = scope.mapping(node);
        if (read.isEmpty()) {
            return;
        }
        Mapping mapping = read.get();
        for (Entry entry : mapping.entries()) {
            if (!fields.containsKey(entry.key())) {
                unknown(entry, scope, others);
            }
        }
        for (Field<T> field : fields.values()) {
            mapping.entry(field.name).ifPresent(entry -> {
                Scope inner = scope.child(entry.key(), entry.value().at());
                field.reader.read(target, entry.value(), inner);
            });
        }
    }

    private void unknown(Entry entry, Scope scope, Set<String> others) {
        String why = refused.get(entry.key());
        if (why != null) {
            scope.problems().add(entry.keyAt(), why, "remove it");
            return;
        }
        Set<String> names = new TreeSet<>(fields.keySet());
        names.addAll(others);
        String hint = NearestName.hint(entry.key(), names);
        String known = "known are " + String.join(", ", names);
        String shown = entry.key().length() > 64 ? entry.key().substring(0, 64) + "..." : entry.key();
        scope.problems().add(entry.keyAt(), what + " has no field '" + shown + "'", hint.isEmpty() ? known : hint);
    }
}
