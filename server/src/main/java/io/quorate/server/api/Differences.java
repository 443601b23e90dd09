package io.quorate.server.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.SettingsRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.FieldChange;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an apply changed, object by object and field by field. */
final class Differences {
    private Differences() {}

    /** Each object that the manifests name, and each other object whose spec went away or was changed with them. */
    static List<ObjectChange> between(ClusterState before, ClusterState after, List<Manifest> manifests) {
        TreeSet<String> keys = new TreeSet<>();
        manifests.forEach(manifest -> keys.add(Keys.of(manifest)));
        before.objects().forEach((key, row) -> {
            ObjectRow now = after.object(key);
            if (now == null || (now.getDeleting() && !row.getDeleting())) {
                keys.add(key);
            }
        });
        List<ObjectChange> changes = new ArrayList<>();
        for (String key : keys) {
            changes.add(change(before, after, key));
        }
        return changes;
    }

    private static ObjectChange change(ClusterState before, ClusterState after, String key) {
        Map<String, String> was = fields(before, key);
        Map<String, String> is = fields(after, key);
        ObjectChange.Builder change = ObjectChange.newBuilder().setObject(key);
        boolean existed = exists(before, key);
        if (!exists(after, key)) {
            return change.setKind(existed ? ObjectChange.Kind.KIND_DELETED : ObjectChange.Kind.KIND_UNCHANGED)
                    .build();
        }
        boolean restarts = restarts(before.object(key), after.object(key));
        TreeSet<String> paths = new TreeSet<>(was.keySet());
        paths.addAll(is.keySet());
        for (String path : paths) {
            String old = was.getOrDefault(path, "");
            String now = is.getOrDefault(path, "");
            if (!old.equals(now)) {
                change.addFields(FieldChange.newBuilder()
                        .setPath(path)
                        .setBefore(old)
                        .setAfter(now)
                        .setCausesRestart(restarts && isDefinition(path)));
            }
        }
        if (!existed) {
            return change.setKind(ObjectChange.Kind.KIND_CREATED).build();
        }
        return change.setKind(
                        change.getFieldsCount() == 0
                                ? ObjectChange.Kind.KIND_UNCHANGED
                                : ObjectChange.Kind.KIND_UPDATED)
                .build();
    }

    private static boolean exists(ClusterState state, String key) {
        ObjectRow row = state.object(key);
        return key.equals(Keys.SETTINGS) || (row != null && !row.getDeleting());
    }

    private static boolean restarts(@Nullable ObjectRow before, @Nullable ObjectRow after) {
        return before != null
                && after != null
                && before.hasResource()
                && after.hasResource()
                && !Arrays.equals(
                        Units.definitionDigest(before.getResource()), Units.definitionDigest(after.getResource()));
    }

    private static boolean isDefinition(String path) {
        return path.startsWith("ocf") || path.startsWith("systemd") || path.startsWith("process");
    }

    private static SortedMap<String, String> fields(ClusterState state, String key) {
        TreeMap<String, String> fields = new TreeMap<>();
        if (key.equals(Keys.SETTINGS)) {
            SettingsRow row = state.settingsRow();
            flatten("", row.getSpec(), fields);
            return fields;
        }
        ObjectRow row = state.object(key);
        if (row == null || row.getDeleting()) {
            return fields;
        }
        switch (row.getSpecCase()) {
            case RESOURCE -> flatten("", row.getResource(), fields);
            case GROUP -> flatten("", row.getGroup(), fields);
            case FENCE_DEVICE -> flatten("", row.getFenceDevice(), fields);
            case FENCE_PLAN -> flatten("", row.getFencePlan(), fields);
            case NODE -> flatten("", row.getNode(), fields);
            case SPEC_NOT_SET -> {}
        }
        fields.put("set", row.getMeta().getSet());
        fields.put("description", row.getMeta().getDescription());
        new TreeMap<>(row.getMeta().getLabelsMap()).forEach((name, value) -> fields.put("labels." + name, value));
        fields.values().removeIf(String::isEmpty);
        return fields;
    }

    /** Leaves of a message by path, as in {@code process.command[0]}. */
    private static void flatten(String path, Message message, Map<String, String> into) {
        message.getAllFields().forEach((field, value) -> {
            String name = path.isEmpty() ? field.getJsonName() : path + "." + field.getJsonName();
            if (field.isMapField()) {
                ((List<?>) value).forEach(entry -> flattenEntry(name, (MessageOrBuilder) entry, into));
            } else if (field.isRepeated()) {
                List<?> items = (List<?>) value;
                for (int i = 0; i < items.size(); i++) {
                    leaf(name + "[" + i + "]", field, items.get(i), into);
                }
            } else {
                leaf(name, field, value, into);
            }
        });
    }

    private static void flattenEntry(String name, MessageOrBuilder entry, Map<String, String> into) {
        FieldDescriptor key = entry.getDescriptorForType().findFieldByNumber(1);
        FieldDescriptor value = entry.getDescriptorForType().findFieldByNumber(2);
        leaf(name + "." + entry.getField(key), value, entry.getField(value), into);
    }

    private static void leaf(String path, FieldDescriptor field, Object value, Map<String, String> into) {
        if (!(value instanceof Message message)) {
            into.put(path, String.valueOf(value));
        } else if (field.getMessageType().getFullName().equals("google.protobuf.Duration")) {
            into.put(path, com.google.protobuf.util.Durations.toString((com.google.protobuf.Duration) message));
        } else {
            flatten(path, message, into);
        }
    }
}
