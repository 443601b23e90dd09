package io.quorate.client.manifest;

import java.util.List;
import java.util.Optional;

/** A value of a YAML file with its place. Scalars keep their source text: nothing is guessed from how they look. */
sealed interface YamlNode {
    SourceMark at();

    /** What it is, in the words of an error message. */
    String described();

    /** Text, a number or a word; {@code plain} when it was written without quotes. */
    record Scalar(SourceMark at, String text, boolean plain) implements YamlNode {
        /** Whether nothing was written, or the word that YAML reads as nothing. */
        boolean isNull() {
            return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }

        @Override
        public String described() {
            if (isNull()) {
                return "nothing";
            }
            String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
            return (plain ? "'" : "the text '") + shown.replace('\n', ' ').replace('\0', ' ') + "'";
        }
    }

    /** A list. */
    record Sequence(SourceMark at, List<YamlNode> items) implements YamlNode {
        @Override
        public String described() {
            return "a list";
        }
    }

    /** Keys with values, in the order of the file, each key once. */
    record Mapping(SourceMark at, List<Entry> entries) implements YamlNode {
        @Override
        public String described() {
            return "a block of fields";
        }

        Optional<Entry> entry(String key) {
            return entries.stream().filter(entry -> entry.key.equals(key)).findFirst();
        }

        boolean has(String key) {
            return entry(key).isPresent();
        }
    }

    /** One key of a mapping. */
    record Entry(SourceMark keyAt, String key, YamlNode value) {}
}
