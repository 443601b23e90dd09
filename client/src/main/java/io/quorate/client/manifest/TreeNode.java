package io.quorate.client.manifest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A spec in the words of the files: what the writer prints and the diff compares. */
sealed interface TreeNode {
    /** The value in one line, for a diff. */
    String inline();

    /** Text that people chose: quoted where YAML would read something else. */
    record Text(String text) implements TreeNode {
        @Override
        public String inline() {
            return text;
        }
    }

    /** A number, a duration or a word of the schema: never quoted. */
    record Word(String text) implements TreeNode {
        @Override
        public String inline() {
            return text;
        }
    }

    /** A list. */
    record Items(List<TreeNode> items) implements TreeNode {
        static Items ofTexts(List<String> texts) {
            return new Items(texts.stream().<TreeNode>map(Text::new).toList());
        }

        @Override
        public String inline() {
            return items.stream().map(TreeNode::inline).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** Named values in the order in which they are written. */
    record Fields(Map<String, TreeNode> fields) implements TreeNode {
        Fields() {
            this(new LinkedHashMap<>());
        }

        Fields text(String name, String text) {
            if (!text.isEmpty()) {
                fields.put(name, new Text(text));
            }
            return this;
        }

        Fields number(String name, long number) {
            if (number != 0) {
                fields.put(name, new Word(Long.toString(number)));
            }
            return this;
        }

        Fields word(String name, String word) {
            fields.put(name, new Word(word));
            return this;
        }

        Fields texts(String name, List<String> texts) {
            if (!texts.isEmpty()) {
                fields.put(name, Items.ofTexts(texts));
            }
            return this;
        }

        Fields unlessEmpty(String name, Fields block) {
            if (!block.fields.isEmpty()) {
                fields.put(name, block);
            }
            return this;
        }

        @Override
        public String inline() {
            return fields.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue().inline())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }
}
