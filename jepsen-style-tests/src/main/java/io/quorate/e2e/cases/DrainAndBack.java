package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Host;

/** A node is drained, resumed, and the service brought back by hand; it never moves by itself in between. */
final class DrainAndBack extends Case {
    DrainAndBack() {
        super("g", "drain, and back by hand");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        scene.fault(() -> scene.cluster().must("node", "drain", owner.name(), "--reason", "case g"));
        Host other = scene.awaitMoveFrom(owner);
        scene.cluster().must("node", "resume", owner.name(), "--reason", "case g");
        scene.cluster().must("wait", "idle", "--timeout", "100s");
        scene.check(scene.owner().equals(other), "the service moved back by itself");
        scene.cluster().must("move", Cluster.SERVICE, "--to", owner.name(), "--reason", "case g");
        scene.awaitServiceOn(owner.name()::equals, owner.name());
        Faults.requireNobodyFenced(scene);
        Faults.requireReported(scene);
    }
}
