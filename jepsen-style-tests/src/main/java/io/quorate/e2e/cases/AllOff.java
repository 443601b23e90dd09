package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import java.util.Set;

/** Every host loses its power; the servers are back first, the agents a minute later: nobody is fenced for being late. */
final class AllOff extends Case {
    private static final long AGENTS_LATE_MILLIS = 60_000;

    AllOff() {
        super("k", "everything off, servers first, agents 60 s later: nobody is fenced");
    }

    @Override
    public void play(Scene scene) {
        scene.check(scene.polls().answered() > 0 || scene.owner().isOn(), "the service did not run before");
        scene.fault(() -> scene.lab().hosts().forEach(Host::powerOff));
        scene.lab().hosts().forEach(host -> host.powerOn(Set.of("server")));
        Await.pause(AGENTS_LATE_MILLIS);
        Faults.requireNobodyFenced(scene);
        scene.lab().hosts().forEach(host -> host.start("agent"));
        scene.cluster().must("wait", Cluster.SERVICE, "--for", "running", "--timeout", "100s", "--no-progress");
        scene.awaitServiceOn(name -> true, "anywhere");
        Faults.requireNobodyFenced(scene);
    }
}
