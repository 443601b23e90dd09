package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import java.io.IOException;

/**
 * A promotable clone on three hosts under Debian's own agent, and an address that follows its promoted copy. The promoted copy
 * fails and is promoted again; the role is switched over; its host loses its power, and another one is promoted with the address, once.
 */
final class Promoted extends Case {
    private static final String STATE = "/run/Stateful-pg.state";
    private static final String FILE = """
            set: promoted
            ---
            kind: Clone
            name: db
            promotable: {max: 1}
            of:
              name: pg
              type: ocf:pacemaker:Stateful
              params: {state: %s}
              operations:
                - {monitor: promoted, interval: 1s, timeout: 20s}
                - {monitor: unpromoted, interval: 2s, timeout: 20s}
            ---
            kind: Resource
            name: db-address
            type: ocf:heartbeat:IPaddr2
            params: {ip: %s, cidr_netmask: 24}
            follow: {resource: db, role: promoted}
            """;

    Promoted() {
        super(
                "q",
                "a promotable clone and the address that follows it: the promoted copy fails, is switched over, loses its host");
    }

    @Override
    public void play(Scene scene) throws IOException {
        FollowedClone clone = new FollowedClone(scene, "db", "Promoted", Promoted::role);
        clone.apply(FILE.formatted(STATE, FollowedClone.ADDRESS));
        Host first = clone.awaitPromoted(3);
        Host service = scene.owner();

        FollowedClone.sh(first, "rm " + STATE);
        Await.until(
                "the agent runs again on " + first.name(),
                Scene.FAILOVER,
                () -> !role(first).isEmpty());
        Host failedOver = clone.awaitPromoted(3);
        Host second = scene.lab().hosts().stream()
                .filter(host -> !host.equals(failedOver))
                .findFirst()
                .orElseThrow();
        scene.cluster().must("move", "db", "--promoted", "--to", second.name(), "--pin", "--reason", "case q");
        scene.check(clone.awaitPromoted(3).equals(second), "the promoted role did not go to " + second.name());
        scene.cluster().must("unpin", "db", "--reason", "case q");
        scene.check(clone.awaitPromoted(3).equals(second), "unpinned, the promoted role left " + second.name());

        scene.fault(second::powerOff);
        Host third = clone.awaitPromoted(2);
        scene.check(!third.equals(second), "the promoted copy did not leave " + second.name());
        Faults.requireFenced(scene, second);
        scene.awaitServiceOn(
                name -> !name.equals(second.name()) || !service.equals(second),
                "another host than the one that is off");

        second.powerOn();
        scene.check(clone.awaitPromoted(3).equals(third), "the promoted copy moved when its former host came back");
        clone.delete();
    }

    /** By what the agent keeps on the host itself. */
    private static String role(Host host) {
        return FollowedClone.sh(host, "cat " + STATE + " 2>/dev/null; true")
                .output()
                .strip();
    }
}
