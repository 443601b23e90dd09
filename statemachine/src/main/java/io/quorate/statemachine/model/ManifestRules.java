package io.quorate.statemachine.model;

import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.FencePlanSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.Manifest;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OnLostContact;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The rules that objects satisfy by themselves, whatever the state of the cluster: names, ranges, sizes, secrets,
 * membership. Pure and deterministic. A client checks files with them before it calls a server; the state machine
 * checks every apply with them again. References to objects that are not at hand are the state machine's business.
 * Durations of settings have hard limits of their own in {@code Settings}.
 */
public final class ManifestRules {
    private static final Pattern FENCE_TYPE = Pattern.compile("fence_[A-Za-z0-9_]{1,57}");
    private static final List<String> FENCE_ACTIONS = List.of("action", "option", "o");

    private ManifestRules() {}

    /** Whether the text can name an object, a node or a set. */
    public static boolean isName(String text) {
        return FieldChecks.NAME.matcher(text).matches();
    }

    /** Whether the text can name a parameter of an agent. */
    public static boolean isParameterName(String text) {
        return FieldChecks.PARAMETER_NAME.matcher(text).matches();
    }

    /** Whether a parameter of this name holds a secret by convention: it must be a reference to a file. */
    public static boolean isSecretName(String name) {
        return FieldChecks.isSecretName(name);
    }

    /** The key of an object in the state: "resources/web"; "settings" for the singleton, empty without a spec. */
    public static String key(Manifest manifest) {
        String name = manifest.getMeta().getName();
        return switch (manifest.getSpecCase()) {
            case RESOURCE -> "resources/" + name;
            case GROUP -> "groups/" + name;
            case CLONE -> Keys.clone(name);
            case FENCE_DEVICE -> "fenceDevices/" + name;
            case FENCE_PLAN -> "fencePlans/" + name;
            case NODE -> "nodes/" + name;
            case LOCATION, COLOCATION, ORDER, TICKET_CONSTRAINT -> Keys.of(manifest);
            case SETTINGS -> "settings";
            case SPEC_NOT_SET -> "";
        };
    }

    /** Where an object is written, as in {@code web.yaml:17:12}; empty when nobody said. */
    public static String place(Manifest manifest) {
        return manifest.getSource().isEmpty()
                ? ""
                : manifest.getSource() + ":" + manifest.getLine() + ":" + manifest.getColumn();
    }

    /** Violations of one object by itself; at most {@link ManifestLimits#MAX_VIOLATIONS}. */
    public static List<Violation> check(Manifest manifest) {
        return check(manifest, 0);
    }

    /** Violations of several objects that are applied together: each by itself, then duplicates and membership. */
    public static List<Violation> checkTogether(List<Manifest> manifests) {
        List<Violation> found = new ArrayList<>();
        for (int i = 0; i < manifests.size() && found.size() < ManifestLimits.MAX_VIOLATIONS; i++) {
            found.addAll(check(manifests.get(i), i));
        }
        found.addAll(duplicates(manifests));
        found.addAll(membership(manifests));
        found.addAll(copies(manifests));
        return List.copyOf(found.subList(0, Math.min(found.size(), ManifestLimits.MAX_VIOLATIONS)));
    }

    /** What a resource may not say while it is a member: the group decides it for all of them. */
    public static List<Violation> checkMember(ResourceSpec spec) {
        return memberFields(spec, 0, "its group", -1);
    }

    private static List<Violation> check(Manifest manifest, int index) {
        FieldChecks checks = new FieldChecks(index);
        // A huge object is refused before its fields are looked at: the work of a check stays bounded.
        if (manifest.getSerializedSize() > ManifestLimits.MAX_OBJECT_BYTES) {
            checks.add(
                    "",
                    "the object is larger than " + ManifestLimits.MAX_OBJECT_BYTES / 1024 + " KiB",
                    "keep large values in files on the nodes");
            return checks.found();
        }
        meta(manifest, checks);
        ResourceRules resources = new ResourceRules(checks);
        ConstraintRules constraints = new ConstraintRules(checks);
        switch (manifest.getSpecCase()) {
            case RESOURCE -> {
                resources.resource(manifest.getResource());
                safety(manifest.getResource().getSafety(), checks);
                multipleActive(manifest.getResource().getMultipleActive(), checks);
                lostContact(
                        manifest.getResource().getOnLostContact(),
                        manifest.getResource().getSafety(),
                        checks);
                constraints.shortForms(
                        manifest.getMeta().getName(),
                        manifest.getResource().getPlacement(),
                        manifest.getResource().getFollow(),
                        manifest.getResource().hasFollow());
            }
            case GROUP -> {
                group(manifest, checks, resources);
                constraints.shortForms(
                        manifest.getMeta().getName(),
                        manifest.getGroup().getPlacement(),
                        manifest.getGroup().getFollow(),
                        manifest.getGroup().hasFollow());
            }
            case CLONE -> {
                new CloneRules(checks, resources).clone(manifest.getMeta().getName(), manifest.getClone());
                safety(manifest.getClone().getSafety(), checks);
                multipleActive(manifest.getClone().getMultipleActive(), checks);
                lostContact(
                        manifest.getClone().getOnLostContact(),
                        manifest.getClone().getSafety(),
                        checks);
                constraints.shortForms(
                        manifest.getMeta().getName(),
                        manifest.getClone().getPlacement(),
                        manifest.getClone().getFollow(),
                        manifest.getClone().hasFollow());
            }
            case FENCE_DEVICE -> fenceDevice(manifest.getFenceDevice(), checks, resources);
            case FENCE_PLAN -> fencePlan(manifest.getFencePlan(), checks);
            case NODE -> node(manifest.getNode(), checks);
            case LOCATION -> constraints.location(manifest.getLocation());
            case COLOCATION -> constraints.colocation(manifest.getColocation());
            case ORDER -> constraints.order(manifest.getOrder());
            case TICKET_CONSTRAINT -> constraints.ticket(manifest.getTicketConstraint());
            case SETTINGS -> settings(manifest.getSettings(), checks);
            case SPEC_NOT_SET -> checks.add("", "the object has no spec", "");
        }
        return checks.found();
    }

    private static void meta(Manifest manifest, FieldChecks checks) {
        ObjectMeta meta = manifest.getMeta();
        if (!manifest.hasSettings() || !meta.getName().isEmpty()) {
            checks.name("name", meta.getName());
        }
        if (!meta.getSet().isEmpty()) {
            checks.name("set", meta.getSet());
        }
        checks.labels("labels", meta.getLabelsMap());
        checks.noNul("description", meta.getDescription());
        checks.noLongerThan("description", meta.getDescription(), ManifestLimits.MAX_DESCRIPTION_BYTES);
        ObjectMeta written = ObjectMeta.newBuilder()
                .setName(meta.getName())
                .setSet(meta.getSet())
                .putAllLabels(meta.getLabelsMap())
                .setDescription(meta.getDescription())
                .build();
        if (!written.equals(meta)) {
            checks.add("", "uid, revisions and times are output only", "leave them out");
        }
    }

    private static void safety(Safety safety, FieldChecks checks) {
        if (safety == Safety.UNRECOGNIZED) {
            checks.add("safety", "this value is not supported by this version", "write exclusive or bestEffort");
        }
    }

    /** A lease frees what is bestEffort: a node that kept it would run it beside the next one. */
    private static void lostContact(OnLostContact said, Safety safety, FieldChecks checks) {
        if (said == OnLostContact.UNRECOGNIZED) {
            checks.add("onLostContact", "this value is not supported by this version", "write keep or stop");
        } else if (said == OnLostContact.ON_LOST_CONTACT_KEEP && safety == Safety.SAFETY_BEST_EFFORT) {
            checks.add(
                    "onLostContact",
                    "what is bestEffort moves when its node's lease is over: kept there it would run twice",
                    "write stop, or safety: exclusive");
        }
    }

    private static void multipleActive(MultipleActive said, FieldChecks checks) {
        if (said == MultipleActive.UNRECOGNIZED) {
            checks.add(
                    "multipleActive",
                    "this value is not supported by this version",
                    "write block, stopUnexpected or stopAndStart");
        }
    }

    private static void settings(SettingsSpec settings, FieldChecks checks) {
        if (settings.getPlacementStrategy() == PlacementStrategy.UNRECOGNIZED) {
            checks.add(
                    "placementStrategy",
                    "this value is not supported by this version",
                    "write default, utilization, balanced or minimal");
        }
        NodeHealth health = settings.getNodeHealth();
        if (health.getStrategy() == HealthStrategy.UNRECOGNIZED) {
            checks.add(
                    "nodeHealth.strategy",
                    "this value is not supported by this version",
                    "write none, migrateOnRed, onlyGreen, progressive or custom");
        }
        checks.score("nodeHealth.red", health.getRed());
        checks.score("nodeHealth.yellow", health.getYellow());
        checks.score("nodeHealth.green", health.getGreen());
        checks.score("nodeHealth.base", health.getBase());
    }

    private static void group(Manifest manifest, FieldChecks checks, ResourceRules resources) {
        GroupSpec group = manifest.getGroup();
        if (group.getMembersCount() == 0) {
            checks.add("members", "a group without members does nothing", "list its resources in start order");
        }
        checks.names("members", group.getMembersList(), ManifestLimits.MAX_MEMBERS);
        int self = group.getMembersList().indexOf(manifest.getMeta().getName());
        if (self >= 0) {
            checks.add(
                    "members[" + self + "]", "the group is a member of itself", "give group and resource other names");
        }
        safety(group.getSafety(), checks);
        multipleActive(group.getMultipleActive(), checks);
        lostContact(group.getOnLostContact(), group.getSafety(), checks);
        checks.score("priority", group.getPriority());
        resources.failure(group.getFailure());
        resources.placement(group.getPlacement());
    }

    private static void fenceDevice(FenceDeviceSpec device, FieldChecks checks, ResourceRules resources) {
        if (!FENCE_TYPE.matcher(device.getType()).matches()) {
            checks.add(
                    "type",
                    "'" + FieldChecks.shown(device.getType()) + "' is not a fence agent",
                    "write its name, for example fence_ipmilan");
        }
        resources.parameters(device.getParamsMap(), device.getSecretParamsMap());
        fenceParameters("params", device.getParamsMap(), checks);
        if (device.getPerNodeCount() == 0) {
            checks.add(
                    "perNode",
                    "the device switches no node",
                    "write a row for each node: perNode: {n1: {plug: \"1\"}}");
        }
        if (checks.atMost("perNode", device.getPerNodeCount(), ManifestLimits.MAX_NODES, "nodes")) {
            for (Map.Entry<String, FenceTarget> row : new TreeMap<>(device.getPerNodeMap()).entrySet()) {
                String at = "perNode." + row.getKey();
                checks.name(at, row.getKey());
                checks.atMost(at, row.getValue().getParamsCount(), ManifestLimits.MAX_PARAMETERS, "parameters");
                resources.params(at, row.getValue().getParamsMap());
                fenceParameters(at, row.getValue().getParamsMap(), checks);
            }
        }
        if (device.hasTimeout()) {
            checks.timeout("timeout", device.getTimeout());
        }
    }

    private static void fenceParameters(String field, Map<String, String> params, FieldChecks checks) {
        for (String name : new TreeMap<>(params).keySet()) {
            if (FENCE_ACTIONS.contains(name)) {
                checks.add(
                        field + "." + name,
                        "fencing is always off, read back: a device has no action of its own",
                        "remove it");
            } else if (name.startsWith("pcmk_")) {
                checks.add(field + "." + name, "'" + name + "' is Pacemaker's own", "write rows in perNode instead");
            }
        }
    }

    private static void fencePlan(FencePlanSpec plan, FieldChecks checks) {
        checks.names("nodes", plan.getNodesList(), ManifestLimits.MAX_NODES);
        if (plan.getLevelsCount() == 0) {
            checks.add("levels", "the plan has no levels", "list devices in order: levels: [[ipmi], [pdu-a, pdu-b]]");
        }
        if (checks.atMost("levels", plan.getLevelsCount(), ManifestLimits.MAX_FENCE_LEVELS, "levels")) {
            for (int i = 0; i < plan.getLevelsCount(); i++) {
                FenceLevel level = plan.getLevels(i);
                String at = "levels[" + i + "]";
                if (level.getDevicesCount() == 0) {
                    checks.add(at, "the level names no device", "name one or remove the level");
                }
                checks.names(at, level.getDevicesList(), ManifestLimits.MAX_DEVICES_PER_LEVEL);
            }
        }
    }

    private static void node(NodeSpec node, FieldChecks checks) {
        checks.labels("labels", node.getLabelsMap());
        checks.utilization("utilization", node.getUtilizationMap());
    }

    private static List<Violation> duplicates(List<Manifest> manifests) {
        List<Violation> found = new ArrayList<>();
        Map<String, Integer> byKey = new TreeMap<>();
        Map<String, Integer> units = new TreeMap<>();
        for (int i = 0; i < manifests.size(); i++) {
            String key = ManifestRules.key(manifests.get(i));
            Integer first = byKey.putIfAbsent(key, i);
            if (first != null && !key.isEmpty()) {
                found.add(new Violation(i, "name", key + " is defined twice", "remove one", first));
                continue;
            }
            Manifest manifest = manifests.get(i);
            if (manifest.hasResource() || manifest.hasGroup() || manifest.hasClone()) {
                String name = manifest.getMeta().getName();
                Integer other = units.putIfAbsent(name, i);
                if (other != null) {
                    String message = "the name '" + FieldChecks.shown(name) + "' is that of another unit too";
                    found.add(new Violation(i, "name", message, "rename one", other));
                }
            }
        }
        return found;
    }

    /** What a clone copies is in no other unit, and leaves to the clone what only units decide. */
    private static List<Violation> copies(List<Manifest> manifests) {
        Map<String, Integer> copiedBy = new TreeMap<>();
        Map<String, Integer> memberOf = new TreeMap<>();
        Map<String, Integer> byName = new TreeMap<>();
        for (int i = 0; i < manifests.size(); i++) {
            Manifest manifest = manifests.get(i);
            for (String member : manifest.getGroup().getMembersList()) {
                memberOf.putIfAbsent(member, i);
            }
            if (manifest.hasGroup() || manifest.hasResource()) {
                byName.putIfAbsent(manifest.getMeta().getName(), i);
            }
        }
        List<Violation> found = new ArrayList<>();
        for (int i = 0; i < manifests.size(); i++) {
            Manifest clone = manifests.get(i);
            String of = clone.getClone().getOf();
            if (of.isEmpty()) {
                continue;
            }
            Integer other = copiedBy.putIfAbsent(of, i);
            Integer group = memberOf.get(of);
            if (other != null) {
                String message = "'" + FieldChecks.shown(of) + "' is copied by clone '"
                        + manifests.get(other).getMeta().getName() + "' too";
                found.add(new Violation(i, "of", message, "one clone makes all its copies", other));
            } else if (group != null) {
                String message = "'" + FieldChecks.shown(of) + "' is a member of group '"
                        + manifests.get(group).getMeta().getName() + "'";
                found.add(new Violation(i, "of", message, "make copies of the group", group));
            }
            Integer copied = byName.get(of);
            if (copied != null) {
                found.addAll(copied(manifests, i, copied));
            }
        }
        return found;
    }

    private static List<Violation> copied(List<Manifest> manifests, int clone, int inner) {
        Manifest copied = manifests.get(inner);
        String who = "clone '" + manifests.get(clone).getMeta().getName() + "'";
        if (copied.hasResource()) {
            return memberFields(copied.getResource(), inner, who, clone);
        }
        List<Violation> found = new ArrayList<>(innerFields(unitFields(copied.getGroup()), inner, who, clone));
        if (manifests.get(clone).getClone().hasPromotable()) {
            String message = "copies of a group cannot be promoted";
            found.add(new Violation(clone, "promotable", message, "make copies of one resource", inner));
        }
        return found;
    }

    private static List<Violation> membership(List<Manifest> manifests) {
        Map<String, Integer> groups = new TreeMap<>();
        Map<String, Integer> resources = new TreeMap<>();
        for (int i = 0; i < manifests.size(); i++) {
            if (manifests.get(i).hasGroup()) {
                groups.putIfAbsent(manifests.get(i).getMeta().getName(), i);
            } else if (manifests.get(i).hasResource()) {
                resources.putIfAbsent(manifests.get(i).getMeta().getName(), i);
            }
        }
        List<Violation> found = new ArrayList<>();
        Map<String, Integer> memberOf = new TreeMap<>();
        for (int i = 0; i < manifests.size(); i++) {
            if (!manifests.get(i).hasGroup()) {
                continue;
            }
            GroupSpec group = manifests.get(i).getGroup();
            String groupName = manifests.get(i).getMeta().getName();
            for (int m = 0; m < group.getMembersCount(); m++) {
                String member = group.getMembers(m);
                String at = "members[" + m + "]";
                if (groups.containsKey(member) && !member.equals(groupName)) {
                    String message = "'" + FieldChecks.shown(member) + "' is a group: groups have resources as members";
                    found.add(new Violation(i, at, message, "list its members here", groups.get(member)));
                }
                Integer other = memberOf.putIfAbsent(member, i);
                if (other != null && other != i) {
                    String message = "'" + FieldChecks.shown(member) + "' is a member of group '"
                            + manifests.get(other).getMeta().getName() + "' too";
                    found.add(new Violation(i, at, message, "a resource is in one group at most", other));
                }
                Integer resource = resources.get(member);
                if (resource != null) {
                    found.addAll(memberFields(
                            manifests.get(resource).getResource(), resource, "group '" + groupName + "'", i));
                }
            }
        }
        return found;
    }

    private static List<Violation> memberFields(ResourceSpec spec, int index, String group, int groupIndex) {
        Map<String, Boolean> said = new TreeMap<>();
        said.put("safety", spec.getSafetyValue() != 0);
        said.put("stopped", spec.getStopped());
        said.put("priority", spec.getPriority() != 0);
        said.put("failure", spec.hasFailure());
        said.put("placement", spec.hasPlacement());
        said.put("follow", spec.hasFollow());
        said.put("critical", spec.getNotCritical());
        said.put("onLostContact", spec.getOnLostContactValue() != 0);
        said.put("multipleActive", spec.getMultipleActiveValue() != 0);
        said.put("allowUnhealthyNodes", spec.getAllowUnhealthyNodes());
        List<Violation> found = new ArrayList<>(innerFields(said, index, group, groupIndex));
        if (spec.getLiveMigration()) {
            String message = "'liveMigration' counts for nothing here: what " + group
                    + " runs is stopped and started to be moved";
            found.add(new Violation(
                    index, "liveMigration", message, "remove it, or take the resource out of there", groupIndex));
        }
        return found;
    }

    private static Map<String, Boolean> unitFields(GroupSpec spec) {
        Map<String, Boolean> said = new TreeMap<>();
        said.put("safety", spec.getSafetyValue() != 0);
        said.put("stopped", spec.getStopped());
        said.put("priority", spec.getPriority() != 0);
        said.put("failure", spec.hasFailure());
        said.put("placement", spec.hasPlacement());
        said.put("follow", spec.hasFollow());
        said.put("critical", spec.getNotCritical());
        said.put("onLostContact", spec.getOnLostContactValue() != 0);
        said.put("multipleActive", spec.getMultipleActiveValue() != 0);
        said.put("allowUnhealthyNodes", spec.getAllowUnhealthyNodes());
        return said;
    }

    private static List<Violation> innerFields(Map<String, Boolean> said, int index, String unit, int unitIndex) {
        List<Violation> found = new ArrayList<>();
        said.forEach((field, present) -> {
            if (present) {
                // The colocations of a member are those of its group.
                boolean placedAsOne = field.equals("critical") && !unit.startsWith("clone ");
                String why = placedAsOne ? " is placed as one" : " decides it";
                String message = "'" + field + "' counts for nothing here: " + unit + why;
                found.add(new Violation(index, field, message, "write it there", unitIndex));
            }
        });
        return found;
    }
}
