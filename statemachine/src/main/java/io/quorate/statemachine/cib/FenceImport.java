package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.FencePlanSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.SecretRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Fence devices with a row for each node that they switch, and the order in which they are tried. */
final class FenceImport {
    private final Cib cib;
    private final Findings findings;
    private final List<String> nodes;
    private final Set<String> devices = new TreeSet<>();

    FenceImport(Cib cib, Findings findings) {
        this.cib = cib;
        this.findings = findings;
        this.nodes = cib.section("nodes").children("node").stream()
                .filter(node -> !node.get("type").equals("remote"))
                .map(node -> node.get("uname"))
                .toList();
    }

    List<Manifest> read() {
        List<Manifest> manifests = new ArrayList<>();
        for (Item item : cib.primitives()) {
            if (item.isFenceDevice()) {
                device(item, manifests);
            }
        }
        plans(manifests);
        return manifests;
    }

    private void device(Item item, List<Manifest> manifests) {
        Element element = cib.element(item.id()).orElseThrow();
        String subject = "fence device " + item.id();
        String type = item.agent().substring(item.agent().lastIndexOf(':') + 1);
        if (!type.startsWith("fence_") || type.equals("fence_watchdog")) {
            findings.protectionLost(
                    element, subject, type + " is not a fence agent (fence_*): find one for the same device");
            return;
        }
        if (item.targetRole().equals("stopped")) {
            findings.lost(element, subject, "it is disabled, and a device that is there is used: it was left out");
            return;
        }
        FenceDeviceSpec.Builder spec = FenceDeviceSpec.newBuilder().setType(type);
        SortedMap<String, String> params = cib.parameters(element);
        SortedMap<String, String> rows = rows(params);
        params.forEach((name, value) -> parameter(element, subject, item.id(), name, value, spec));
        if (rows.isEmpty()) {
            nodes.forEach(node -> rows.put(node, node));
            findings.changed(
                    element,
                    subject,
                    "it asked the device for its list: it got a row for every node with plug: its name; check them");
        } else {
            findings.kept(element, subject, "a fence device with a row for each node");
        }
        rows.forEach((node, plug) -> spec.putPerNode(
                node, FenceTarget.newBuilder().putParams("plug", plug).build()));
        item.operations()
                .forEach(operation -> findings.changed(
                        element,
                        subject + " operation " + operation.name(),
                        "devices are not monitored as services: `quorate fence check` proves every path"));
        devices.add(item.id());
        manifests.add(Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(item.id()))
                .setFenceDevice(spec)
                .build());
    }

    /** Node: what the device calls it. */
    private static SortedMap<String, String> rows(SortedMap<String, String> params) {
        SortedMap<String, String> rows = new TreeMap<>();
        for (String node : params.getOrDefault("pcmk_host_list", "").split("[\\s,;]+", -1)) {
            if (!node.isEmpty()) {
                rows.put(node, node);
            }
        }
        for (String row : params.getOrDefault("pcmk_host_map", "").split("[\\s;]+", -1)) {
            int colon = row.indexOf(':') >= 0 ? row.indexOf(':') : row.indexOf('=');
            if (colon > 0) {
                rows.put(row.substring(0, colon), row.substring(colon + 1));
            }
        }
        return rows;
    }

    private void parameter(
            Element element, String subject, String id, String name, String value, FenceDeviceSpec.Builder spec) {
        String about = subject + " parameter " + name;
        switch (name) {
            case "pcmk_host_list", "pcmk_host_map", "pcmk_host_check" ->
                findings.changed(element, about, "the rows of perNode");
            case "action", "option", "pcmk_reboot_action", "pcmk_off_action" ->
                findings.changed(element, about, "fencing is always off, read back");
            case "pcmk_off_timeout", "pcmk_reboot_timeout" -> {
                long millis = Values.millis(value).orElse(0);
                if (millis > 0) {
                    spec.setTimeout(Settings.duration(millis));
                    findings.changed(element, about, "timeout of the device");
                } else {
                    findings.lost(element, about, "'" + value + "' is not a duration");
                }
            }
            default -> {
                if (name.startsWith("pcmk_delay")) {
                    findings.changed(element, about, "nobody races: a majority decides who is fenced");
                } else if (name.startsWith("pcmk_")) {
                    findings.lost(element, about, "it is Pacemaker's own and has no counterpart");
                } else if (ManifestRules.isSecretName(name)) {
                    String file = secretFile(id, name);
                    spec.putSecretParams(
                            name, SecretRef.newBuilder().setFile(file).build());
                    findings.changed(element, about, secret(file));
                } else {
                    spec.putParams(name, value);
                    findings.kept(element, about, "params of the device");
                }
            }
        }
    }

    /** Where a secret of an object is kept on each node. */
    static String secretFile(String id, String name) {
        return "/etc/quorate/secrets/" + id + "-" + name;
    }

    static String secret(String file) {
        return "secrets do not stand in files that are copied: write its value into " + file
                + " on each node, readable by root alone";
    }

    private void plans(List<Manifest> manifests) {
        SortedMap<String, SortedMap<Integer, List<String>>> byNode = new TreeMap<>();
        for (Element level : cib.section("fencing-topology").children("fencing-level")) {
            List<String> targets = targets(level);
            List<String> names = List.of(level.get("devices").split("[\\s,]+", -1));
            String subject = "fencing level " + level.id();
            if (!devices.containsAll(names)) {
                findings.protectionLost(level, subject, "it names a device that was not taken over");
                continue;
            }
            int index = (int) Values.leadingNumber(level.get("index"));
            targets.forEach(node ->
                    byNode.computeIfAbsent(node, key -> new TreeMap<>()).merge(index, names, FenceImport::joined));
            findings.kept(level, subject, "a level of the fence plan of " + String.join(", ", targets));
        }
        byNode.forEach((node, levels) -> {
            FencePlanSpec.Builder plan = FencePlanSpec.newBuilder().addNodes(node);
            levels.values()
                    .forEach(names -> plan.addLevels(FenceLevel.newBuilder().addAllDevices(names)));
            manifests.add(Manifest.newBuilder()
                    .setMeta(ObjectMeta.newBuilder().setName("fence-" + node))
                    .setFencePlan(plan)
                    .build());
        });
    }

    private static List<String> joined(List<String> one, List<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    private List<String> targets(Element level) {
        if (level.has("target")) {
            return List.of(level.get("target"));
        }
        if (level.has("target-pattern")) {
            try {
                Pattern pattern = Pattern.compile(level.get("target-pattern"), Pattern.CASE_INSENSITIVE);
                return nodes.stream()
                        .filter(node -> pattern.matcher(node).find())
                        .toList();
            } catch (PatternSyntaxException e) {
                return List.of();
            }
        }
        return cib.section("nodes").children("node").stream()
                .filter(node -> level.get("target-value")
                        .toLowerCase(Locale.ROOT)
                        .equals(cib.sets()
                                .of(node, "instance_attributes", cib.context())
                                .getOrDefault(level.get("target-attribute"), "")
                                .toLowerCase(Locale.ROOT)))
                .map(node -> node.get("uname"))
                .toList();
    }
}
