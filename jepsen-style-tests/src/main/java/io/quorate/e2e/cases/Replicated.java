package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Redis on three hosts under Debian's own agent, replicating for real. The host of the promoted copy loses its power: a replica
 * is promoted that has what was written, and when the lost host comes back it is a replica of that one.
 */
final class Replicated extends Case {
    private static final Duration CALL = Duration.ofSeconds(20);
    private static final String DATA = "/var/lib/quorate/redis";
    private static final String SOCKET = "/run/redis/redis.sock";
    private static final String FILE = """
            set: replicated
            ---
            kind: Clone
            name: cache
            promotable: {max: 1}
            notify: true
            of:
              name: redis
              type: ocf:heartbeat:redis
              params: {config: /etc/quorate/redis.conf}
              operations:
                - {monitor: promoted, interval: 2s}
                - {monitor: unpromoted, interval: 3s}
            ---
            kind: Resource
            name: cache-address
            type: ocf:heartbeat:IPaddr2
            params: {ip: %s, cidr_netmask: 24}
            follow: {resource: cache, role: promoted}
            """;

    Replicated() {
        super(
                "r",
                "redis replicates on three hosts: power loss of the promoted one, nothing that was replicated is lost");
    }

    @Override
    public void play(Scene scene) throws IOException {
        for (Host host : scene.lab().hosts()) {
            CaseFiles.copy("redis.conf", host.etc().resolve("redis.conf"));
            FollowedClone.sh(host, "rm -rf " + DATA + " && install -d -m 750 -o redis -g redis " + DATA);
        }
        FollowedClone clone = new FollowedClone(scene, "cache", "master", Replicated::role);
        clone.apply(FILE.formatted(FollowedClone.ADDRESS));
        Host first = clone.awaitPromoted(3);
        Host service = scene.owner();
        awaitReplicas(scene, 2);
        awaitWrite(scene, "before", "kept", 2);
        requireEverywhere(scene, "before", "kept");

        scene.fault(first::powerOff);
        awaitWrite(scene, "after", "taken", 0);
        scene.note("case r: a write was taken again "
                + Duration.ofNanos(System.nanoTime() - scene.faultAt()).toMillis() + " ms after the power loss");
        Host second = clone.awaitPromoted(2);
        scene.check(!second.equals(first), "the promoted copy did not leave " + first.name());
        Faults.requireFenced(scene, first);
        scene.check(
                redis(scene, "GET before").equals("kept"),
                "what was replicated is lost: '" + redis(scene, "GET before") + "'");
        scene.awaitServiceOn(
                name -> !name.equals(first.name()) || !service.equals(first), "another host than the one that is off");

        first.powerOn();
        scene.check(clone.awaitPromoted(3).equals(second), "the promoted copy moved when its former host came back");
        awaitReplicas(scene, 2);
        awaitWrite(scene, "again", "three", 2);
        requireEverywhere(scene, "before", "kept");
        requireEverywhere(scene, "after", "taken");
        requireEverywhere(scene, "again", "three");
        clone.delete();
    }

    /** By redis itself on the host. */
    private static String role(Host host) {
        return onHost(host, "ROLE").lines().findFirst().orElse("");
    }

    private static String onHost(Host host, String request) {
        return FollowedClone.sh(host, "test -S " + SOCKET + " && redis-cli -s " + SOCKET + " " + request)
                .output()
                .strip();
    }

    /** Waits until whoever has the address says that so many follow it. */
    private static void awaitReplicas(Scene scene, int count) {
        String[] seen = {""};
        Await.until(() -> count + " replicas follow: " + seen[0], Scene.FAILOVER, () -> {
            seen[0] = redis(scene, "INFO replication");
            return seen[0].lines().filter(line -> line.contains("state=online")).count() == count;
        });
    }

    /** Waits until a client's write through the address is taken, and has reached so many replicas. */
    private static void awaitWrite(Scene scene, String key, String value, int replicas) {
        String[] seen = {""};
        Await.until(() -> "a write reaches " + replicas + " replicas: " + seen[0], Scene.FAILOVER, () -> {
            seen[0] = redis(scene, "SET " + key + " " + value, "WAIT " + replicas + " 2000");
            List<String> answers = seen[0].lines().toList();
            return answers.size() == 2 && answers.get(0).equals("OK") && Integer.parseInt(answers.get(1)) >= replicas;
        });
    }

    private static void requireEverywhere(Scene scene, String key, String value) {
        for (Host host : scene.lab().hosts()) {
            String found = onHost(host, "GET " + key);
            scene.check(found.equals(value), key + " is '" + found + "' on " + host.name() + ", not " + value);
        }
    }

    /** What a client in its own place is answered at the floating address, in one connection. */
    private static String redis(Scene scene, String... requests) {
        List<String> command = new ArrayList<>(scene.lab().network().inside(Lab.CLIENT));
        command.addAll(List.of(
                "sh",
                "-c",
                "printf '%s\\n' \"$@\" | timeout 3 redis-cli -h " + FollowedClone.ADDRESS + " 2>&1",
                "client"));
        command.addAll(List.of(requests));
        return Commands.run(CALL, command).output().strip();
    }
}
