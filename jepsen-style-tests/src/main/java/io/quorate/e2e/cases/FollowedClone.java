package io.quorate.e2e.cases;

import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.Network;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Instance;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * The one promotable clone of a case, and the floating address that follows its promoted copy: what the cluster says of them is
 * compared with what the hosts themselves know.
 */
final class FollowedClone {
    static final String ADDRESS = Network.OTHER_ADDRESS;

    private static final Duration CALL = Duration.ofSeconds(20);

    private final Scene scene;
    private final String name;
    private final String promotedRole;
    private final Function<Host, String> role;

    /**
     * @param name of the clone; the resource of its address is called NAME-address
     * @param role what the copy on a host that is on takes itself for; empty when there is none
     * @param promotedRole what that is where it is promoted
     */
    FollowedClone(Scene scene, String name, String promotedRole, Function<Host, String> role) {
        this.scene = scene;
        this.name = name;
        this.promotedRole = promotedRole;
        this.role = role;
        scene.alsoExclusive("the address of the promoted copy", Lab.OTHER_ADDRESS_SIGHTS);
    }

    void apply(String manifests) throws IOException {
        Host operator = scene.cluster().operator();
        Files.writeString(operator.etc().resolve(name + ".yaml"), manifests, StandardCharsets.UTF_8);
        scene.cluster().must("apply", "-f", "/etc/quorate/" + name + ".yaml", "--reason", "end-to-end suite");
    }

    /** Waits until so many copies run, one of them is promoted, and the address is up beside that. */
    Host awaitPromoted(int copies) {
        String[] where = {""};
        Await.until(
                () -> copies + " copies, one promoted with its address: "
                        + scene.cluster().quorate("status").describe(),
                Scene.FAILOVER,
                () -> {
                    where[0] = promotedAmong(copies);
                    return !where[0].isEmpty();
                });
        Host promoted = scene.lab().host(where[0]);
        for (Host host : scene.lab().hosts()) {
            if (host.isOn()) {
                requireRole(host, promoted);
                requireAddress(host, promoted);
            }
        }
        return promoted;
    }

    /** The node of the promoted copy and of the address, when as many copies run; empty while that is not so. */
    private String promotedAmong(int copies) {
        GetStatusResponse status = scene.cluster().status();
        List<Instance> ofClone = status.getClonesList().stream()
                .flatMap(clone -> running(clone.getStatus().getInstancesList()).stream())
                .toList();
        List<String> promoted = ofClone.stream()
                .filter(instance -> !instance.getCopy().isEmpty() && instance.getRole() == Role.ROLE_PROMOTED)
                .map(Instance::getNode)
                .toList();
        List<String> address = status.getResourcesList().stream()
                .filter(resource -> resource.getMeta().getName().equals(name + "-address"))
                .flatMap(resource -> running(resource.getStatus().getInstancesList()).stream())
                .map(Instance::getNode)
                .toList();
        long active = ofClone.stream()
                .filter(instance -> instance.getCopy().isEmpty())
                .count();
        return promoted.size() == 1 && active == copies && promoted.equals(address) ? promoted.get(0) : "";
    }

    private static List<Instance> running(List<Instance> instances) {
        return instances.stream()
                .filter(instance -> instance.getState() == RunState.RUN_STATE_RUNNING)
                .toList();
    }

    private void requireRole(Host host, Host promoted) {
        String found = role.apply(host);
        scene.check(
                found.equals(promotedRole) == host.equals(promoted),
                "the copy on " + host.name() + " is '" + found + "', and " + promoted.name() + " is promoted");
    }

    private void requireAddress(Host host, Host promoted) {
        boolean has = sh(host, "ip -br address").output().contains(ADDRESS + "/");
        scene.check(
                has == host.equals(promoted),
                ADDRESS + (has ? " is on " : " is not on ") + host.name() + ", and " + promoted.name()
                        + " is promoted");
    }

    /** Takes away the address and the clone; nothing of them may be left on any host. */
    void delete() {
        Cluster cluster = scene.cluster();
        cluster.must("delete", name + "-address", "--reason", "end-to-end suite");
        cluster.must("delete", "clones/" + name, "--reason", "end-to-end suite");
        Await.until(
                "all copies are gone",
                Scene.FAILOVER,
                () -> cluster.status().getClonesList().isEmpty());
        for (Host host : scene.lab().hosts()) {
            String found = role.apply(host);
            scene.check(found.isEmpty(), "a copy is left on " + host.name() + ": " + found);
        }
    }

    /** What a shell of the host answers. */
    static Commands.Result sh(Host host, String command) {
        return host.run(CALL, List.of("/bin/sh", "-c", command));
    }
}
