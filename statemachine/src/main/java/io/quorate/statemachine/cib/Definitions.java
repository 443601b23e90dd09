package io.quorate.statemachine.cib;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Whether a resource still runs with the parameters that it was started with. A node writes a digest of them into its history;
 * another of those that a reload cannot change, and one without passwords, for files from which these were removed.
 */
final class Definitions {
    private static final List<String> STARTS = List.of("start", "migrate_from", "promote");

    private final Cib cib;

    Definitions(Cib cib) {
        this.cib = cib;
    }

    /** Whether it has to stop and start to get its parameters of now. */
    boolean isOutdated(Live live, List<Operation> history) {
        return since(history).stream().anyMatch(operation -> requiresRestart(live, operation));
    }

    /** The operations with which it came up: those since it was last stopped. */
    private static List<Operation> since(List<Operation> history) {
        int from = 0;
        for (int i = 0; i < history.size(); i++) {
            if (history.get(i).is("stop")) {
                from = i + 1;
            }
        }
        return history.subList(from, history.size()).stream()
                .filter(operation -> STARTS.contains(operation.name())
                        && (operation.isPending() || operation.isExpected())
                        && operation.line().has("op-digest"))
                .toList();
    }

    private boolean requiresRestart(Live live, Operation operation) {
        SortedMap<String, String> parameters = cib.reader().parameters(live.item, live.node.attributes());
        Element line = operation.line();
        if (digest(parameters, name -> true).equals(line.get("op-digest"))) {
            return false;
        }
        if (line.has("op-secure-digest")) {
            List<String> secrets = words(line.get("op-secure-params"));
            boolean fenceDevice = live.item.isFenceDevice();
            String known =
                    digest(parameters, name -> !secrets.contains(name) && !(fenceDevice && name.startsWith("pcmk_")));
            if (known.equals(line.get("op-secure-digest"))) {
                return false;
            }
        }
        List<String> fixed = words(line.get("op-force-restart"));
        // What has not come up yet cannot be reloaded.
        return operation.isPending()
                || !line.has("op-restart-digest")
                || !digest(parameters, fixed::contains).equals(line.get("op-restart-digest"));
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+", -1));
    }

    /** MD5 of the parameters as one XML element, as nodes write it. */
    private static String digest(SortedMap<String, String> parameters, Predicate<String> counts) {
        StringBuilder text = new StringBuilder(" <parameters");
        new TreeMap<>(parameters).forEach((name, value) -> {
            if (counts.test(name)) {
                text.append(' ')
                        .append(name)
                        .append("=\"")
                        .append(escaped(value))
                        .append('"');
            }
        });
        text.append("/>\n");
        try {
            byte[] sum = MessageDigest.getInstance("MD5").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    private static String escaped(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
