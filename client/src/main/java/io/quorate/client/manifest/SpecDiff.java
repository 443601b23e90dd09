package io.quorate.client.manifest;

import io.quorate.client.manifest.TreeNode.Fields;
import io.quorate.client.manifest.TreeNode.Items;
import io.quorate.v1.FieldChange;
import io.quorate.v1.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What differs between two specs, field by field, in the paths that people write: "params.nic". */
public final class SpecDiff {
    private static final Pattern RESTARTS = Pattern.compile(
            "(type|members|of|process\\.(command|user|workingDirectory))|(params|secretParams|process\\.environment)\\..*");

    private SpecDiff() {}

    /**
     * The differences in the order of their paths; empty when the specs say the same.
     *
     * @param before the default instance stands for an object that is not there
     * @param after the default instance stands for an object that is deleted
     */
    public static List<FieldChange> between(Manifest before, Manifest after) {
        Map<String, String> from = leaves(before);
        Map<String, String> to = leaves(after);
        Set<String> paths = new TreeSet<>(from.keySet());
        paths.addAll(to.keySet());
        boolean both = from.size() > 0 && to.size() > 0 && before.getSpecCase() == after.getSpecCase();
        List<FieldChange> changes = new ArrayList<>();
        for (String path : paths) {
            String old = from.getOrDefault(path, "");
            String now = to.getOrDefault(path, "");
            if (!old.equals(now) || from.containsKey(path) != to.containsKey(path)) {
                boolean unit = after.hasResource() || after.hasGroup() || after.hasClone();
                changes.add(FieldChange.newBuilder()
                        .setPath(path)
                        .setBefore(old)
                        .setAfter(now)
                        .setCausesRestart(both && unit && RESTARTS.matcher(path).matches())
                        .build());
            }
        }
        return changes;
    }

    private static Map<String, String> leaves(Manifest manifest) {
        Map<String, String> leaves = new TreeMap<>();
        if (!manifest.getMeta().getSet().isEmpty()) {
            leaves.put("set", manifest.getMeta().getSet());
        }
        SpecTree.body(manifest).fields().forEach((name, value) -> collect(name, value, leaves));
        return leaves;
    }

    private static void collect(String path, TreeNode node, Map<String, String> leaves) {
        // The short form of operations is a matter of writing, not a difference.
        String full = path.equals("monitor") ? "operations.monitor" : path;
        if (node instanceof Fields fields && !fields.fields().isEmpty()) {
            fields.fields().forEach((name, value) -> collect(full + "." + name, value, leaves));
        } else if (node instanceof Items items && path.equals("operations")) {
            for (TreeNode item : items.items()) {
                operation((Fields) item, leaves);
            }
        } else {
            leaves.put(full, node.inline());
        }
    }

    private static void operation(Fields item, Map<String, String> leaves) {
        StringBuilder path = new StringBuilder("operations");
        Fields rest = new Fields();
        item.fields().forEach((name, value) -> {
            if (name.equals("name")) {
                path.append('.').append(value.inline());
            } else if (name.equals("role") || name.equals("depth")) {
                path.append('[').append(name).append('=').append(value.inline()).append(']');
            } else {
                rest.fields().put(name, value);
            }
        });
        collect(path.toString(), rest, leaves);
    }
}
