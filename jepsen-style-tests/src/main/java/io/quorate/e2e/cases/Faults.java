package io.quorate.e2e.cases;

import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import java.util.Arrays;

/** What several cases need before or after their fault. */
final class Faults {
    private Faults() {}

    /** Arranges that the leader is on this host; a server that has just come back may need a moment before it can. */
    static void leadFrom(Scene scene, Host host) {
        String[] last = {"it was not asked"};
        Await.until(() -> "the server of " + host.name() + " leads: " + last[0], Scene.FAILOVER, () -> {
            if (scene.cluster().leader().equals(host)) {
                return true;
            }
            last[0] = scene.cluster().quorate("member", "lead", host.name()).describe();
            return false;
        });
    }

    /** A host that is neither of these. */
    static Host other(Scene scene, Host... taken) {
        return scene.lab().hosts().stream()
                .filter(host -> Arrays.stream(taken).noneMatch(host::equals))
                .findFirst()
                .orElseThrow();
    }

    /** Switched off by the fence device, once, and nobody else was. */
    static void requireFenced(Scene scene, Host host) {
        scene.check(
                scene.switched().stream()
                        .anyMatch(request -> request.action().equals("off")
                                && request.plug().equals(host.name())
                                && request.code() == 0),
                host.name() + " was not switched off: " + scene.switched());
        scene.check(
                scene.switched().stream().allMatch(request -> request.plug().equals(host.name())),
                "another host than " + host.name() + " was switched: " + scene.switched());
    }

    /** Nobody was switched off. */
    static void requireNobodyFenced(Scene scene) {
        scene.check(scene.switched().isEmpty(), "the power switch was used: " + scene.switched());
    }

    /** The history names the service's move with its outage. */
    static void requireReported(Scene scene) {
        scene.check(
                scene.events().stream().anyMatch(event -> event.getKind().equals("RESOURCE_UP") && event.hasOutage()),
                "`quorate history " + Cluster.SERVICE + "` tells of no outage: " + scene.events());
    }
}
