package io.quorate.client.manifest;

import com.google.protobuf.Duration;
import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.client.manifest.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** Where in an object a reader is: remembers the place of every field, reads typed values, reports what is wrong. */
final class Scope {
    private final Draft draft;
    private final Problems problems;
    private final String path;
    private final String shown;

    /** The scope of an object as a whole. */
    Scope(Draft draft, Problems problems) {
        this(draft, problems, "", "");
    }

    private Scope(Draft draft, Problems problems, String path, String shown) {
        this.draft = draft;
        this.problems = problems;
        this.path = path;
        this.shown = shown;
    }

    Draft draft() {
        return draft;
    }

    Problems problems() {
        return problems;
    }

    Scope child(String field, SourceMark at) {
        String dot = path.isEmpty() ? "" : ".";
        draft.place(path + dot + field, at);
        return new Scope(draft, problems, path + dot + field, shown + dot + field);
    }

    /** The same field under the path by which the rules call it, when that differs from the one in the file. */
    Scope called(String rulePath, SourceMark at) {
        draft.replace(rulePath, at);
        return new Scope(draft, problems, rulePath, shown);
    }

    private Scope item(int index, SourceMark at) {
        String suffix = "[" + index + "]";
        draft.place(path + suffix, at);
        return new Scope(draft, problems, path + suffix, shown + suffix);
    }

    void problem(SourceMark at, String what, String fix) {
        problems.add(at, what, fix);
        draft.fail(path);
    }

    private void wrongType(YamlNode value, String wanted) {
        problem(value.at(), field() + " wants " + wanted + ", not " + value.described(), "");
    }

    String field() {
        return shown.isEmpty() ? "the object" : "'" + shown + "'";
    }

    Optional<Mapping> mapping(YamlNode value) {
        if (value instanceof Mapping mapping) {
            return Optional.of(mapping);
        }
        wrongType(value, "a block of fields");
        return Optional.empty();
    }

    /** The source text of any scalar: {@code 0640} and {@code 1.10} stay what they are. */
    Optional<String> text(YamlNode value) {
        if (value instanceof Scalar scalar && !scalar.isNull()) {
            return Optional.of(scalar.text());
        }
        if (value instanceof Scalar scalar) {
            problem(scalar.at(), field() + " has no value", "write one, or \"\" for an empty text");
        } else {
            wrongType(value, "text");
        }
        return Optional.empty();
    }

    Optional<Boolean> truth(YamlNode value) {
        if (value instanceof Scalar scalar && scalar.plain()) {
            if (scalar.text().equals("true") || scalar.text().equals("false")) {
                return Optional.of(scalar.text().equals("true"));
            }
        }
        wrongType(value, "true or false");
        return Optional.empty();
    }

    Optional<Long> integer(YamlNode value) {
        if (value instanceof Scalar scalar && scalar.plain() && scalar.text().matches("[+-]?[0-9]{1,18}")) {
            return Optional.of(Long.parseLong(scalar.text()));
        }
        if (value instanceof Scalar scalar && scalar.plain() && scalar.text().matches("[+-]?[0-9]+")) {
            problem(value.at(), field() + " is too large", "");
        } else {
            wrongType(value, "a whole number");
        }
        return Optional.empty();
    }

    /** A number for a field of 32 bits; the rules check the range that makes sense. */
    Optional<Integer> smallInteger(YamlNode value) {
        Optional<Long> number = integer(value);
        if (number.isPresent() && number.get() != number.get().intValue()) {
            problem(value.at(), field() + " is too large", "");
            return Optional.empty();
        }
        return number.map(Long::intValue);
    }

    Optional<Duration> duration(YamlNode value) {
        if (value instanceof Scalar scalar && !scalar.isNull()) {
            try {
                return Optional.of(DurationText.parse(scalar.text()));
            } catch (IllegalArgumentException e) {
                problem(value.at(), field() + ": " + e.getMessage(), "");
                return Optional.empty();
            }
        }
        wrongType(value, "a duration such as 10s");
        return Optional.empty();
    }

    /** One of a few words. */
    <T> Optional<T> word(YamlNode value, Map<String, T> words) {
        return word(value, words, Set.of());
    }

    /** One of a few words; some more are known, but not supported yet. */
    <T> Optional<T> word(YamlNode value, Map<String, T> words, Set<String> later) {
        if (value instanceof Scalar scalar && words.containsKey(scalar.text())) {
            return Optional.of(words.get(scalar.text()));
        }
        if (value instanceof Scalar scalar && later.contains(scalar.text())) {
            problem(value.at(), "'" + scalar.text() + "' is not supported by this version of quorate", "");
            return Optional.empty();
        }
        String known = words.keySet().stream().sorted().collect(Collectors.joining(", "));
        String hint = value instanceof Scalar scalar ? NearestName.hint(scalar.text(), words.keySet()) : "";
        problem(value.at(), field() + " wants one of " + known + ", not " + value.described(), hint);
        return Optional.empty();
    }

    List<String> texts(YamlNode value) {
        List<String> read = new ArrayList<>();
        items(value, "a list", (item, scope) -> scope.text(item).ifPresent(read::add));
        return read;
    }

    void items(YamlNode value, String wanted, BiConsumer<YamlNode, Scope> reader) {
        if (!(value instanceof Sequence sequence)) {
            wrongType(value, wanted);
            return;
        }
        for (int i = 0; i < sequence.items().size() && !problems.isFull(); i++) {
            YamlNode item = sequence.items().get(i);
            reader.accept(item, item(i, item.at()));
        }
    }

    /** Reads a map whose keys people choose. */
    void entries(YamlNode value, BiConsumer<Entry, Scope> reader) {
        mapping(value).ifPresent(mapping -> {
            for (Entry entry : mapping.entries()) {
                if (problems.isFull()) {
                    return;
                }
                // Places of keys, not of values: rules about entries are mostly about their names.
                reader.accept(entry, child(entry.key(), entry.keyAt()));
            }
        });
    }

    void textEntries(YamlNode value, BiConsumer<String, String> target) {
        entries(value, (entry, scope) -> scope.text(entry.value()).ifPresent(text -> target.accept(entry.key(), text)));
    }

    void numberEntries(YamlNode value, BiConsumer<String, Long> target) {
        entries(
                value,
                (entry, scope) -> scope.integer(entry.value()).ifPresent(number -> target.accept(entry.key(), number)));
    }
}
