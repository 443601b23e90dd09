package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.client.manifest.YamlNode.Sequence;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Operations of a resource: {@code monitor: {interval, timeout}} for the usual case, {@code operations:} as a map by
 * name, or as a list when there are two monitors.
 */
final class OperationSchemas {
    static final Map<String, OnFail> ON_FAIL = Map.of(
            "restart", OnFail.ON_FAIL_RESTART,
            "stop", OnFail.ON_FAIL_STOP,
            "fence", OnFail.ON_FAIL_FENCE,
            "ignore", OnFail.ON_FAIL_IGNORE,
            "block", OnFail.ON_FAIL_BLOCK,
            "standby", OnFail.ON_FAIL_STANDBY,
            "demote", OnFail.ON_FAIL_DEMOTE);
    static final Map<String, Role> ROLES =
            Map.of("started", Role.ROLE_STARTED, "promoted", Role.ROLE_PROMOTED, "unpromoted", Role.ROLE_UNPROMOTED);

    /** The fields of a resource that say something of operations. */
    static final Set<String> FIELDS = Set.of("monitor", "operations");

    private static final List<String> NAMES =
            List.of("start", "stop", "monitor", "promote", "demote", "notify", "migrate_to", "migrate_from");
    private static final Set<String> LATER = Set.of("reload", "validate-all", "meta-data");
    private static final Set<String> LATER_ROLES = Set.of("stopped");
    private static final Set<String> DETAILS = Set.of("name", "role", "interval", "timeout", "onFail", "depth");

    private static final Schema<Operation.Builder> OPERATION = new Schema<Operation.Builder>("an operation")
            .duration("interval", "time between two runs of a monitor", Operation.Builder::setInterval)
            .duration("timeout", "of one run; default: from the agent's metadata", Operation.Builder::setTimeout)
            .field(
                    "onFail",
                    "word",
                    "what follows a failure",
                    (operation, value, scope) -> scope.word(value, ON_FAIL).ifPresent(operation::setOnFail))
            .field(
                    "role",
                    "word",
                    "role that it is for",
                    (operation, value, scope) ->
                            scope.word(value, ROLES, LATER_ROLES).ifPresent(operation::setRole))
            .number("depth", "check level of the agent", Operation.Builder::setDepth)
            .field("name", "word", String.join(", ", NAMES), (operation, value, scope) -> {});

    private OperationSchemas() {}

    static void monitor(ResourceSpec.Builder spec, YamlNode value, Scope scope) {
        addOne(spec, "monitor", value, scope);
    }

    static void operations(ResourceSpec.Builder spec, YamlNode value, Scope scope) {
        if (value instanceof Sequence) {
            scope.items(value, "a list or a block", (item, inner) -> listItem(spec, item, inner));
        } else {
            scope.entries(value, (entry, inner) -> named(spec, entry, inner));
        }
    }

    /** Whether a resource says anything of operations. */
    static boolean writtenIn(Mapping resource) {
        return FIELDS.stream().anyMatch(resource::has);
    }

    /** A resource's operations as items with a name each, however they are written; what is none stays as it is. */
    static List<YamlNode> inLong(Mapping resource) {
        List<YamlNode> items = new ArrayList<>();
        resource.entry("monitor").ifPresent(monitor -> items.add(inLong(monitor)));
        resource.entry("operations").ifPresent(entry -> {
            if (entry.value() instanceof Sequence sequence) {
                sequence.items().forEach(item -> items.addAll(itemInLong(item)));
            } else if (entry.value() instanceof Mapping mapping) {
                mapping.entries().forEach(operation -> items.add(inLong(operation)));
            } else {
                items.add(entry.value());
            }
        });
        return items;
    }

    private static List<YamlNode> itemInLong(YamlNode item) {
        if (!(item instanceof Mapping mapping) || mapping.has("name")) {
            return List.of(item);
        }
        List<Entry> keys = mapping.entries().stream()
                .filter(entry -> !DETAILS.contains(entry.key()))
                .toList();
        if (keys.size() == mapping.entries().size()) {
            return mapping.entries().stream().map(OperationSchemas::inLong).toList();
        }
        if (keys.size() != 1) {
            return List.of(item);
        }
        Entry key = keys.get(0);
        List<Entry> entries = new ArrayList<>(mapping.entries());
        entries.remove(key);
        entries.add(0, name(key));
        if (!(key.value() instanceof Scalar scalar && scalar.isNull())) {
            entries.add(1, new Entry(key.keyAt(), "role", key.value()));
        }
        return List.of(new Mapping(item.at(), entries));
    }

    private static YamlNode inLong(Entry operation) {
        List<Entry> entries = new ArrayList<>(List.of(name(operation)));
        if (operation.value() instanceof Mapping mapping) {
            entries.addAll(mapping.entries());
            return new Mapping(mapping.at(), entries);
        }
        if (operation.value() instanceof Scalar) {
            entries.add(new Entry(operation.keyAt(), "timeout", operation.value()));
            return new Mapping(operation.keyAt(), entries);
        }
        return new Mapping(operation.keyAt(), List.of(operation));
    }

    private static Entry name(Entry operation) {
        return new Entry(operation.keyAt(), "name", new Scalar(operation.keyAt(), operation.key(), true));
    }

    /** Whether two items in long are about the same operation: the same name, role and depth. */
    static boolean same(YamlNode one, YamlNode other) {
        return one instanceof Mapping a
                && other instanceof Mapping b
                && a.has("name")
                && b.has("name")
                && word(a, "name", "").equals(word(b, "name", ""))
                && word(a, "role", "").equals(word(b, "role", ""))
                && word(a, "depth", "0").equals(word(b, "depth", "0"));
    }

    private static String word(Mapping item, String field, String unsaid) {
        return item.entry(field)
                .map(entry -> entry.value() instanceof Scalar scalar ? scalar.text() : "")
                .orElse(unsaid);
    }

    /** One item: {@code {name: monitor, interval: 10s}}, {@code {monitor: started, interval: 10s}} or {@code {start: 60s}}. */
    private static void listItem(ResourceSpec.Builder spec, YamlNode item, Scope scope) {
        if (!(item instanceof Mapping mapping)) {
            scope.mapping(item);
            return;
        }
        boolean detailed = mapping.entries().stream().anyMatch(entry -> DETAILS.contains(entry.key()));
        if (!detailed) {
            mapping.entries().forEach(entry -> named(spec, entry, scope.child(entry.key(), entry.keyAt())));
            return;
        }
        var name = mapping.entry("name");
        List<Entry> keys = mapping.entries().stream()
                .filter(entry -> !DETAILS.contains(entry.key()))
                .toList();
        if (name.isPresent() && keys.isEmpty()) {
            scope.text(name.get().value()).ifPresent(text -> {
                if (known(text, name.get().value().at(), scope)) {
                    addOne(spec, text, item, scope);
                }
            });
        } else if (name.isEmpty() && keys.size() == 1) {
            roleItem(spec, mapping, keys.get(0), scope);
        } else {
            scope.problem(item.at(), "an operation has one name", "write for example {name: monitor, interval: 10s}");
        }
    }

    private static void roleItem(ResourceSpec.Builder spec, Mapping item, Entry key, Scope scope) {
        if (!known(key.key(), key.keyAt(), scope)) {
            return;
        }
        Optional<Role> role = Optional.empty();
        if (!(key.value() instanceof Scalar scalar && scalar.isNull())) {
            role = scope.word(key.value(), ROLES, LATER_ROLES);
            if (role.isEmpty()) {
                return;
            }
        }
        List<Entry> rest =
                item.entries().stream().filter(entry -> !entry.equals(key)).toList();
        Operation.Builder operation = addOne(spec, key.key(), new Mapping(item.at(), rest), scope);
        role.ifPresent(operation::setRole);
    }

    private static void named(ResourceSpec.Builder spec, Entry entry, Scope scope) {
        if (!known(entry.key(), entry.keyAt(), scope)) {
            return;
        }
        if (entry.value() instanceof Scalar) {
            Scope called = called(spec, entry.keyAt(), scope);
            called.duration(entry.value())
                    .ifPresent(timeout ->
                            spec.addOperationsBuilder().setName(entry.key()).setTimeout(timeout));
        } else {
            addOne(spec, entry.key(), entry.value(), scope);
        }
    }

    private static Operation.Builder addOne(ResourceSpec.Builder spec, String name, YamlNode fields, Scope scope) {
        Scope called = called(spec, fields.at(), scope);
        Operation.Builder operation = spec.addOperationsBuilder().setName(name);
        OPERATION.read(fields, operation, called);
        return operation;
    }

    /** Rules speak of operations by their place in the message, which is not their place in the file. */
    private static Scope called(ResourceSpec.Builder spec, SourceMark at, Scope scope) {
        return scope.called("operations[" + spec.getOperationsCount() + "]", at);
    }

    private static boolean known(String name, SourceMark at, Scope scope) {
        if (NAMES.contains(name)) {
            return true;
        }
        if (LATER.contains(name)) {
            scope.problem(at, "operation '" + name + "' is not supported by this version of quorate", "remove it");
        } else {
            String hint = NearestName.hint(name, NAMES);
            String known = "known are " + String.join(", ", NAMES);
            scope.problem(at, "there is no operation '" + name + "'", hint.isEmpty() ? known : hint);
        }
        return false;
    }
}
