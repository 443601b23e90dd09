package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import io.quorate.v1.Instance;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;

/**
 * A resource that moves without being stopped, under Debian's own agent, which tells of every call in a file. A drain moves it
 * from one host to another, where it is not started; when it is to move back, its target loses its power while it is on its
 * way: both of its holders have to give it up, and it is started once.
 */
final class LiveMigration extends Case {
    private static final String NAME = "guest";
    private static final String STATE = "/run/guest.state";
    private static final String CALLS = "/run/guest.calls";
    /** Each call of the agent takes that long: the power goes while one is under way. */
    private static final String FILE = """
            set: migration
            ---
            kind: Resource
            name: %s
            type: ocf:pacemaker:Dummy
            liveMigration: true
            params: {state: %s, envfile: %s, op_sleep: 2}
            monitor: {interval: 10s}
            """;

    LiveMigration() {
        super("s", "live migration: a drain moves it unstopped; the power of its target is lost on the way back");
    }

    @Override
    public void play(Scene scene) throws IOException {
        Cluster cluster = scene.cluster();
        Host service = scene.owner();
        Host operator = cluster.operator();
        scene.lab().hosts().forEach(host -> FollowedClone.sh(host, "rm -f " + CALLS));
        Files.writeString(
                operator.etc().resolve("guest.yaml"), FILE.formatted(NAME, STATE, CALLS), StandardCharsets.UTF_8);
        cluster.must("apply", "-f", "/etc/quorate/guest.yaml", "--reason", "case s");
        Host first = awaitRunning(scene);
        requireCalled(scene, first, "start");

        cluster.must("node", "drain", first.name(), "--reason", "case s");
        Host second = awaitRunning(scene, first);
        requireCalled(scene, first, "start", "migrate_to", "stop");
        requireCalled(scene, second, "migrate_from");
        String history = cluster.must("history", NAME).output();
        scene.check(
                history.contains(NAME + " moved from " + first.name() + " to " + second.name()),
                "`quorate history " + NAME + "` does not tell of the migration: " + history);
        cluster.must("node", "resume", first.name(), "--reason", "case s");
        cluster.must("wait", "idle", "--timeout", "100s");

        cluster.must("move", NAME, "--to", first.name(), "--no-wait", "--reason", "case s");
        Await.until(
                NAME + " is on its way from " + second.name(),
                Scene.FAILOVER,
                () -> calls(second).contains("migrate_to"));
        scene.fault(first::powerOff);
        Host third = awaitRunning(scene, first);
        Faults.requireFenced(scene, first);
        scene.check(
                calls(third).contains("start"),
                NAME + " was not started on " + third.name() + " after its migration had failed: " + calls(third));
        scene.awaitServiceOn(
                name -> !name.equals(first.name()) || !service.equals(first), "another host than the one that is off");

        first.powerOn();
        cluster.must("wait", "idle", "--timeout", "100s");
        cluster.must("delete", NAME, "--reason", "case s");
        Await.until(
                NAME + " is gone",
                Scene.FAILOVER,
                () -> scene.lab().hosts().stream().noneMatch(LiveMigration::isThere));
    }

    /** Waits until it runs, on one host only, by the cluster and by what the agent keeps on the hosts. */
    private static Host awaitRunning(Scene scene, Host... exceptOn) {
        String[] where = {""};
        Await.until(() -> NAME + " runs: " + scene.cluster().quorate("status").describe(), Scene.FAILOVER, () -> {
            where[0] = runningOn(scene);
            return !where[0].isEmpty()
                    && !List.of(exceptOn).contains(scene.lab().host(where[0]));
        });
        Host owner = scene.lab().host(where[0]);
        for (Host host : scene.lab().hosts()) {
            boolean there = host.isOn() && isThere(host);
            scene.check(
                    there == host.equals(owner),
                    NAME + (there ? " is on " : " is not on ") + host.name() + ", and " + owner.name() + " owns it");
        }
        return owner;
    }

    /** Its one holder, when it runs; empty while it does not, or has two. */
    private static String runningOn(Scene scene) {
        List<Instance> held = scene.cluster().status().getResourcesList().stream()
                .filter(resource -> resource.getMeta().getName().equals(NAME))
                .flatMap(resource -> resource.getStatus().getInstancesList().stream())
                .filter(instance -> !instance.getNode().isEmpty())
                .toList();
        boolean runs = held.size() == 1
                && held.get(0).getState() == RunState.RUN_STATE_RUNNING
                && held.get(0).getMigratingTo().isEmpty();
        return runs ? held.get(0).getNode() : "";
    }

    private static boolean isThere(Host host) {
        return FollowedClone.sh(host, "test -e " + STATE).ok();
    }

    /** Of what changes anything, the agent was called for this on the host, in this order. */
    private static void requireCalled(Scene scene, Host host, String... wanted) {
        List<String> calls = calls(host).stream()
                .filter(call ->
                        List.of("start", "stop", "migrate_to", "migrate_from").contains(call))
                .toList();
        scene.check(
                calls.equals(List.of(wanted)),
                "the agent on " + host.name() + " was called for " + calls + ", not for " + List.of(wanted));
    }

    private static List<String> calls(Host host) {
        return FollowedClone.sh(host, "sed -n 's/^### \\([a-z_-]*\\) @.*/\\1/p' " + CALLS + " 2>/dev/null; true")
                .output()
                .lines()
                .toList();
    }
}
