package io.quorate.client.manifest;

import io.quorate.client.manifest.TreeNode.Fields;
import io.quorate.client.manifest.TreeNode.Items;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.AnyObject;
import io.quorate.v1.FenceDevice;
import io.quorate.v1.FencePlan;
import io.quorate.v1.Group;
import io.quorate.v1.Manifest;
import io.quorate.v1.Node;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Resource;
import io.quorate.v1.SettingsSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Objects of the API as a manifest file that changes nothing when it is applied. Specs only: overrides and status
 * belong to verbs and to the cluster. Comments and the order of fields of the original file are not known here.
 */
public final class ManifestWriter {
    private ManifestWriter() {}

    /** The part of an object that files say. */
    public static Manifest manifest(AnyObject object) {
        return switch (object.getObjectCase()) {
            case RESOURCE -> manifest(object.getResource());
            case GROUP -> manifest(object.getGroup());
            case CLONE ->
                named(object.getClone().getMeta())
                        .setClone(object.getClone().getSpec())
                        .build();
            case FENCE_DEVICE -> manifest(object.getFenceDevice());
            case FENCE_PLAN -> manifest(object.getFencePlan());
            case NODE -> manifest(object.getNode());
            case LOCATION ->
                named(object.getLocation().getMeta())
                        .setLocation(object.getLocation().getSpec())
                        .build();
            case COLOCATION ->
                named(object.getColocation().getMeta())
                        .setColocation(object.getColocation().getSpec())
                        .build();
            case ORDER ->
                named(object.getOrder().getMeta())
                        .setOrder(object.getOrder().getSpec())
                        .build();
            case TICKET_CONSTRAINT ->
                named(object.getTicketConstraint().getMeta())
                        .setTicketConstraint(object.getTicketConstraint().getSpec())
                        .build();
            case OBJECT_NOT_SET -> Manifest.getDefaultInstance();
        };
    }

    /** The part of a resource that files say. */
    public static Manifest manifest(Resource resource) {
        return named(resource.getMeta()).setResource(resource.getSpec()).build();
    }

    /** The part of a group that files say; its members are names. */
    public static Manifest manifest(Group group) {
        return named(group.getMeta()).setGroup(group.getSpec()).build();
    }

    /** The part of a fence device that files say. */
    public static Manifest manifest(FenceDevice device) {
        return named(device.getMeta()).setFenceDevice(device.getSpec()).build();
    }

    /** The part of a fence plan that files say. */
    public static Manifest manifest(FencePlan plan) {
        return named(plan.getMeta()).setFencePlan(plan.getSpec()).build();
    }

    /** The part of a node that files say. */
    public static Manifest manifest(Node node) {
        return named(node.getMeta()).setNode(node.getSpec()).build();
    }

    /** The settings that are set. */
    public static Manifest manifest(SettingsSpec settings) {
        return Manifest.newBuilder().setSettings(settings).build();
    }

    /** Objects as one file, in their order; resources that are members of a group among them stand inside it. */
    public static String writeObjects(List<AnyObject> objects) {
        return write(objects.stream().map(ManifestWriter::manifest).toList());
    }

    /** Manifests as one file, in their order; resources that are members of a group among them stand inside it. */
    public static String write(List<Manifest> manifests) {
        Map<String, Manifest> resources = new HashMap<>();
        manifests.stream()
                .filter(Manifest::hasResource)
                .forEach(resource -> resources.put(resource.getMeta().getName(), resource));
        Set<String> inlined = new HashSet<>();
        for (Manifest manifest : manifests) {
            if (manifest.hasGroup()) {
                manifest.getGroup().getMembersList().stream()
                        .filter(member ->
                                resources.containsKey(member) && belongsInside(manifest, resources.get(member)))
                        .forEach(inlined::add);
            }
        }
        String set = commonSet(manifests);
        List<String> documents = new ArrayList<>();
        if (!set.isEmpty()) {
            documents.add(YamlText.document(new Fields().text("set", set)));
        }
        for (Manifest manifest : manifests) {
            boolean inside = manifest.hasResource()
                    && inlined.contains(manifest.getMeta().getName());
            if (!inside && !SpecTree.kind(manifest).isEmpty()) {
                documents.add(YamlText.document(document(manifest, set, inlined, resources)));
            }
        }
        return String.join("---\n", documents);
    }

    private static Manifest.Builder named(ObjectMeta meta) {
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder()
                        .setName(meta.getName())
                        .setSet(meta.getSet())
                        .putAllLabels(meta.getLabelsMap())
                        .setDescription(meta.getDescription()));
    }

    /** Members with rules or a set of their own stay documents of their own: inside they would lose them. */
    private static boolean belongsInside(Manifest group, Manifest member) {
        return member.getMeta().getSet().equals(group.getMeta().getSet())
                && ManifestRules.checkMember(member.getResource()).isEmpty();
    }

    /** The set of all objects, if they have one in common; settings have none. */
    private static String commonSet(List<Manifest> manifests) {
        Set<String> sets = manifests.stream()
                .filter(manifest -> !manifest.hasSettings())
                .map(manifest -> manifest.getMeta().getSet())
                .collect(Collectors.toSet());
        return sets.size() == 1 ? sets.iterator().next() : "";
    }

    private static Fields document(
            Manifest manifest, String set, Set<String> inlined, Map<String, Manifest> resources) {
        ObjectMeta meta = manifest.getMeta();
        Fields document = new Fields().word("kind", SpecTree.kind(manifest)).text("name", meta.getName());
        if (!meta.getSet().equals(set)) {
            document.text("set", meta.getSet());
        }
        document.fields().putAll(SpecTree.body(manifest).fields());
        if (manifest.hasGroup()) {
            List<TreeNode> members = new ArrayList<>();
            for (String name : manifest.getGroup().getMembersList()) {
                Manifest resource = resources.get(name);
                if (resource != null && inlined.contains(name) && belongsInside(manifest, resource)) {
                    Fields member = new Fields().text("name", name);
                    member.fields().putAll(SpecTree.body(resource).fields());
                    members.add(member);
                } else {
                    members.add(new TreeNode.Text(name));
                }
            }
            document.fields().replace("members", new Items(members));
        }
        return document;
    }
}
