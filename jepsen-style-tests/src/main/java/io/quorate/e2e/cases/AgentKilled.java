package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import java.time.Duration;

/**
 * The owner's agent is restarted, and then killed, and its service manager starts it again: nothing that it runs is touched, and
 * it is not taken for a lost node. At default settings: an announced restart has 20 s, a killed agent reattachGrace (3 s).
 */
final class AgentKilled extends Case {
    private static final String AGENT = "agent";
    private static final Duration AFTERWARDS = Duration.ofSeconds(6);
    /** As RestartSec of the guide's unit, which is systemd's default. */
    private static final long RESTART_MILLIS = 100;

    AgentKilled() {
        super("m", "agent of the owner restarted and killed, default settings: no resource touched");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        scene.fault(() -> owner.daemon(AGENT).orElseThrow().stop());
        startAgain(scene, owner);

        owner.daemon(AGENT).orElseThrow().kill();
        startAgain(scene, owner);
        Faults.requireNobodyFenced(scene);
    }

    private static void startAgain(Scene scene, Host owner) {
        Await.pause(RESTART_MILLIS);
        owner.start(AGENT);
        scene.cluster().must("wait", "node/" + owner.name() + ":up", "--timeout", "25s", "--no-progress");
        scene.requireUndisturbed(owner, AFTERWARDS);
    }
}
