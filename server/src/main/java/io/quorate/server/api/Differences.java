package io.quorate.server.api;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import io.quorate.client.manifest.EnumWords;
import io.quorate.log.v1.ObjectRow;
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
import java.util.Objects;
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
            @Nullable String old = was.get(path);
            @Nullable String now = is.get(path);
            if (!Objects.equals(old, now)) {
                change.addFields(FieldChange.newBuilder()
                        .setPath(path)
                        .setBefore(shown(old))
                        .setAfter(shown(now))
                        .setCausesRestart(restarts && isDefinition(path)));
            }
        }
        if (!existed) {
            return change.setKind(ObjectChange.Kind.KIND_CREATED).build();
        }
        return change.setKind(
                        change.getFieldsCount() == 0 && spec(before, key).equals(spec(after, key))
                                ? ObjectChange.Kind.KIND_UNCHANGED
                                : ObjectChange.Kind.KIND_UPDATED)
                .build();
    }

    /** Nothing for what is not set, so that an empty text, which is a value, looks different. */
    private static String shown(@Nullable String value) {
        if (value == null) {
            return "";
        }
        return value.isEmpty() ? "\"\"" : value;
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
        flatten("", spec(state, key), fields);
        ObjectRow row = state.object(key);
        if (!key.equals(Keys.SETTINGS) && row != null && !row.getDeleting()) {
            putText("set", row.getMeta().getSet(), fields);
            putText("description", row.getMeta().getDescription(), fields);
            row.getMeta().getLabelsMap().forEach((name, value) -> fields.put("labels." + name, value));
        }
        return fields;
    }

    /** A text that is not set when it is empty. */
    private static void putText(String path, String text, Map<String, String> into) {
        if (!text.isEmpty()) {
            into.put(path, text);
        }
    }

    /** What a definition says; nothing for an object that is not there. */
    private static Message spec(ClusterState state, String key) {
        if (key.equals(Keys.SETTINGS)) {
            return state.settingsRow().getSpec();
        }
        ObjectRow row = state.object(key);
        if (row == null || row.getDeleting()) {
            return ObjectRow.getDefaultInstance();
        }
        return switch (row.getSpecCase()) {
            case RESOURCE -> row.getResource();
            case GROUP -> row.getGroup();
            case CLONE -> row.getClone();
            case FENCE_DEVICE -> row.getFenceDevice();
            case FENCE_PLAN -> row.getFencePlan();
            case NODE -> row.getNode();
            case LOCATION -> row.getLocation();
            case COLOCATION -> row.getColocation();
            case ORDER -> row.getOrder();
            case TICKET_CONSTRAINT -> row.getTicketConstraint();
            case SPEC_NOT_SET -> ObjectRow.getDefaultInstance();
        };
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
        if (value instanceof EnumValueDescriptor word) {
            into.put(path, EnumWords.of(word));
        } else if (!(value instanceof Message message)) {
            into.put(path, String.valueOf(value));
        } else if (field.getMessageType().getFullName().equals("google.protobuf.Duration")) {
            into.put(path, com.google.protobuf.util.Durations.toString((com.google.protobuf.Duration) message));
        } else {
            flatten(path, message, into);
        }
    }
}
