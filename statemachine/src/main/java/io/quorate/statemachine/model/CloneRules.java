package io.quorate.statemachine.model;

import io.quorate.v1.CloneSpec;
import io.quorate.v1.Promotable;

/** The rules that a clone satisfies by itself. */
final class CloneRules {
    private final FieldChecks checks;
    private final ResourceRules resources;

    CloneRules(FieldChecks checks, ResourceRules resources) {
        this.checks = checks;
        this.resources = resources;
    }

    void clone(CloneSpec clone) {
        if (clone.getOf().isEmpty()) {
            checks.add("of", "a clone of nothing", "define a resource here, or name a resource or group");
        } else {
            checks.name("of", clone.getOf());
        }
        copies(clone);
        if (clone.hasPromotable()) {
            promotable(clone, clone.getPromotable());
        }
        checks.score("priority", clone.getPriority());
        resources.failure(clone.getFailure());
        resources.placement(clone.getPlacement());
    }

    private void copies(CloneSpec clone) {
        if (clone.hasMax()) {
            checks.range("instances.max", clone.getMax(), 1, ManifestLimits.MAX_COPIES);
        }
        if (clone.hasMaxPerNode()) {
            checks.range("instances.maxPerNode", clone.getMaxPerNode(), 1, ManifestLimits.MAX_COPIES_PER_NODE);
            if (clone.getMaxPerNode() > 1 && !clone.getGloballyUnique()) {
                checks.add(
                        "instances.maxPerNode",
                        "copies that are all the same cannot be told apart on one node",
                        "write globallyUnique: true, or at most 1");
            }
        }
        checks.range("instances.min", clone.getMin(), 0, most(clone));
    }

    private void promotable(CloneSpec clone, Promotable promotable) {
        if (promotable.hasMax()) {
            checks.range("promotable.max", promotable.getMax(), 1, most(clone));
        }
        if (promotable.hasMaxPerNode()) {
            checks.range(
                    "promotable.maxPerNode",
                    promotable.getMaxPerNode(),
                    1,
                    clone.hasMaxPerNode() ? clone.getMaxPerNode() : 1);
        }
    }

    private static int most(CloneSpec clone) {
        return clone.getMax() > 0 ? clone.getMax() : ManifestLimits.MAX_COPIES;
    }
}
