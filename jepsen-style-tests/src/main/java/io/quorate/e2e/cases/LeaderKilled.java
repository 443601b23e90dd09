package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import java.time.Duration;

/** The leading server is killed on a host that does not run the service: another one leads, and the service notices nothing. */
final class LeaderKilled extends Case {
    private static final Duration WITHOUT = Duration.ofSeconds(8);

    LeaderKilled() {
        super("e", "leader killed, not the owner: the service goes on");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        Host leader = Faults.other(scene, owner);
        Faults.leadFrom(scene, leader);
        Daemon server = leader.daemon("server").orElseThrow();
        scene.fault(server::kill);
        Await.until(
                "another server leads",
                Scene.FAILOVER,
                () -> scene.cluster()
                        .quorate("wait", "quorum", "--timeout", "10s")
                        .ok());
        scene.check(!scene.cluster().leader().equals(leader), "the dead server still counts as leader");
        scene.requireUndisturbed(owner, WITHOUT);
        Faults.requireNobodyFenced(scene);
    }
}
