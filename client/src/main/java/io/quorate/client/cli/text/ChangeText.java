package io.quorate.client.cli.text;

import io.quorate.v1.FieldChange;
import io.quorate.v1.ObjectChange;
import io.quorate.v1.Reason;
import java.util.List;

/** What an apply changes, deletions first. */
public final class ChangeText {
    private ChangeText() {}

    public static boolean differs(List<ObjectChange> changes) {
        return changes.stream().anyMatch(change -> change.getKind() != ObjectChange.Kind.KIND_UNCHANGED);
    }

    public static List<String> deleted(List<ObjectChange> changes) {
        return changes.stream()
                .filter(change -> change.getKind() == ObjectChange.Kind.KIND_DELETED)
                .map(ObjectChange::getObject)
                .toList();
    }

    /** A line per object, and one per changed field. */
    public static String render(List<ObjectChange> changes) {
        StringBuilder text = new StringBuilder();
        deleted(changes)
                .forEach(object -> text.append("- DELETE ").append(object).append('\n'));
        for (ObjectChange change : changes) {
            switch (change.getKind()) {
                case KIND_CREATED ->
                    text.append("+ ").append(change.getObject()).append('\n');
                case KIND_UPDATED -> {
                    text.append("~ ").append(change.getObject()).append('\n');
                    change.getFieldsList().forEach(field -> text.append(field(field)));
                }
                case KIND_DELETED, KIND_UNCHANGED, KIND_UNSPECIFIED, UNRECOGNIZED -> {}
            }
        }
        return text.toString();
    }

    private static String field(FieldChange field) {
        return "    " + field.getPath() + ": " + value(field.getBefore()) + " -> " + value(field.getAfter())
                + (field.getCausesRestart() ? "    causes RESTART" : "") + "\n";
    }

    private static String value(String text) {
        return text.isEmpty() ? "(unset)" : text;
    }

    public static String warnings(List<Reason> warnings) {
        StringBuilder text = new StringBuilder();
        for (Reason warning : warnings) {
            text.append("!  ").append(warning.getMessage());
            if (!warning.getCode().isEmpty()) {
                text.append("    ").append(warning.getCode());
            }
            text.append('\n');
            if (!warning.getNextStep().isEmpty()) {
                text.append("   ").append(warning.getNextStep()).append('\n');
            }
        }
        return text.toString();
    }
}
