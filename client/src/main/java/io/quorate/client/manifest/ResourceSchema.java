package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.v1.CommandLine;
import io.quorate.v1.HealthCheck;
import io.quorate.v1.OcfKind;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.SecretRef;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a resource. */
final class ResourceSchema {
    private static final Pattern OCF = Pattern.compile("ocf:([^:]+):([^:]+)");
    private static final Pattern UNIT_SUFFIX =
            Pattern.compile(".*\\.(service|socket|timer|path|mount|swap|target|slice|scope)");
    private static final List<String> TYPE_PREFIXES = List.of("ocf", "systemd");
    private static final List<String> LATER_PREFIXES = List.of("lsb", "service", "upstart", "nagios", "container");

    private static final Schema<SecretRef.Builder> SECRET = new Schema<SecretRef.Builder>("a secret parameter")
            .text("file", "absolute path of a file on each node", SecretRef.Builder::setFile);

    static final Schema<HealthCheck.Builder> HEALTH = new Schema<HealthCheck.Builder>("process.health")
            .text("http", "URL; healthy on 200 to 399", HealthCheck.Builder::setHttpUrl)
            .text("tcp", "host:port; healthy when it accepts", HealthCheck.Builder::setTcpAddress)
            .field(
                    "command",
                    "list",
                    "healthy on exit code 0",
                    (health, value, scope) ->
                            health.setCommand(CommandLine.newBuilder().addAllArgv(scope.texts(value))))
            .duration("interval", "time between two checks; default 2s", HealthCheck.Builder::setInterval)
            .duration("timeout", "of one check; default 1s", HealthCheck.Builder::setTimeout)
            .number("unhealthyAfter", "failures in a row; default 3", HealthCheck.Builder::setUnhealthyAfter);

    static final Schema<ProcessKind.Builder> PROCESS = new Schema<ProcessKind.Builder>("process")
            .field(
                    "command",
                    "list",
                    "program and arguments, never a shell",
                    (process, value, scope) -> process.addAllCommand(scope.texts(value)))
            .text("user", "default: the agent's own", ProcessKind.Builder::setUser)
            .text("workingDirectory", "default: /", ProcessKind.Builder::setWorkingDirectory)
            .field(
                    "environment",
                    "map",
                    "name: value",
                    (process, value, scope) -> scope.textEntries(value, process::putEnvironment))
            .field("health", "block", "one of http, tcp and command", (process, value, scope) -> {
                HEALTH.read(value, process.getHealthBuilder(), scope);
                oneCheck(value, scope);
            })
            .duration("stopGrace", "between TERM and KILL; default 10s", ProcessKind.Builder::setStopGrace)
            .later("drain");

    static final Schema<ResourceSpec.Builder> RESOURCE = new Schema<ResourceSpec.Builder>("a resource")
            .field("template", "name", "a Template of the same file", (spec, value, scope) -> {})
            .field("type", "text", "ocf:PROVIDER:TYPE or systemd:UNIT", ResourceSchema::type)
            .field(
                    "process",
                    "block",
                    "a command that is supervised directly",
                    (spec, value, scope) -> PROCESS.read(value, spec.getProcessBuilder(), scope))
            .field("params", "map", "parameters of the agent", (spec, value, scope) -> {
                if (takesParameters(spec, value, scope)) {
                    scope.textEntries(value, spec.getOcfBuilder()::putParams);
                }
            })
            .field("secretParams", "map", "parameter: {file: PATH}", (spec, value, scope) -> {
                if (takesParameters(spec, value, scope)) {
                    secrets(value, scope, spec.getOcfBuilder()::putSecretParams);
                }
            })
            .field("monitor", "block", "interval and timeout of the monitor", OperationSchemas::monitor)
            .field("operations", "list or map", "overrides of the agent's metadata", OperationSchemas::operations)
            .field(
                    "safety",
                    "word",
                    "exclusive (default) or bestEffort",
                    (spec, value, scope) ->
                            scope.word(value, UnitSchemas.SAFETY).ifPresent(spec::setSafety))
            .field(
                    "stopped",
                    "true or false",
                    "whether it should be stopped",
                    (spec, value, scope) -> scope.truth(value).ifPresent(spec::setStopped))
            .field(
                    "liveMigration",
                    "true or false",
                    "whether it is moved without being stopped, where that is possible",
                    (spec, value, scope) -> scope.truth(value).ifPresent(spec::setLiveMigration))
            .number("priority", "placed before those of lower priority", ResourceSpec.Builder::setPriority)
            .field(
                    "failure",
                    "block",
                    "moveAfter and forgetAfter",
                    (spec, value, scope) -> UnitSchemas.FAILURE.read(value, spec.getFailureBuilder(), scope))
            .field(
                    "utilization",
                    "map",
                    "what it needs: name: amount",
                    (spec, value, scope) -> scope.numberEntries(value, spec::putUtilization))
            .field(
                    "placement",
                    "block",
                    "prefer, only, avoid, near, apartFrom, stickiness",
                    (spec, value, scope) -> UnitSchemas.PLACEMENT.read(value, spec.getPlacementBuilder(), scope))
            .field(
                    "follow",
                    "block",
                    "where another one runs, after it started",
                    (spec, value, scope) -> ConstraintSchemas.FOLLOW.read(value, spec.getFollowBuilder(), scope))
            .field(
                    "critical",
                    "true or false",
                    "whether what is good for it counts where others are placed; default true",
                    (spec, value, scope) -> scope.truth(value).ifPresent(is -> spec.setNotCritical(!is)))
            .field(
                    "onLostContact",
                    "word",
                    "keep (default of what is exclusive) or stop",
                    (spec, value, scope) ->
                            scope.word(value, UnitSchemas.LOST_CONTACT).ifPresent(spec::setOnLostContact))
            .field(
                    "multipleActive",
                    "word",
                    "block (default), stopUnexpected or stopAndStart",
                    (spec, value, scope) ->
                            scope.word(value, UnitSchemas.MULTIPLE_ACTIVE).ifPresent(spec::setMultipleActive))
            .field(
                    "allowUnhealthyNodes",
                    "true or false",
                    "whether health of nodes does not matter to it",
                    (spec, value, scope) -> scope.truth(value).ifPresent(spec::setAllowUnhealthyNodes))
            .later("render", "target", "update", "promotable", "instances", "notify", "renamedFrom")
            .refuse("agent", "'agent' is not a field; the agent is named by type");

    private ResourceSchema() {}

    static void secrets(YamlNode value, Scope scope, BiConsumer<String, SecretRef> target) {
        scope.entries(value, (entry, inner) -> {
            if (!(entry.value() instanceof Mapping mapping)) {
                inner.problem(
                        entry.value().at(),
                        "a secret is not written here: this file is copied and kept",
                        "name the file on each node that holds it: " + entry.key() + ": {file: /etc/quorate/secrets/"
                                + entry.key() + "}");
                return;
            }
            SecretRef.Builder secret = SecretRef.newBuilder();
            SECRET.read(mapping, secret, inner);
            target.accept(entry.key(), secret.build());
        });
    }

    /** Exactly one of type and process. */
    static void oneKind(Mapping mapping, Scope scope) {
        Optional<Entry> process = mapping.entry("process");
        if (mapping.has("type") && process.isPresent()) {
            scope.problem(process.get().keyAt(), "it has a type and a process", "write exactly one of them");
        } else if (!mapping.has("type") && process.isEmpty()) {
            scope.draft().fail("type");
            scope.problems().add(mapping.at(), "it has neither type nor process", "write exactly one of them");
        }
    }

    private static void oneCheck(YamlNode value, Scope scope) {
        if (value instanceof Mapping mapping) {
            List<Entry> checks = mapping.entries().stream()
                    .filter(entry -> List.of("http", "tcp", "command").contains(entry.key()))
                    .toList();
            if (checks.size() > 1) {
                scope.problem(
                        checks.get(1).keyAt(), "it checks two things", "write exactly one of http, tcp and command");
            }
        }
    }

    private static boolean takesParameters(ResourceSpec.Builder spec, YamlNode value, Scope scope) {
        if (spec.hasSystemd() || spec.hasProcess()) {
            scope.problem(value.at(), scope.field() + " is for ocf: agents only", "remove it");
            return false;
        }
        return spec.hasOcf();
    }

    private static void type(ResourceSpec.Builder spec, YamlNode value, Scope scope) {
        Optional<String> read = scope.text(value);
        if (read.isEmpty()) {
            return;
        }
        String type = read.get();
        Matcher ocf = OCF.matcher(type);
        if (ocf.matches()) {
            spec.setOcf(OcfKind.newBuilder().setProvider(ocf.group(1)).setType(ocf.group(2)));
        } else if (type.startsWith("systemd:") && type.length() > "systemd:".length()) {
            String unit = type.substring("systemd:".length());
            spec.getSystemdBuilder().setUnit(UNIT_SUFFIX.matcher(unit).matches() ? unit : unit + ".service");
        } else {
            wrongType(type, value, scope);
        }
    }

    private static void wrongType(String type, YamlNode value, Scope scope) {
        String prefix = type.contains(":") ? type.substring(0, type.indexOf(':')) : type;
        String shown = "'" + (type.length() > 80 ? type.substring(0, 80) + "..." : type) + "'";
        if (LATER_PREFIXES.contains(prefix)) {
            scope.problem(
                    value.at(), "type " + shown + " is not supported by this version of quorate", "use systemd:UNIT");
        } else if (type.startsWith("fence_") || prefix.equals("stonith")) {
            scope.problem(value.at(), shown + " is a fence agent", "write kind: FenceDevice");
        } else if (type.startsWith("ocf::")) {
            scope.problem(value.at(), shown + " is not a type", "write one colon: ocf:" + type.substring(5));
        } else {
            String hint = NearestName.of(prefix, TYPE_PREFIXES)
                    .filter(near -> !near.equals(prefix))
                    .map(near -> ": did you mean '" + near + ":'?")
                    .orElse("");
            scope.problem(value.at(), shown + " is not a type", "write ocf:PROVIDER:TYPE or systemd:UNIT" + hint);
        }
    }
}
