package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.FencePlanSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.SettingsSpec;
import java.util.Map;
import java.util.function.BiConsumer;

/** The fields of fence devices, fence plans, nodes and settings. */
final class KindSchemas {
    private static final String NO_ACTION = "fencing is always off, read back, then on: there is no action to choose";

    static final Map<String, PlacementStrategy> STRATEGIES = Map.of(
            "default", PlacementStrategy.PLACEMENT_STRATEGY_DEFAULT,
            "utilization", PlacementStrategy.PLACEMENT_STRATEGY_UTILIZATION,
            "balanced", PlacementStrategy.PLACEMENT_STRATEGY_BALANCED,
            "minimal", PlacementStrategy.PLACEMENT_STRATEGY_MINIMAL);

    static final Map<String, HealthStrategy> HEALTH = Map.of(
            "none", HealthStrategy.HEALTH_STRATEGY_NONE,
            "migrateOnRed", HealthStrategy.HEALTH_STRATEGY_MIGRATE_ON_RED,
            "onlyGreen", HealthStrategy.HEALTH_STRATEGY_ONLY_GREEN,
            "progressive", HealthStrategy.HEALTH_STRATEGY_PROGRESSIVE,
            "custom", HealthStrategy.HEALTH_STRATEGY_CUSTOM);

    static final Schema<FenceDeviceSpec.Builder> FENCE_DEVICE = new Schema<FenceDeviceSpec.Builder>("a fence device")
            .text("type", "a fence agent: fence_ipmilan", FenceDeviceSpec.Builder::setType)
            .field(
                    "params",
                    "map",
                    "parameters of the fence agent",
                    (device, value, scope) -> scope.textEntries(value, device::putParams))
            .field(
                    "secretParams",
                    "map",
                    "parameter: {file: PATH}",
                    (device, value, scope) -> ResourceSchema.secrets(value, scope, device::putSecretParams))
            .field(
                    "perNode",
                    "map",
                    "node: {parameters for this node}",
                    (device, value, scope) -> scope.entries(value, (entry, inner) -> {
                        FenceTarget.Builder target = FenceTarget.newBuilder();
                        inner.textEntries(entry.value(), target::putParams);
                        device.putPerNode(entry.key(), target.build());
                    }))
            .duration("timeout", "of one attempt; default 40s", FenceDeviceSpec.Builder::setTimeout)
            .later("prove")
            .refuse("action", NO_ACTION);

    static final Schema<FencePlanSpec.Builder> FENCE_PLAN = new Schema<FencePlanSpec.Builder>("a fence plan")
            .field("nodes", "list or all", "nodes that it is for; default all", KindSchemas::planNodes)
            .field(
                    "levels",
                    "list of lists",
                    "devices in order; all of a level must confirm",
                    (plan, value, scope) -> scope.items(
                            value,
                            "a list of levels",
                            (level, inner) ->
                                    plan.addLevels(FenceLevel.newBuilder().addAllDevices(inner.texts(level)))))
            .refuse("action", NO_ACTION);

    static final Schema<NodeSpec.Builder> NODE = new Schema<NodeSpec.Builder>("a node")
            .field(
                    "labels",
                    "map",
                    "for placement: {only: {labels: ...}}",
                    (node, value, scope) -> scope.textEntries(value, node::putLabels))
            .field(
                    "utilization",
                    "map",
                    "what it offers: name: amount",
                    (node, value, scope) -> scope.numberEntries(value, node::putUtilization))
            .later("site", "fence");

    private static final Schema<NodeHealth.Builder> NODE_HEALTH = new Schema<NodeHealth.Builder>("nodeHealth")
            .field(
                    "strategy",
                    "word",
                    "none, migrateOnRed, onlyGreen, progressive or custom",
                    (health, value, scope) -> scope.word(value, HEALTH).ifPresent(health::setStrategy))
            .field("red", "score", "with progressive; default -infinity", score(NodeHealth.Builder::setRed))
            .field("yellow", "score", "with progressive; default 0", score(NodeHealth.Builder::setYellow))
            .field("green", "score", "with progressive; default 0", score(NodeHealth.Builder::setGreen))
            .field("base", "score", "of every node, with progressive; default 0", score(NodeHealth.Builder::setBase));

    static final Schema<SettingsSpec.Builder> SETTINGS = new Schema<SettingsSpec.Builder>("settings")
            .duration("renewEvery", "between two renewals of a node's lease", SettingsSpec.Builder::setRenewEvery)
            .duration("suspectAfter", "silence before a node is suspected", SettingsSpec.Builder::setSuspectAfter)
            .duration("reattachGrace", "for a new agent after the old one died", SettingsSpec.Builder::setReattachGrace)
            .duration("lease", "what a node may run on alone", SettingsSpec.Builder::setLease)
            .duration("bestEffortMargin", "added to the lease", SettingsSpec.Builder::setBestEffortMargin)
            .duration("startupGrace", "after a start of all, before fencing", SettingsSpec.Builder::setStartupGrace)
            .number(
                    "maxFencedSharePercent",
                    "of the nodes, never more without a person",
                    SettingsSpec.Builder::setMaxFencedSharePercent)
            .duration("fenceAttemptTimeout", "of one attempt", SettingsSpec.Builder::setFenceAttemptTimeout)
            .number("fenceRetriesPerLevel", "before the next level", SettingsSpec.Builder::setFenceRetriesPerLevel)
            .duration("fenceBackoffMax", "between two rounds of levels", SettingsSpec.Builder::setFenceBackoffMax)
            .duration("restartBackoffMax", "between two restarts", SettingsSpec.Builder::setRestartBackoffMax)
            .number(
                    "maxStartsPerNode",
                    "starts and promotions at once on a node",
                    SettingsSpec.Builder::setMaxStartsPerNode)
            .number(
                    "maxMigrationsPerNode",
                    "live migrations that a node sends or receives at once",
                    SettingsSpec.Builder::setMaxMigrationsPerNode)
            .number("historyEvents", "how many are kept", SettingsSpec.Builder::setHistoryEvents)
            .field(
                    "nodeHealth",
                    "block",
                    "strategy, and what the colours count",
                    (settings, value, scope) -> NODE_HEALTH.read(value, settings.getNodeHealthBuilder(), scope))
            .field(
                    "placementStrategy",
                    "word",
                    "default, utilization, balanced or minimal",
                    (settings, value, scope) ->
                            scope.word(value, STRATEGIES).ifPresent(settings::setPlacementStrategy));

    private KindSchemas() {}

    private static Schema.Reader<NodeHealth.Builder> score(BiConsumer<NodeHealth.Builder, Integer> setter) {
        return (health, value, scope) ->
                ConstraintSchemas.score(value, scope).ifPresent(score -> setter.accept(health, score));
    }

    private static void planNodes(FencePlanSpec.Builder plan, YamlNode value, Scope scope) {
        if (value instanceof Scalar scalar) {
            if (!scalar.text().equals("all")) {
                scope.problem(
                        value.at(), scope.field() + " wants a list of nodes or all, not " + value.described(), "");
            }
        } else if (value instanceof YamlNode.Mapping) {
            scope.problem(
                    value.at(), "label selectors here are not supported by this version of quorate", "list the nodes");
        } else {
            plan.addAllNodes(scope.texts(value));
            if (plan.getNodesCount() == 0) {
                scope.problem(value.at(), scope.field() + " names no nodes", "name one, or write all");
            }
        }
    }
}
