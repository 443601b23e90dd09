package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.PowerSwitch;

/** The fence device cannot be reached: nothing moves, the status says why, it is tried again, and once it works all is well. */
final class FenceDeviceFails extends Case {
    private static final int ATTEMPTS = 3;

    FenceDeviceFails() {
        super("o", "fence device fails: blocked with a reason, retried, then works");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        scene.lab().power().fail();
        int starts = scene.runs().size();
        scene.fault(owner::unplug);
        Await.until(
                ATTEMPTS + " attempts to fence " + owner.name(),
                Scene.FAILOVER,
                () -> scene.switched().stream()
                                .filter(FenceDeviceFails::failedOff)
                                .count()
                        >= ATTEMPTS);
        String screen = scene.cluster().must("status", "--timeout", "60s").output();
        scene.check(
                screen.contains("WAITING_FOR_FENCE") || screen.contains("FENCE_FAILING"),
                "the status does not say what it waits for:\n" + screen);
        scene.check(
                screen.contains("quorate fence confirm " + owner.name()),
                "the status does not say what a person can do:\n" + screen);
        scene.check(scene.runs().size() == starts, "the service was started before its owner was off");

        scene.lab().power().repair();
        scene.awaitMoveFrom(owner);
        Faults.requireFenced(scene, owner);
        Faults.requireReported(scene);
    }

    private static boolean failedOff(PowerSwitch.Request request) {
        return request.action().equals("off") && request.code() != 0;
    }
}
