package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.v1.NodePhase;
import java.time.Duration;
import java.util.List;

/** Without a fence device nothing moves from a lost node; the status says why and what to do, and a person's word frees it. */
final class NoFenceDevice extends Case {
    private static final Duration NOTHING_MOVES = Duration.ofSeconds(12);

    NoFenceDevice() {
        super("h", "owner lost without a fence device: nothing moves until a person confirms");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        Cluster cluster = scene.cluster();
        cluster.removeFencing();
        try {
            scene.fault(owner::powerOff);
            Await.until(
                    owner.name() + " is lost",
                    Scene.FAILOVER,
                    () -> cluster.node(owner.name()).getPhase().equals(NodePhase.NODE_PHASE_LOST));
            int starts = scene.runs().size();
            Await.pause(NOTHING_MOVES.toMillis());
            scene.check(scene.runs().size() == starts, "the service was started without evidence");
            String screen = cluster.must("status").output();
            for (String part : List.of("NO_EVIDENCE_PATH", "quorate fence confirm " + owner.name())) {
                scene.check(screen.contains(part), "the status does not say \"" + part + "\":\n" + screen);
            }
            Commands.Result refused = cluster.quorate("fence", "confirm", owner.name());
            scene.check(!refused.ok(), "confirmed without a confirmation: " + refused.describe());
            cluster.must("fence", "confirm", owner.name(), "--yes", "--reason", "case h: the power is off");
            scene.awaitMoveFrom(owner);
            Faults.requireReported(scene);
        } finally {
            cluster.applyFencing();
        }
    }
}
