package io.quorate.client.cli.text;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/** JSON of what has no message of the API: maps, collections, texts, whole numbers and truth values. */
public final class JsonText {
    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    /** One line per entry of the map, what is inside an entry on its line. */
    public static String lines(Map<String, ?> entries) {
        JsonText json = new JsonText();
        json.text.append("{\n");
        Iterator<? extends Map.Entry<String, ?>> iterator = entries.entrySet().iterator();
        while (iterator.hasNext()) {
            json.text.append("  ");
            json.entry(iterator.next());
            json.text.append(iterator.hasNext() ? ",\n" : "\n");
        }
        return json.text.append("}\n").toString();
    }

    private void entry(Map.Entry<?, ?> entry) {
        string(String.valueOf(entry.getKey()));
        text.append(": ");
        value(entry.getValue());
    }

    private void value(Object value) {
        if (value instanceof Map<?, ?> map) {
            text.append('{');
            String separator = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                text.append(separator);
                entry(entry);
                separator = ", ";
            }
            text.append('}');
        } else if (value instanceof Collection<?> list) {
            text.append('[');
            String separator = "";
            for (Object element : list) {
                text.append(separator);
                value(element);
                separator = ", ";
            }
            text.append(']');
        } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
            text.append(value);
        } else {
            string(String.valueOf(value));
        }
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                default -> {
                    if (c < ' ') {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
