package io.quorate.client.manifest;

import com.google.protobuf.Duration;
import io.quorate.client.manifest.TreeNode.Fields;
import io.quorate.client.manifest.TreeNode.Items;
import io.quorate.client.manifest.TreeNode.Word;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FencePlanSpec;
import io.quorate.v1.Follow;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.HealthCheck;
import io.quorate.v1.Manifest;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OnLostContact;
import io.quorate.v1.Operation;
import io.quorate.v1.Placement;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import io.quorate.v1.SecretRef;
import io.quorate.v1.SettingsSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Messages to the words of the files: the inverse of the schemas, checked against them by a round-trip property. */
final class SpecTree {
    private SpecTree() {}

    static String kind(Manifest manifest) {
        return switch (manifest.getSpecCase()) {
            case RESOURCE -> "Resource";
            case GROUP -> "Group";
            case CLONE -> "Clone";
            case FENCE_DEVICE -> "FenceDevice";
            case FENCE_PLAN -> "FencePlan";
            case NODE -> "Node";
            case LOCATION -> "Location";
            case COLOCATION -> "Colocation";
            case ORDER -> "Order";
            case TICKET_CONSTRAINT -> "TicketConstraint";
            case SETTINGS -> "Settings";
            case SPEC_NOT_SET -> "";
        };
    }

    /** Everything of an object but its kind, name and set. Maps are in the order of their keys. */
    static Fields body(Manifest manifest) {
        Fields body = new Fields().text("description", manifest.getMeta().getDescription());
        body.unlessEmpty("labels", texts(manifest.getMeta().getLabelsMap()));
        switch (manifest.getSpecCase()) {
            case RESOURCE -> resource(manifest.getResource(), body);
            case GROUP -> group(manifest.getGroup(), body);
            case CLONE -> clone(manifest.getClone(), body);
            case FENCE_DEVICE -> fenceDevice(manifest.getFenceDevice(), body);
            case FENCE_PLAN -> fencePlan(manifest.getFencePlan(), body);
            case NODE -> {
                body.unlessEmpty("labels", texts(manifest.getNode().getLabelsMap()));
                body.unlessEmpty("utilization", numbers(manifest.getNode().getUtilizationMap()));
            }
            case SETTINGS -> settings(manifest.getSettings(), body);
            case LOCATION -> ConstraintTree.location(manifest.getLocation(), body);
            case COLOCATION -> ConstraintTree.colocation(manifest.getColocation(), body);
            case ORDER -> ConstraintTree.order(manifest.getOrder(), body);
            case TICKET_CONSTRAINT -> ConstraintTree.ticket(manifest.getTicketConstraint(), body);
            case SPEC_NOT_SET -> {}
        }
        return body;
    }

    private static void resource(ResourceSpec spec, Fields body) {
        switch (spec.getKindCase()) {
            case OCF -> {
                OcfKind ocf = spec.getOcf();
                body.text("type", "ocf:" + ocf.getProvider() + ":" + ocf.getType());
                body.unlessEmpty("params", texts(ocf.getParamsMap()));
                body.unlessEmpty("secretParams", secrets(ocf.getSecretParamsMap()));
            }
            case SYSTEMD -> body.text("type", "systemd:" + spec.getSystemd().getUnit());
            case PROCESS -> body.fields().put("process", process(spec.getProcess()));
            case KIND_NOT_SET -> {}
        }
        operations(spec.getOperationsList(), body);
        flag("liveMigration", spec.getLiveMigration(), body);
        standing(spec.getSafety(), spec.getStopped(), spec.getPriority(), spec.hasFailure(), spec.getFailure(), body);
        body.unlessEmpty("utilization", numbers(spec.getUtilizationMap()));
        if (spec.getNotCritical()) {
            body.word("critical", "false");
        }
        lostContact(spec.getOnLostContact(), body);
        multipleActive(spec.getMultipleActive(), body);
        flag("allowUnhealthyNodes", spec.getAllowUnhealthyNodes(), body);
        rules(spec.hasPlacement(), spec.getPlacement(), spec.hasFollow(), spec.getFollow(), body);
    }

    private static void group(GroupSpec spec, Fields body) {
        body.texts("members", spec.getMembersList());
        standing(spec.getSafety(), spec.getStopped(), spec.getPriority(), spec.hasFailure(), spec.getFailure(), body);
        if (spec.getNotCritical()) {
            body.word("critical", "false");
        }
        lostContact(spec.getOnLostContact(), body);
        multipleActive(spec.getMultipleActive(), body);
        flag("allowUnhealthyNodes", spec.getAllowUnhealthyNodes(), body);
        rules(spec.hasPlacement(), spec.getPlacement(), spec.hasFollow(), spec.getFollow(), body);
    }

    private static void clone(CloneSpec spec, Fields body) {
        body.text("of", spec.getOf());
        Fields instances = new Fields();
        if (spec.hasMax()) {
            instances.word("max", Integer.toString(spec.getMax()));
        }
        if (spec.hasMaxPerNode()) {
            instances.word("maxPerNode", Integer.toString(spec.getMaxPerNode()));
        }
        body.unlessEmpty("instances", instances.number("min", spec.getMin()));
        if (spec.hasPromotable()) {
            body.fields().put("promotable", promotable(spec.getPromotable()));
        }
        flag("interleave", spec.getInterleave(), body);
        flag("ordered", spec.getOrdered(), body);
        flag("globallyUnique", spec.getGloballyUnique(), body);
        flag("notify", spec.getNotify(), body);
        standing(spec.getSafety(), spec.getStopped(), spec.getPriority(), spec.hasFailure(), spec.getFailure(), body);
        if (spec.getNotCritical()) {
            body.word("critical", "false");
        }
        lostContact(spec.getOnLostContact(), body);
        multipleActive(spec.getMultipleActive(), body);
        flag("allowUnhealthyNodes", spec.getAllowUnhealthyNodes(), body);
        rules(spec.hasPlacement(), spec.getPlacement(), spec.hasFollow(), spec.getFollow(), body);
    }

    /** What resources, groups and clones say of whether and how firmly they run. */
    private static void standing(
            Safety safety, boolean stopped, int priority, boolean fails, FailurePolicy failure, Fields body) {
        safety(safety, body);
        flag("stopped", stopped, body);
        body.number("priority", priority);
        if (fails) {
            body.fields().put("failure", failure(failure));
        }
    }

    /** What they say of where they run. */
    private static void rules(boolean placed, Placement placement, boolean follows, Follow follow, Fields body) {
        if (placed) {
            body.fields().put("placement", placement(placement));
        }
        if (follows) {
            body.fields().put("follow", ConstraintTree.follow(follow));
        }
    }

    private static Fields promotable(Promotable promotable) {
        Fields fields = new Fields();
        fields.word("max", Integer.toString(promotable.hasMax() ? promotable.getMax() : 1));
        if (promotable.hasMaxPerNode()) {
            fields.word("maxPerNode", Integer.toString(promotable.getMaxPerNode()));
        }
        return fields;
    }

    private static void flag(String name, boolean is, Fields body) {
        if (is) {
            body.word(name, "true");
        }
    }

    private static Fields process(ProcessKind process) {
        Fields fields = new Fields();
        fields.texts("command", process.getCommandList());
        fields.text("user", process.getUser()).text("workingDirectory", process.getWorkingDirectory());
        fields.unlessEmpty("environment", texts(process.getEnvironmentMap()));
        if (process.hasHealth()) {
            fields.fields().put("health", health(process.getHealth()));
        }
        duration("stopGrace", process.hasStopGrace(), process.getStopGrace(), fields);
        return fields;
    }

    private static Fields health(HealthCheck health) {
        Fields fields = new Fields();
        switch (health.getCheckCase()) {
            case HTTP_URL -> fields.text("http", health.getHttpUrl());
            case TCP_ADDRESS -> fields.text("tcp", health.getTcpAddress());
            case COMMAND -> fields.texts("command", health.getCommand().getArgvList());
            case CHECK_NOT_SET -> {}
        }
        duration("interval", health.hasInterval(), health.getInterval(), fields);
        duration("timeout", health.hasTimeout(), health.getTimeout(), fields);
        fields.number("unhealthyAfter", health.getUnhealthyAfter());
        return fields;
    }

    /** The shortest form that says it: monitor alone, a map by name, or a list when a name is there twice. */
    private static void operations(List<Operation> operations, Fields body) {
        long names = operations.stream().map(Operation::getName).distinct().count();
        if (operations.size() == 1 && operations.get(0).getName().equals("monitor")) {
            body.fields().put("monitor", operation(operations.get(0), new Fields()));
        } else if (names == operations.size()) {
            Fields byName = new Fields();
            operations.forEach(one -> byName.fields().put(one.getName(), operation(one, new Fields())));
            body.unlessEmpty("operations", byName);
        } else {
            List<TreeNode> items = new ArrayList<>();
            operations.forEach(one -> items.add(operation(one, new Fields().text("name", one.getName()))));
            body.fields().put("operations", new Items(items));
        }
    }

    private static Fields operation(Operation operation, Fields fields) {
        if (operation.getRoleValue() != 0) {
            fields.word("role", wordOf(OperationSchemas.ROLES, operation.getRole(), operation.getRoleValue()));
        }
        duration("interval", operation.hasInterval(), operation.getInterval(), fields);
        duration("timeout", operation.hasTimeout(), operation.getTimeout(), fields);
        if (operation.getOnFailValue() != 0) {
            fields.word("onFail", wordOf(OperationSchemas.ON_FAIL, operation.getOnFail(), operation.getOnFailValue()));
        }
        return fields.number("depth", operation.getDepth());
    }

    private static void safety(Safety safety, Fields body) {
        if (safety != Safety.SAFETY_UNSPECIFIED) {
            body.word("safety", wordOf(UnitSchemas.SAFETY, safety, 0));
        }
    }

    private static void lostContact(OnLostContact said, Fields body) {
        if (said != OnLostContact.ON_LOST_CONTACT_UNSPECIFIED) {
            body.word("onLostContact", wordOf(UnitSchemas.LOST_CONTACT, said, 0));
        }
    }

    private static void multipleActive(MultipleActive said, Fields body) {
        if (said != MultipleActive.MULTIPLE_ACTIVE_UNSPECIFIED) {
            body.word("multipleActive", wordOf(UnitSchemas.MULTIPLE_ACTIVE, said, 0));
        }
    }

    private static Fields failure(FailurePolicy failure) {
        Fields fields = new Fields();
        if (failure.hasMoveAfter()) {
            fields.word("moveAfter", Integer.toString(failure.getMoveAfter()));
        }
        duration("forgetAfter", failure.hasForgetAfter(), failure.getForgetAfter(), fields);
        return fields;
    }

    private static Fields placement(Placement placement) {
        Fields prefer = new Fields();
        new TreeMap<>(placement.getPreferMap()).forEach((node, score) -> prefer.word(node, Integer.toString(score)));
        Fields fields = new Fields().unlessEmpty("prefer", prefer).texts("only", placement.getOnlyList());
        if (placement.getOnlyLabelsCount() > 0) {
            fields.unlessEmpty("only", new Fields().unlessEmpty("labels", texts(placement.getOnlyLabelsMap())));
        }
        fields.texts("avoid", placement.getAvoidList());
        ConstraintTree.neighbours("near", placement.getNearMap(), fields);
        ConstraintTree.neighbours("apartFrom", placement.getApartFromMap(), fields);
        if (placement.hasStickiness()) {
            fields.word("stickiness", Integer.toString(placement.getStickiness()));
        }
        return fields;
    }

    private static void fenceDevice(FenceDeviceSpec device, Fields body) {
        body.text("type", device.getType());
        body.unlessEmpty("params", texts(device.getParamsMap()));
        body.unlessEmpty("secretParams", secrets(device.getSecretParamsMap()));
        Fields rows = new Fields();
        new TreeMap<>(device.getPerNodeMap())
                .forEach((node, row) -> rows.fields().put(node, texts(row.getParamsMap())));
        body.unlessEmpty("perNode", rows);
        duration("timeout", device.hasTimeout(), device.getTimeout(), body);
    }

    private static void fencePlan(FencePlanSpec plan, Fields body) {
        if (plan.getNodesCount() == 0) {
            body.word("nodes", "all");
        }
        body.texts("nodes", plan.getNodesList());
        List<TreeNode> levels = new ArrayList<>();
        plan.getLevelsList().forEach(level -> levels.add(Items.ofTexts(level.getDevicesList())));
        body.fields().put("levels", new Items(levels));
    }

    private static void settings(SettingsSpec settings, Fields body) {
        duration("renewEvery", settings.hasRenewEvery(), settings.getRenewEvery(), body);
        duration("suspectAfter", settings.hasSuspectAfter(), settings.getSuspectAfter(), body);
        duration("reattachGrace", settings.hasReattachGrace(), settings.getReattachGrace(), body);
        duration("lease", settings.hasLease(), settings.getLease(), body);
        duration("bestEffortMargin", settings.hasBestEffortMargin(), settings.getBestEffortMargin(), body);
        duration("startupGrace", settings.hasStartupGrace(), settings.getStartupGrace(), body);
        if (settings.hasMaxFencedSharePercent()) {
            body.word("maxFencedSharePercent", Integer.toString(settings.getMaxFencedSharePercent()));
        }
        duration("fenceAttemptTimeout", settings.hasFenceAttemptTimeout(), settings.getFenceAttemptTimeout(), body);
        if (settings.hasFenceRetriesPerLevel()) {
            body.word("fenceRetriesPerLevel", Integer.toString(settings.getFenceRetriesPerLevel()));
        }
        duration("fenceBackoffMax", settings.hasFenceBackoffMax(), settings.getFenceBackoffMax(), body);
        duration("restartBackoffMax", settings.hasRestartBackoffMax(), settings.getRestartBackoffMax(), body);
        if (settings.hasMaxMigrationsPerNode()) {
            body.word("maxMigrationsPerNode", Integer.toString(settings.getMaxMigrationsPerNode()));
        }
        if (settings.hasMaxStartsPerNode()) {
            body.word("maxStartsPerNode", Integer.toString(settings.getMaxStartsPerNode()));
        }
        if (settings.hasHistoryEvents()) {
            body.word("historyEvents", Integer.toString(settings.getHistoryEvents()));
        }
        body.unlessEmpty("nodeHealth", health(settings.getNodeHealth()));
        if (settings.getPlacementStrategyValue() != 0) {
            body.word(
                    "placementStrategy",
                    wordOf(
                            KindSchemas.STRATEGIES,
                            settings.getPlacementStrategy(),
                            settings.getPlacementStrategyValue()));
        }
    }

    private static Fields health(NodeHealth health) {
        Fields fields = new Fields();
        if (health.getStrategyValue() != 0) {
            fields.word("strategy", wordOf(KindSchemas.HEALTH, health.getStrategy(), health.getStrategyValue()));
        }
        score("red", health.hasRed(), health.getRed(), fields);
        score("yellow", health.hasYellow(), health.getYellow(), fields);
        score("green", health.hasGreen(), health.getGreen(), fields);
        score("base", health.hasBase(), health.getBase(), fields);
        return fields;
    }

    private static void score(String name, boolean present, int score, Fields fields) {
        if (present) {
            fields.word(name, ConstraintTree.score(score));
        }
    }

    private static void duration(String name, boolean present, Duration value, Fields fields) {
        if (present) {
            fields.word(name, DurationText.format(value));
        }
    }

    private static Fields texts(Map<String, String> map) {
        Fields fields = new Fields();
        new TreeMap<>(map).forEach((key, value) -> fields.fields().put(key, new TreeNode.Text(value)));
        return fields;
    }

    private static Fields numbers(Map<String, Long> map) {
        Fields fields = new Fields();
        new TreeMap<>(map).forEach((key, value) -> fields.fields().put(key, new Word(Long.toString(value))));
        return fields;
    }

    private static Fields secrets(Map<String, SecretRef> map) {
        Fields fields = new Fields();
        new TreeMap<>(map)
                .forEach((key, value) -> fields.fields().put(key, new Fields().text("file", value.getFile())));
        return fields;
    }

    /** The word of a value; its number where this version has no word for it, so that nothing is hidden. */
    static <T> String wordOf(Map<String, T> words, T value, int number) {
        return words.entrySet().stream()
                .filter(entry -> entry.getValue().equals(value))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("unknown-" + number);
    }
}
