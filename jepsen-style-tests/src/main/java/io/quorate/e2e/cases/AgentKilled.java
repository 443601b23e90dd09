package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import java.time.Duration;

/** The owner's agent is restarted, and then killed: nothing that it runs is touched, and it is not taken for a lost node. */
final class AgentKilled extends Case {
    private static final String AGENT = "agent";
    private static final Duration AFTERWARDS = Duration.ofSeconds(6);
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(3);
    /** The new agent's start may take longer than the default on a busy machine, and the node would be fenced, rightly. */
    private static final Duration BUSY_MACHINE_GRACE = Duration.ofSeconds(20);

    AgentKilled() {
        super("m", "agent of the owner restarted and killed: no resource touched");
    }

    @Override
    public void play(Scene scene) {
        scene.cluster().reattachGrace(BUSY_MACHINE_GRACE);
        restartAndKill(scene);
        scene.cluster().reattachGrace(DEFAULT_GRACE);
    }

    private static void restartAndKill(Scene scene) {
        Host owner = scene.owner();
        Daemon first = owner.daemon(AGENT).orElseThrow();
        scene.fault(first::stop);
        owner.start(AGENT);
        scene.cluster().must("wait", "node/" + owner.name() + ":up", "--timeout", "25s", "--no-progress");
        scene.requireUndisturbed(owner, AFTERWARDS);

        owner.daemon(AGENT).orElseThrow().kill();
        owner.start(AGENT);
        scene.cluster().must("wait", "node/" + owner.name() + ":up", "--timeout", "25s", "--no-progress");
        scene.requireUndisturbed(owner, AFTERWARDS);
        Faults.requireNobodyFenced(scene);
    }
}
