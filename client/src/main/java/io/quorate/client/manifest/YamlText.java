package io.quorate.client.manifest;

import io.quorate.client.manifest.TreeNode.Fields;
import io.quorate.client.manifest.TreeNode.Items;
import io.quorate.client.manifest.TreeNode.Text;
import io.quorate.client.manifest.TreeNode.Word;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prints trees as YAML blocks that every YAML 1.1 and 1.2 reader understands alike. */
final class YamlText {
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z0-9_/][A-Za-z0-9_/.@:+=-]*( [A-Za-z0-9_/.@+=()][A-Za-z0-9_/.@:+=()-]*)*");
    /** What a reader of YAML 1.1 or 1.2 takes for a number, a truth value, a date or nothing. */
    private static final Pattern TYPED = Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n"
            + "|[0-9][0-9_]*(\\.[0-9_]*)?(e[-+]?[0-9]+)?|0[xob][0-9a-f_]+|[0-9]+(:[0-9]+)+(\\.[0-9]*)?"
            + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*");

    private final StringBuilder out = new StringBuilder();

    private YamlText() {}

    static String document(Fields fields) {
        YamlText text = new YamlText();
        text.fields(fields, 0, false);
        return text.out.toString();
    }

    /** Text as a scalar: plain where no reader can take it for anything else. */
    static String scalar(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !TYPED.matcher(text).matches()
                && !text.contains(": ")
                && !text.endsWith(":");
        return plain ? text : quoted(text);
    }

    private void fields(Fields fields, int indent, boolean afterDash) {
        boolean first = afterDash;
        for (Map.Entry<String, TreeNode> entry : fields.fields().entrySet()) {
            out.append(first ? "" : " ".repeat(indent))
                    .append(scalar(entry.getKey()))
                    .append(':');
            first = false;
            value(entry.getValue(), indent);
        }
    }

    private void value(TreeNode node, int indent) {
        if (node instanceof Fields fields && !fields.fields().isEmpty()) {
            out.append('\n');
            fields(fields, indent + 2, false);
        } else if (node instanceof Items items && !isFlat(items)) {
            out.append('\n');
            for (TreeNode item : items.items()) {
                out.append(" ".repeat(indent + 2)).append("- ");
                if (item instanceof Fields fields && !fields.fields().isEmpty()) {
                    fields(fields, indent + 4, true);
                } else {
                    out.append(flow(item)).append('\n');
                }
            }
        } else {
            out.append(' ').append(flow(node)).append('\n');
        }
    }

    private static boolean isFlat(Items items) {
        return items.items().stream().allMatch(item -> item instanceof Text || item instanceof Word);
    }

    private static String flow(TreeNode node) {
        if (node instanceof Text text) {
            return scalar(text.text());
        } else if (node instanceof Word word) {
            return word.text();
        } else if (node instanceof Items items) {
            return items.items().stream().map(YamlText::flow).collect(Collectors.joining(", ", "[", "]"));
        }
        return "{}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (isPrintable(c)) {
                        quoted.appendCodePoint(c);
                    } else {
                        quoted.append(String.format(c > 0xFFFF ? "\\U%08X" : "\\u%04X", c));
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean isPrintable(int c) {
        boolean lineSeparator = c == 0x2028 || c == 0x2029;
        return (c >= 0x20 && c <= 0x7E)
                || (c > 0xA0 && c <= 0xD7FF && !lineSeparator)
                || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF)
                || (c > 0xFFFF && (c & 0xFFFF) < 0xFFFE);
    }
}
