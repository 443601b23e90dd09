package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.OcfKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.SecretRef;
import io.quorate.v1.SystemdKind;
import java.util.Optional;

/** What an agent runs: its type, parameters, operations and utilization. */
final class ResourceImport {
    private final Cib cib;
    private final Findings findings;

    ResourceImport(Cib cib, Findings findings) {
        this.cib = cib;
        this.findings = findings;
    }

    /** Why there is nothing of ours that runs it; empty when there is. */
    static Optional<String> obstacle(Item item) {
        return switch (item.agentClass()) {
            case "ocf" ->
                item.isRemoteConnection()
                        ? Optional.of("run an agent on that node: it is a node like others")
                        : Optional.empty();
            case "systemd", "service" -> Optional.empty();
            default -> Optional.of(item.agent() + ": write it as a systemd unit or as a process");
        };
    }

    /** What a primitive becomes; there must be no obstacle. */
    ResourceSpec.Builder read(Item item) {
        Element at = cib.element(item.id()).orElseThrow();
        String subject = "primitive " + item.id();
        ResourceSpec.Builder spec = ResourceSpec.newBuilder();
        if (item.agentClass().equals("ocf")) {
            ocf(item, at, subject, spec);
        } else {
            systemd(item, at, subject, spec);
        }
        parameters(at, subject, item, spec);
        new OperationImport(findings, at, subject).read(item, spec);
        item.utilization().forEach((what, amount) -> {
            spec.putUtilization(what, Values.leadingNumber(amount));
            findings.kept(at, subject + " utilization " + what, "utilization");
        });
        return spec;
    }

    private void ocf(Item item, Element at, String subject, ResourceSpec.Builder spec) {
        String[] words = item.agent().split(":", -1);
        spec.setOcf(OcfKind.newBuilder()
                .setProvider(words.length > 2 ? words[1] : "heartbeat")
                .setType(words[words.length - 1]));
        findings.kept(at, subject, "a resource of type " + item.agent());
    }

    private void systemd(Item item, Element at, String subject, ResourceSpec.Builder spec) {
        String unit = item.agent().substring(item.agent().indexOf(':') + 1);
        boolean full = unit.matches(".*\\.(service|socket|timer|path|mount|swap|target|slice|scope)");
        spec.setSystemd(SystemdKind.newBuilder().setUnit(full ? unit : unit + ".service"));
        if (item.agentClass().equals("systemd")) {
            findings.kept(
                    at,
                    subject,
                    "a resource of type systemd:" + spec.getSystemd().getUnit());
        } else {
            findings.changed(at, subject, "the systemd unit of that name");
        }
    }

    private void parameters(Element at, String subject, Item item, ResourceSpec.Builder spec) {
        cib.parameters(at).forEach((name, value) -> {
            String about = subject + " parameter " + name;
            if (!spec.hasOcf()) {
                findings.lost(at, about, "a systemd unit has no parameters");
            } else if (ManifestRules.isSecretName(name)) {
                String file = FenceImport.secretFile(item.id(), name);
                spec.getOcfBuilder()
                        .putSecretParams(
                                name, SecretRef.newBuilder().setFile(file).build());
                findings.changed(at, about, FenceImport.secret(file));
            } else {
                spec.getOcfBuilder().putParams(name, value);
                findings.kept(at, about, "params");
            }
        });
    }
}
