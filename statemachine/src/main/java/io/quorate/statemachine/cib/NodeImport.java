package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Attributes of nodes become labels, capacities stay capacities. */
final class NodeImport {
    private final Cib cib;
    private final Findings findings;

    NodeImport(Cib cib, Findings findings) {
        this.cib = cib;
        this.findings = findings;
    }

    List<Manifest> read() {
        List<Manifest> manifests = new ArrayList<>();
        for (Element node : cib.section("nodes").children()) {
            String name = node.get("uname");
            if (node.get("type").equals("remote")) {
                findings.lost(node, "node " + name, "remote nodes are nodes like others here: run an agent on it");
                continue;
            }
            findings.kept(node, "node " + name, "it is a node as soon as its agent has joined under this name");
            NodeSpec.Builder spec = NodeSpec.newBuilder();
            labels(node, name, spec);
            SortedMap<String, String> capacity = cib.sets().of(node, "utilization", cib.context());
            capacity.forEach((what, amount) -> {
                spec.putUtilization(what, Values.leadingNumber(amount));
                findings.kept(node, "node " + name + " utilization " + what, "utilization of the node");
            });
            if (!spec.build().equals(NodeSpec.getDefaultInstance())) {
                manifests.add(Manifest.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName(name))
                        .setNode(spec)
                        .build());
            }
        }
        return manifests;
    }

    private void labels(Element node, String name, NodeSpec.Builder spec) {
        SortedMap<String, String> attributes = cib.sets().of(node, "instance_attributes", cib.context());
        attributes.forEach((attribute, value) -> {
            String subject = "node " + name + " attribute " + attribute;
            switch (attribute) {
                case "standby" -> {
                    if (Values.isTrue(value)) {
                        findings.changed(node, subject, "run `quorate node drain " + name + "`");
                    } else {
                        findings.kept(node, subject, "it is off");
                    }
                }
                case "maintenance" -> {
                    if (Values.isTrue(value)) {
                        findings.protectionLost(
                                node,
                                subject,
                                "one node alone cannot be left alone: `quorate pause` holds the cluster");
                    } else {
                        findings.kept(node, subject, "it is off");
                    }
                }
                default -> {
                    String ours = RuleImport.ourName(attribute);
                    if (!ours.equals(attribute)) {
                        findings.changed(
                                node, subject, "run `quorate node attribute " + name + " " + ours + " " + value + "`");
                    } else if (ManifestRules.isName(attribute)) {
                        spec.putLabels(attribute, value);
                        findings.kept(node, subject, "the label " + attribute);
                    } else {
                        findings.lost(node, subject, "it cannot be the name of a label");
                    }
                }
            }
        });
    }
}
