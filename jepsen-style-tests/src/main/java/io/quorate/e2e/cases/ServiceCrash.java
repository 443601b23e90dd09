package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import java.time.Duration;
import java.util.List;

/** The web server crashes: it is started again where it was, and nobody is fenced. */
final class ServiceCrash extends Case {
    ServiceCrash() {
        super("d", "service crashes: started again in place");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        scene.fault(() -> {
            Commands.Result result = owner.run(
                    Duration.ofSeconds(10),
                    List.of("/bin/sh", "-c", "kill -9 $(cat /run/e2e-nginx.pid) && pkill -9 -x nginx; sleep 0.2"));
            scene.check(result.error().isEmpty(), result.describe());
        });
        scene.awaitServiceOn(owner.name()::equals, owner.name());
        Faults.requireNobodyFenced(scene);
        Faults.requireReported(scene);
    }
}
