package io.quorate.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The list of verbs, and the topics of {@code quorate help}. */
final class HelpText {
    private static final List<String> TOPICS = List.of("exit-codes", "fencing", "history-went-back", "recover");

    private HelpText() {}

    static String overview(Collection<VerbEntry> verbs) {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        Map<String, String> lines = new LinkedHashMap<>();
        for (VerbEntry verb : verbs) {
            if (verb.group().isEmpty()) {
                lines.put(verb.name(), verb.summary());
            } else {
                groups.computeIfAbsent(verb.group(), name -> new ArrayList<>()).add(verb.word());
                lines.putIfAbsent(verb.group(), "");
            }
        }
        groups.forEach((group, words) -> lines.put(group, String.join(" | ", words)));
        return "quorate VERB [OPTIONS]: services on the nodes that a majority decided\n\n" + columns(lines)
                + "\nquorate VERB --help · quorate help " + String.join(" | ", TOPICS) + "\n";
    }

    static String group(String group, Collection<VerbEntry> verbs) {
        Map<String, String> lines = new LinkedHashMap<>();
        verbs.forEach(verb -> lines.put(verb.word(), verb.summary()));
        return "quorate " + group + " VERB [OPTIONS]\n\n" + columns(lines);
    }

    /** The text of a topic; empty when there is none of that name. */
    static Optional<String> topic(String name) {
        if (!TOPICS.contains(name)) {
            return Optional.empty();
        }
        try (InputStream text = HelpText.class.getResourceAsStream("help/" + name + ".txt")) {
            return text == null
                    ? Optional.empty()
                    : Optional.of(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String columns(Map<String, String> lines) {
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        lines.forEach((name, summary) -> text.append("  ")
                .append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(summary)
                .append('\n'));
        return text.toString();
    }
}
