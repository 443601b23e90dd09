package io.quorate.statemachine.cib;

import io.quorate.v1.Manifest;
import java.util.List;

/**
 * A configuration that was taken over from Pacemaker.
 *
 * @param manifests in an order in which people read them: settings, nodes, fencing, services
 * @param findings in the order of the file, one for everything that it says
 */
public record Imported(List<Manifest> manifests, List<Finding> findings) {
    public Imported {
        manifests = List.copyOf(manifests);
        findings = List.copyOf(findings);
    }

    /** Whether something that protects data was lost. */
    public boolean losesProtection() {
        return findings.stream().anyMatch(Finding::losesProtection);
    }
}
