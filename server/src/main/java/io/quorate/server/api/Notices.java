package io.quorate.server.api;

import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.PauseRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explainer;
import io.quorate.v1.Manifest;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;

/** What people are told beside an answer. Pure. */
final class Notices {
    private Notices() {}

    /** Why the cluster stands still. */
    static Reason paused(PauseRow pause) {
        Reason.Builder reason = Reason.newBuilder()
                .setCode(pause.getQuarantine() ? "RESTORE_QUARANTINE" : "PAUSED")
                .setMessage("paused by " + pause.getBy() + ": " + pause.getReason()
                        + "; nothing is started, stopped, moved or fenced")
                .setNextStep("quorate resume --reason TEXT");
        Projection.timestamp(pause.getSince()).ifPresent(reason::setSince);
        return reason.build();
    }

    /** What somebody who applies these manifests should know at once. */
    static List<Reason> warnings(ClusterState state, List<Manifest> manifests) {
        List<Reason> warnings = new ArrayList<>();
        Explainer explainer = new Explainer(state);
        for (Manifest manifest : manifests) {
            ObjectRow row = state.object(Keys.of(manifest));
            if (row == null) {
                continue;
            }
            if (Units.isUnit(row)) {
                warnings.addAll(explainer.concerns(row.getKey()));
            }
            row.getOverridesList()
                    .forEach(override -> warnings.add(Reason.newBuilder()
                            .setCode("OVERRIDE_STAYS")
                            .setMessage("%s stays %s (by %s: %s)"
                                    .formatted(
                                            row.getMeta().getName(),
                                            override.getKindCase().name().toLowerCase(java.util.Locale.ROOT),
                                            override.getBy(),
                                            override.getReason()))
                            .addObjects(row.getKey())
                            .build()));
            if (row.hasNode() && state.node(row.getMeta().getName()) == null) {
                warnings.add(Reason.newBuilder()
                        .setCode("NODE_UNKNOWN")
                        .setMessage("node " + row.getMeta().getName() + " has not joined yet")
                        .addObjects(Keys.node(row.getMeta().getName()))
                        .build());
            }
        }
        return warnings;
    }
}
