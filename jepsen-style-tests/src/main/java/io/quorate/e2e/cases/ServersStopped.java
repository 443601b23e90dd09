package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import java.time.Duration;
import java.util.List;

/** No server for a minute: what runs on fenced nodes goes on, and `quorate local status` still tells what runs. */
final class ServersStopped extends Case {
    private static final Duration WITHOUT = Duration.ofSeconds(60);
    private static final Duration AFTERWARDS = Duration.ofSeconds(10);

    ServersStopped() {
        super("n", "all servers stopped for 60 s: nothing stops");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        scene.fault(() -> scene.lab()
                .hosts()
                .forEach(host -> host.daemon("server").orElseThrow().kill()));
        scene.requireUndisturbed(owner, WITHOUT);
        Commands.Result local = owner.run(Duration.ofMinutes(1), List.of("quorate", "local", "status"));
        scene.check(local.ok() && local.output().contains("front"), local.describe());

        scene.lab().hosts().forEach(host -> host.start("server"));
        scene.cluster().must("wait", "quorum", "--timeout", "100s", "--no-progress");
        scene.requireUndisturbed(owner, AFTERWARDS);
        Faults.requireNobodyFenced(scene);
    }
}
