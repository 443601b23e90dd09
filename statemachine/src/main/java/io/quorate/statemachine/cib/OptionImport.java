package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.Settings;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.SettingsSpec;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** What becomes of cluster options. */
final class OptionImport {
    private final Cib cib;
    private final Findings findings;
    private final SettingsSpec.Builder settings = SettingsSpec.newBuilder();

    OptionImport(Cib cib, Findings findings) {
        this.cib = cib;
        this.findings = findings;
    }

    /** The settings, when any option became one. */
    Optional<Manifest> read() {
        for (Element block : cib.section("crm_config").children()) {
            block.children("rule")
                    .forEach(rule -> findings.lost(
                            rule,
                            "rule " + rule.id() + " of " + block.id(),
                            "options cannot depend on rules: those that hold now were taken"));
            for (Element pair : cib.sets().resolved(block).children("nvpair")) {
                option(pair, pair.get("name"), pair.get("value").strip().toLowerCase(Locale.ROOT));
            }
        }
        return settings.build().equals(SettingsSpec.getDefaultInstance())
                ? Optional.empty()
                : Optional.of(Manifest.newBuilder().setSettings(settings).build());
    }

    private void option(Element pair, String name, String value) {
        String subject = "option " + name;
        switch (name) {
            case "stonith-enabled", "fencing-enabled" -> fencing(pair, subject, value);
            case "stonith-action", "fencing-action" -> {
                if (value.equals("off") || value.equals("poweroff")) {
                    findings.kept(pair, subject, "fencing is always off, read back");
                } else {
                    findings.changed(
                            pair, subject, "fencing is always off, read back; on again is for a person or the device");
                }
            }
            case "stonith-timeout", "fencing-timeout" -> timeout(pair, subject, value);
            case "stonith-watchdog-timeout", "fencing-watchdog-timeout" -> {
                if (Values.leadingNumber(value) == 0) {
                    findings.kept(pair, subject, "nodes are not taken for fenced by waiting");
                } else {
                    findings.protectionLost(
                            pair,
                            subject,
                            "self-fencing by watchdog is not supported by this version: give each node a fence device");
                }
            }
            case "no-quorum-policy" -> noQuorum(pair, subject, value);
            case "symmetric-cluster" -> {
                if (Values.bool(value, true)) {
                    findings.kept(pair, subject, "a service may run anywhere unless its placement says no");
                } else {
                    findings.changed(
                            pair,
                            subject,
                            "each service got placement: only, or a location, with the places that its constraints name");
                }
            }
            case "maintenance-mode" -> {
                if (Values.isTrue(value)) {
                    findings.changed(
                            pair, subject, "run `quorate pause` before you apply the file, `quorate resume` after");
                } else {
                    findings.kept(pair, subject, "it is off");
                }
            }
            case "stop-all-resources" -> {
                if (Values.isTrue(value)) {
                    findings.changed(pair, subject, "each service got stopped: true");
                } else {
                    findings.kept(pair, subject, "it is off");
                }
            }
            case "placement-strategy" -> strategy(pair, subject, value);
            case "node-health-strategy" -> health(pair, subject, value);
            case "node-health-red", "node-health-yellow", "node-health-green", "node-health-base" ->
                health(pair, subject, name.substring("node-health-".length()), Values.score(value));
            case "node-action-limit" -> maxStarts(pair, subject, value);
            case "migration-limit" -> maxMigrations(pair, subject, value);
            case "shutdown-lock" ->
                ifDefault(pair, subject, value, "false", "a node that leaves gives its services away");
            default -> lesser(pair, subject, name);
        }
    }

    private void fencing(Element pair, String subject, String value) {
        if (Values.bool(value, true)) {
            findings.kept(pair, subject, "a lost node is fenced before anything that it ran starts elsewhere");
        } else {
            findings.changed(
                    pair,
                    subject,
                    "without a fence device nothing moves away from a lost node by itself: it waits for `quorate fence"
                            + " confirm`. Give each node a device, or say safety: bestEffort where running twice does"
                            + " no harm");
        }
    }

    private void timeout(Element pair, String subject, String value) {
        OptionalLong millis = Values.millis(value);
        if (millis.isPresent() && millis.getAsLong() > 0) {
            settings.setFenceAttemptTimeout(Settings.duration(millis.getAsLong()));
            findings.changed(pair, subject, "the setting fenceAttemptTimeout: it counts for each attempt");
        } else {
            findings.lost(pair, subject, "'" + value + "' is not a duration");
        }
    }

    private void noQuorum(Element pair, String subject, String value) {
        switch (value) {
            case "freeze" ->
                findings.kept(
                        pair, subject, "without a majority nothing is decided, and what runs on fenced nodes goes on");
            case "stop", "" ->
                findings.changed(
                        pair,
                        subject,
                        "a node without contact goes on where only fencing can take its services away, since the majority"
                                + " fences first; bestEffort services stop, and those that say onLostContact: stop");
            case "demote" ->
                findings.changed(
                        pair,
                        subject,
                        "a node without contact goes on, promoted copies too, unless the service says onLostContact:"
                                + " stop, which stops its copies");
            case "ignore" ->
                findings.changed(
                        pair, subject, "without a majority nothing is decided: there is no way to go on without one");
            default ->
                findings.changed(
                        pair, subject, "without a majority nothing is decided, and a node does not fence itself");
        }
    }

    private void strategy(Element pair, String subject, String value) {
        PlacementStrategy strategy = switch (value) {
            case "default", "" -> PlacementStrategy.PLACEMENT_STRATEGY_DEFAULT;
            case "utilization" -> PlacementStrategy.PLACEMENT_STRATEGY_UTILIZATION;
            case "balanced" -> PlacementStrategy.PLACEMENT_STRATEGY_BALANCED;
            case "minimal" -> PlacementStrategy.PLACEMENT_STRATEGY_MINIMAL;
            default -> PlacementStrategy.PLACEMENT_STRATEGY_UNSPECIFIED;
        };
        if (strategy == PlacementStrategy.PLACEMENT_STRATEGY_UNSPECIFIED) {
            findings.lost(pair, subject, "'" + value + "' is no strategy: utilization does not count");
        } else {
            settings.setPlacementStrategy(strategy);
            findings.kept(pair, subject, "the setting placementStrategy");
        }
    }

    private void maxMigrations(Element pair, String subject, String value) {
        long limit = Values.leadingNumber(value);
        if (limit <= 0) {
            findings.changed(pair, subject, "there is always a limit: 2 is the default of maxMigrationsPerNode");
        } else {
            settings.setMaxMigrationsPerNode((int) Math.min(limit, Settings.MOST_MIGRATIONS_PER_NODE));
            findings.kept(pair, subject, "the setting maxMigrationsPerNode: of what a node sends or receives");
        }
    }

    private void maxStarts(Element pair, String subject, String value) {
        long limit = Values.leadingNumber(value);
        if (limit <= 0) {
            findings.changed(
                    pair, subject, "twice the cores of a node, or load: 16 is the default of maxStartsPerNode");
        } else {
            settings.setMaxStartsPerNode((int) Math.min(limit, Settings.MOST_STARTS_PER_NODE));
            findings.kept(pair, subject, "the setting maxStartsPerNode: stops and monitors do not wait for it");
        }
    }

    private void health(Element pair, String subject, String value) {
        HealthStrategy strategy = switch (HealthReader.strategy(value)) {
            case MIGRATE_ON_RED -> HealthStrategy.HEALTH_STRATEGY_MIGRATE_ON_RED;
            case ONLY_GREEN -> HealthStrategy.HEALTH_STRATEGY_ONLY_GREEN;
            case PROGRESSIVE -> HealthStrategy.HEALTH_STRATEGY_PROGRESSIVE;
            case CUSTOM -> HealthStrategy.HEALTH_STRATEGY_CUSTOM;
            case NONE -> HealthStrategy.HEALTH_STRATEGY_NONE;
        };
        if (strategy != HealthStrategy.HEALTH_STRATEGY_NONE) {
            settings.getNodeHealthBuilder().setStrategy(strategy);
            findings.kept(
                    pair,
                    subject,
                    "the setting nodeHealth.strategy; what sets #health-NAME there runs `quorate node attribute NODE"
                            + " health-NAME VALUE` here");
        } else if (value.equals("none") || value.isEmpty()) {
            findings.kept(pair, subject, "health of nodes moves nothing");
        } else {
            findings.lost(pair, subject, "'" + value + "' is no strategy: health of nodes moves nothing");
        }
    }

    private void health(Element pair, String subject, String part, int score) {
        NodeHealth.Builder health = settings.getNodeHealthBuilder();
        switch (part) {
            case "red" -> health.setRed(score);
            case "yellow" -> health.setYellow(score);
            case "green" -> health.setGreen(score);
            default -> health.setBase(score);
        }
        findings.kept(pair, subject, "the setting nodeHealth." + part);
    }

    private void ifDefault(Element pair, String subject, String value, String byDefault, String meaning) {
        if (value.equals(byDefault) || value.isEmpty()) {
            findings.kept(pair, subject, meaning);
        } else {
            findings.lost(pair, subject, "only '" + byDefault + "' is supported by this version: " + meaning);
        }
    }

    private void lesser(Element pair, String subject, String name) {
        switch (name) {
            case "have-watchdog",
                    "dc-version",
                    "cluster-infrastructure",
                    "cluster-name",
                    "last-lrm-refresh",
                    "last-config-update",
                    "crm-config-hash" -> findings.kept(pair, subject, "information only");
            case "concurrent-fencing" ->
                findings.changed(
                        pair,
                        subject,
                        "nodes are fenced side by side, never more than maxFencedShare without a person");
            case "startup-fencing" ->
                findings.changed(pair, subject, "a node that was never seen owns nothing, so it need not be fenced");
            case "start-failure-is-fatal", "default-resource-failure-stickiness" ->
                findings.changed(
                        pair,
                        subject,
                        "a failed start counts like any failure: moveAfter says after how many it moves");
            case "enable-startup-probes", "stop-orphan-resources", "stop-removed-resources", "stop-orphan-actions" ->
                findings.changed(pair, subject, "every joining node is probed, and what was deleted is stopped");
            case "default-resource-stickiness" -> findings.lost(pair, subject, "write stickiness at each placement");
            case "cluster-recheck-interval", "remove-after-stop", "is-managed-default" ->
                findings.changed(pair, subject, "nothing has to be asked again: time in the log ends what is timed");
            case "pe-input-series-max", "pe-warn-series-max", "pe-error-series-max" ->
                findings.changed(pair, subject, "history keeps what was decided and why: the setting historyEvents");
            case "batch-limit", "load-threshold" ->
                findings.changed(
                        pair,
                        subject,
                        "no limit for the whole cluster, and none by load: maxStartsPerNode limits what a node begins at once");
            case "cluster-delay",
                    "transition-delay",
                    "cluster-ipc-limit",
                    "dc-deadtime",
                    "election-timeout",
                    "join-integration-timeout",
                    "join-finalization-timeout",
                    "shutdown-escalation",
                    "stonith-max-attempts",
                    "priority-fencing-delay",
                    "fence-reaction",
                    "node-pending-timeout" ->
                findings.changed(
                        pair, subject, "tuning of Pacemaker's own machinery: there is nothing that it would tune here");
            case "enable-acl" -> findings.lost(pair, subject, "access by role is not supported by this version");
            default -> findings.lost(pair, subject, "this option is not known");
        }
    }
}
