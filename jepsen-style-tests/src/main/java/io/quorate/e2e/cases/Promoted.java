package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.v1.Clone;
import io.quorate.v1.Instance;
import io.quorate.v1.Resource;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A promotable clone on three hosts under Debian's own agent, and an address that follows its promoted copy. The promoted copy
 * fails and is promoted again; its host loses its power, and another one is promoted with the address, once.
 */
final class Promoted extends Case {
    private static final String CLONE = "db";
    private static final String ADDRESS = "db-address";
    private static final String STATE = "/run/Stateful-pg.state";
    private static final Duration CALL = Duration.ofSeconds(20);
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
        super("q", "a promotable clone and the address that follows it: the promoted copy fails, then its host");
    }

    @Override
    public void play(Scene scene) throws IOException {
        Cluster cluster = scene.cluster();
        String address = address(scene);
        Host operator = cluster.operator();
        Files.writeString(
                operator.etc().resolve("promoted.yaml"), FILE.formatted(STATE, address), StandardCharsets.UTF_8);
        cluster.must("apply", "-f", "/etc/quorate/promoted.yaml", "--reason", "case q");
        Host first = awaitPromoted(scene, 3);
        Host service = scene.owner();
        requireAddressOn(scene, first, address);

        sh(first, "rm " + STATE);
        awaitRestarted(first);
        Host second = awaitPromoted(scene, 3);
        requireAddressOn(scene, second, address);

        scene.fault(second::powerOff);
        Host third = awaitPromoted(scene, 2);
        scene.check(!third.equals(second), "the promoted copy did not leave " + second.name());
        requireAddressOn(scene, third, address);
        Faults.requireFenced(scene, second);
        scene.awaitServiceOn(
                name -> !name.equals(second.name()) || !service.equals(second),
                "another host than the one that is off");

        second.powerOn();
        scene.check(awaitPromoted(scene, 3).equals(third), "the promoted copy moved when its former host came back");

        cluster.must("delete", ADDRESS, "--reason", "case q");
        cluster.must("delete", "clones/" + CLONE, "--reason", "case q");
        Await.until("all copies are gone", Scene.FAILOVER, () -> clones(cluster).isEmpty());
        for (Host host : scene.lab().hosts()) {
            scene.check(role(host).isEmpty(), "a copy is left on " + host.name() + ": " + role(host));
        }
    }

    /** An address of the subnet that nobody has. */
    private static String address(Scene scene) {
        String some = scene.lab().hosts().get(0).address();
        return some.substring(0, some.lastIndexOf('.') + 1) + "77";
    }

    private static List<Clone> clones(Cluster cluster) {
        return cluster.status().getClonesList();
    }

    /** Waits until so many copies run, one of them is promoted, and the address is up beside that. */
    private static Host awaitPromoted(Scene scene, int copies) {
        String[] seen = {"nothing"};
        Host[] promoted = new Host[1];
        BooleanSupplier settled = () -> {
            Commands.Result status = scene.cluster().quorate("status");
            seen[0] = status.describe();
            List<Clone> clones = clones(scene.cluster());
            List<Instance> running = clones.stream()
                    .flatMap(clone -> clone.getStatus().getInstancesList().stream())
                    .filter(instance -> instance.getState() == RunState.RUN_STATE_RUNNING)
                    .toList();
            List<String> where = running.stream()
                    .filter(instance -> !instance.getCopy().isEmpty() && instance.getRole() == Role.ROLE_PROMOTED)
                    .map(Instance::getNode)
                    .toList();
            long active = running.stream()
                    .filter(instance -> instance.getCopy().isEmpty())
                    .count();
            if (where.size() != 1 || active != copies || !where.equals(placeOfAddress(scene))) {
                return false;
            }
            promoted[0] = scene.lab().host(where.get(0));
            return true;
        };
        Await.until(() -> copies + " copies, one promoted with its address: " + seen[0], Scene.FAILOVER, settled);
        requireOnePromoted(scene, promoted[0]);
        return promoted[0];
    }

    private static List<String> placeOfAddress(Scene scene) {
        return scene.cluster().status().getResourcesList().stream()
                .filter(resource -> resource.getMeta().getName().equals(ADDRESS))
                .map(Resource::getStatus)
                .flatMap(status -> status.getInstancesList().stream())
                .filter(instance -> instance.getState() == RunState.RUN_STATE_RUNNING)
                .map(Instance::getNode)
                .toList();
    }

    /** By what the agent keeps on the hosts themselves. */
    private static void requireOnePromoted(Scene scene, Host promoted) {
        for (Host host : scene.lab().hosts()) {
            if (host.isOn()) {
                String role = role(host);
                scene.check(
                        role.equals("Promoted") == host.equals(promoted),
                        "the copy on " + host.name() + " is '" + role + "', and " + promoted.name() + " is promoted");
            }
        }
    }

    private static String role(Host host) {
        return host.isOn()
                ? sh(host, "cat " + STATE + " 2>/dev/null; true").output().strip()
                : "";
    }

    private static void requireAddressOn(Scene scene, Host promoted, String address) {
        for (Host host : scene.lab().hosts()) {
            if (host.isOn()) {
                boolean has = sh(host, "ip -br address").output().contains(address + "/");
                scene.check(
                        has == host.equals(promoted),
                        address + (has ? " is on " : " is not on ") + host.name() + ", and " + promoted.name()
                                + " is promoted");
            }
        }
    }

    private static void awaitRestarted(Host host) {
        Await.until(
                "the agent runs again on " + host.name(),
                Scene.FAILOVER,
                () -> !role(host).isEmpty());
    }

    private static Commands.Result sh(Host host, String command) {
        return host.run(CALL, List.of("/bin/sh", "-c", command));
    }
}
