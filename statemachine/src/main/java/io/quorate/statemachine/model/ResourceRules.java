package io.quorate.statemachine.model;

import io.quorate.v1.FailurePolicy;
import io.quorate.v1.HealthCheck;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.Placement;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import io.quorate.v1.SecretRef;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a resource's spec must satisfy by itself, and the parts that groups and fence devices share with it. */
final class ResourceRules {
    private static final Pattern AGENT_WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern UNIT =
            Pattern.compile("[A-Za-z0-9:_.@\\\\-]{1,240}\\.(service|socket|timer|path|mount|swap|target|slice|scope)");
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,30}\\$?");
    private static final Pattern TCP_ADDRESS = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):([0-9]{1,5})");
    private static final Pattern LOADING = Pattern.compile("LD_.*|BASH_ENV|ENV|IFS");
    private static final List<String> PROMOTIONS = List.of("promote", "demote", "notify");
    private static final List<String> MIGRATIONS = List.of("migrate_to", "migrate_from");
    private static final List<String> OPERATIONS =
            List.of("start", "stop", "monitor", "promote", "demote", "notify", "migrate_to", "migrate_from");

    private final FieldChecks checks;

    ResourceRules(FieldChecks checks) {
        this.checks = checks;
    }

    void resource(ResourceSpec spec) {
        switch (spec.getKindCase()) {
            case OCF -> ocf(spec.getOcf());
            case SYSTEMD -> {
                if (!UNIT.matcher(spec.getSystemd().getUnit()).matches()) {
                    checks.add(
                            "type",
                            "'" + FieldChecks.shown(spec.getSystemd().getUnit())
                                    + "' is not the name of a systemd unit",
                            "write for example systemd:nginx.service");
                }
            }
            case PROCESS -> process(spec.getProcess());
            case KIND_NOT_SET -> checks.add("type", "it says not what it is", "write exactly one of type and process");
        }
        if (spec.getLiveMigration() && !spec.hasOcf()) {
            checks.add(
                    "liveMigration",
                    "only an ocf: agent can move a service without stopping it",
                    "remove it, or use an agent with the actions migrate_to and migrate_from");
        }
        if (spec.getLiveMigration() && spec.getSafety() == Safety.SAFETY_BEST_EFFORT) {
            checks.add(
                    "liveMigration",
                    "what is bestEffort may be given away while it is still being sent, and would run in two places",
                    "remove one of them: safety: bestEffort, or liveMigration");
        }
        checks.score("priority", spec.getPriority());
        operations(spec);
        failure(spec.getFailure());
        placement(spec.getPlacement());
        checks.utilization("utilization", spec.getUtilizationMap());
    }

    private void ocf(OcfKind ocf) {
        if (!AGENT_WORD.matcher(ocf.getProvider()).matches()
                || !AGENT_WORD.matcher(ocf.getType()).matches()) {
            String type = "ocf:" + ocf.getProvider() + ":" + ocf.getType();
            checks.add("type", "'" + FieldChecks.shown(type) + "' is not an agent", "write ocf:PROVIDER:TYPE");
        }
        parameters(ocf.getParamsMap(), ocf.getSecretParamsMap());
    }

    void parameters(Map<String, String> params, Map<String, SecretRef> secrets) {
        int count = params.size() + secrets.size();
        if (!checks.atMost("params", count, ManifestLimits.MAX_PARAMETERS, "parameters")) {
            return;
        }
        params("params", params);
        for (Map.Entry<String, SecretRef> secret : new TreeMap<>(secrets).entrySet()) {
            String at = "secretParams." + secret.getKey();
            parameterName(at, secret.getKey());
            checks.absolutePath(at + ".file", secret.getValue().getFile());
            if (params.containsKey(secret.getKey())) {
                checks.add(at, "it is in params too", "keep it in secretParams only");
            }
        }
    }

    void params(String field, Map<String, String> params) {
        for (Map.Entry<String, String> param : new TreeMap<>(params).entrySet()) {
            String at = field + "." + param.getKey();
            parameterName(at, param.getKey());
            checks.oneLine(at, param.getValue());
            if (FieldChecks.isSecretName(param.getKey())) {
                String key = FieldChecks.shown(param.getKey());
                checks.add(
                        at,
                        "'" + key + "' looks like a secret, and this file is copied and kept",
                        "put the value into a file that root alone can read, on each node, and write secretParams: {"
                                + key + ": {file: /etc/quorate/secrets/" + key + "}}");
            }
        }
    }

    private void parameterName(String field, String name) {
        if (!FieldChecks.PARAMETER_NAME.matcher(name).matches()) {
            checks.add(
                    field,
                    "'" + FieldChecks.shown(name) + "' is not a parameter name",
                    "letters, digits and underscores, not beginning with a digit");
        }
    }

    private void process(ProcessKind process) {
        arguments("process.command", process.getCommandList());
        if (!process.getUser().isEmpty() && !USER.matcher(process.getUser()).matches()) {
            checks.add("process.user", "'" + FieldChecks.shown(process.getUser()) + "' is not a user name", "");
        }
        if (!process.getWorkingDirectory().isEmpty()) {
            checks.absolutePath("process.workingDirectory", process.getWorkingDirectory());
        }
        environment(process.getEnvironmentMap());
        if (process.hasStopGrace()) {
            checks.duration("process.stopGrace", process.getStopGrace(), 0, ManifestLimits.MAX_TIMEOUT_MILLIS);
        }
        if (process.hasHealth()) {
            health(process.getHealth());
        }
    }

    private void arguments(String field, List<String> argv) {
        if (argv.isEmpty() || argv.get(0).isEmpty()) {
            checks.add(field, "the command is empty", "write the program and its arguments as a list");
        }
        if (checks.atMost(field, argv.size(), ManifestLimits.MAX_ARGUMENTS, "arguments")) {
            for (int i = 0; i < argv.size(); i++) {
                checks.noNul(field + "[" + i + "]", argv.get(i));
                checks.noLongerThan(field + "[" + i + "]", argv.get(i), ManifestLimits.MAX_VALUE_BYTES);
            }
        }
    }

    private void environment(Map<String, String> environment) {
        if (!checks.atMost("process.environment", environment.size(), ManifestLimits.MAX_PARAMETERS, "variables")) {
            return;
        }
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String at = "process.environment." + variable.getKey();
            parameterName(at, variable.getKey());
            checks.oneLine(at, variable.getValue());
            if (variable.getKey().startsWith("QUORATE_")) {
                checks.add(at, "names that begin with QUORATE_ are set by the agent", "choose another name");
            }
            if (LOADING.matcher(variable.getKey()).matches()) {
                checks.add(
                        at,
                        "it changes how programs are loaded, and agents refuse it",
                        "set it in a script of your own");
            }
            if (FieldChecks.isSecretName(variable.getKey())) {
                checks.add(
                        at,
                        "'" + FieldChecks.shown(variable.getKey())
                                + "' looks like a secret, and this file is copied and kept",
                        "let the process read it from a file on the node");
            }
        }
    }

    private void health(HealthCheck health) {
        switch (health.getCheckCase()) {
            case HTTP_URL -> httpUrl(health.getHttpUrl());
            case TCP_ADDRESS -> tcpAddress(health.getTcpAddress());
            case COMMAND ->
                arguments("process.health.command", health.getCommand().getArgvList());
            case CHECK_NOT_SET ->
                checks.add("process.health", "it says not what to check", "write exactly one of http, tcp and command");
        }
        if (health.hasInterval()) {
            checks.interval("process.health.interval", health.getInterval());
        }
        if (health.hasTimeout()) {
            checks.timeout("process.health.timeout", health.getTimeout());
        }
        checks.range("process.health.unhealthyAfter", health.getUnhealthyAfter(), 0, 1000);
    }

    private void httpUrl(String url) {
        boolean good;
        try {
            URI uri = new URI(url);
            good = ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getPort() <= 65535;
        } catch (URISyntaxException e) {
            good = false;
        }
        if (!good) {
            checks.add(
                    "process.health.http",
                    "'" + FieldChecks.shown(url) + "' is not an http or https URL",
                    "write for example http://127.0.0.1:8080/ready");
        }
    }

    private void tcpAddress(String address) {
        var matcher = TCP_ADDRESS.matcher(address);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
        if (port < 1 || port > 65535) {
            checks.add(
                    "process.health.tcp",
                    "'" + FieldChecks.shown(address) + "' is not HOST:PORT",
                    "write for example 127.0.0.1:8080");
        }
    }

    private void operations(ResourceSpec spec) {
        if (!checks.atMost("operations", spec.getOperationsCount(), ManifestLimits.MAX_OPERATIONS, "operations")) {
            return;
        }
        Set<String> seen = new TreeSet<>();
        for (int i = 0; i < spec.getOperationsCount(); i++) {
            Operation operation = spec.getOperations(i);
            String at = "operations[" + i + "]";
            operation(at, operation, spec.hasProcess());
            migration(at, operation, spec.hasOcf());
            if (!seen.add(operation.getName() + "/" + operation.getRoleValue() + "/" + operation.getDepth())) {
                checks.add(
                        at, "operation '" + FieldChecks.shown(operation.getName()) + "' is there twice", "remove one");
            }
        }
    }

    private void operation(String at, Operation operation, boolean process) {
        if (!OPERATIONS.contains(operation.getName())) {
            checks.add(
                    at,
                    "operation '" + FieldChecks.shown(operation.getName()) + "' is not supported by this version",
                    "use " + String.join(", ", OPERATIONS));
        }
        if (process && operation.getName().equals("monitor")) {
            checks.add(at, "a process has no monitor operation", "write process: {health: ...}");
        }
        if (process && PROMOTIONS.contains(operation.getName())) {
            checks.add(at, "a process is never promoted", "remove it, or use an ocf: type");
        }
        role(at, operation);
        if (operation.getOnFail() == OnFail.UNRECOGNIZED) {
            checks.add(at, "this value of onFail is not supported by this version", "restart is the default");
        }
        if (operation.hasInterval()) {
            if (operation.getName().equals("monitor")) {
                checks.interval(at + ".interval", operation.getInterval());
            } else {
                checks.add(at + ".interval", "only a monitor has an interval", "remove it");
            }
        }
        if (operation.hasTimeout()) {
            checks.timeout(at + ".timeout", operation.getTimeout());
        }
        checks.range(at + ".depth", operation.getDepth(), 0, 1000);
        if (operation.getDepth() != 0 && !operation.getName().equals("monitor")) {
            checks.add(at + ".depth", "only a monitor has a depth", "remove it");
        }
    }

    private void migration(String at, Operation operation, boolean ocf) {
        if (!MIGRATIONS.contains(operation.getName())) {
            return;
        }
        if (!ocf) {
            checks.add(at, "only an ocf: agent has an action " + operation.getName(), "remove it");
        }
        if (operation.getOnFail() != OnFail.ON_FAIL_UNSPECIFIED) {
            checks.add(
                    at,
                    "a migration that fails has one end: what is left of it is stopped, and it is started anew",
                    "remove onFail from " + operation.getName());
        }
    }

    private void role(String at, Operation operation) {
        switch (operation.getRole()) {
            case ROLE_UNSPECIFIED, ROLE_STARTED -> {}
            case ROLE_PROMOTED, ROLE_UNPROMOTED -> {
                if (!operation.getName().equals("monitor")) {
                    checks.add(at, "only a monitor is for one role", "leave the role out");
                }
            }
            case ROLE_STOPPED, UNRECOGNIZED ->
                checks.add(at, "operations for this role are not supported by this version", "leave the role out");
        }
    }

    void failure(FailurePolicy failure) {
        if (failure.hasMoveAfter()) {
            checks.range("failure.moveAfter", failure.getMoveAfter(), 1, ManifestLimits.MAX_FAILURES);
        }
        if (failure.hasForgetAfter()) {
            checks.duration("failure.forgetAfter", failure.getForgetAfter(), 1, ManifestLimits.MAX_DURATION_MILLIS);
        }
    }

    void placement(Placement placement) {
        if (checks.atMost("placement.prefer", placement.getPreferCount(), ManifestLimits.MAX_NODES, "nodes")) {
            for (Map.Entry<String, Integer> prefer : new TreeMap<>(placement.getPreferMap()).entrySet()) {
                checks.name("placement.prefer." + prefer.getKey(), prefer.getKey());
                checks.score("placement.prefer." + prefer.getKey(), prefer.getValue());
            }
        }
        checks.names("placement.only", placement.getOnlyList(), ManifestLimits.MAX_NODES);
        checks.names("placement.avoid", placement.getAvoidList(), ManifestLimits.MAX_NODES);
        checks.labels("placement.only.labels", placement.getOnlyLabelsMap());
        if (placement.getOnlyCount() > 0 && placement.getOnlyLabelsCount() > 0) {
            checks.add("placement.only", "it names nodes and labels", "write one of them");
        }
        Set<String> avoided = new TreeSet<>(placement.getAvoidList());
        for (int i = 0; i < placement.getOnlyCount(); i++) {
            if (avoided.contains(placement.getOnly(i))) {
                String node = FieldChecks.shown(placement.getOnly(i));
                checks.add("placement.only[" + i + "]", "'" + node + "' is in avoid too", "remove it from one of them");
            }
        }
        if (placement.hasStickiness()) {
            checks.range("placement.stickiness", placement.getStickiness(), 0, ManifestLimits.MAX_SCORE);
        }
    }
}
