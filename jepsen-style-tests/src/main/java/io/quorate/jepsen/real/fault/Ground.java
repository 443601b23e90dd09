package io.quorate.jepsen.real.fault;

import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Group;
import io.quorate.v1.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Where faults happen. For any thread. */
public final class Ground {
    static final String SERVER = "server";
    static final String AGENT = "agent";

    private static final Duration TARGET = Duration.ofSeconds(8);
    private static final Duration CALL = Duration.ofSeconds(30);
    private static final Duration PAGE = Duration.ofSeconds(8);

    private final Cluster cluster;
    private final Units units;
    private final Set<Host> taken = ConcurrentHashMap.newKeySet();

    public Ground(Cluster cluster, Units units) {
        this.cluster = cluster;
        this.units = units;
    }

    public Lab lab() {
        return cluster.lab();
    }

    public Units units() {
        return units;
    }

    /** A healthy host that no other fault has: the one with this role, or else another one. */
    Host take(Role role) {
        Host[] found = new Host[1];
        List<Host> order = order(role);
        Await.until("a healthy host for " + role, TARGET, () -> {
            for (Host host : order) {
                if (isWhole(host) && taken.add(host)) {
                    found[0] = host;
                    return true;
                }
            }
            return false;
        });
        return found[0];
    }

    /** Another fault may have it. */
    void give(Host host) {
        taken.remove(host);
    }

    /** Every host but this one. */
    List<Host> others(Host host) {
        return lab().hosts().stream().filter(other -> !other.equals(host)).toList();
    }

    static boolean isWhole(Host host) {
        return host.isHealthy()
                && host.daemon(SERVER).isPresent()
                && host.daemon(AGENT).isPresent();
    }

    private List<Host> order(Role role) {
        List<Host> order = new ArrayList<>(lab().hosts());
        Optional<Host> wanted = switch (role) {
            case LEADER, OWNER -> status().flatMap(status -> role == Role.LEADER ? leader(status) : owner(status));
            case N1 -> Optional.of(order.get(0));
            case N2 -> Optional.of(order.get(1));
            case N3 -> Optional.of(order.get(2));
        };
        wanted.ifPresent(host -> {
            order.remove(host);
            order.add(0, host);
        });
        return order;
    }

    /** As any server knows it now; empty when none tells. */
    public Optional<GetStatusResponse> status() {
        for (Host host : lab().hosts()) {
            if (isWhole(host)) {
                try {
                    Commands.Result page = page(host, "/v1/status");
                    String body = page.output().substring(page.output().indexOf("\r\n\r\n") + 1);
                    Commands.Result json = new Commands.Result(page.command(), page.exitCode(), body, page.error());
                    return Optional.of(
                            Cluster.parse(json, GetStatusResponse.newBuilder()).build());
                } catch (LabException | CheckFailedException e) {
                    // the next one may know
                }
            }
        }
        return Optional.empty();
    }

    /** What the host's server shows of this path to whoever is on the host, with its headers; costs little. */
    static Commands.Result page(Host host, String path) {
        String ask = "exec 3<>/dev/tcp/127.0.0.1/7401 && printf 'GET " + path
                + " HTTP/1.0\\r\\nHost: 127.0.0.1:7401\\r\\n\\r\\n' >&3 && cat <&3";
        return host.run(PAGE, List.of("/bin/bash", "-c", ask));
    }

    Optional<Host> leader(GetStatusResponse status) {
        String id = status.getHeader().getLeader();
        return status.getMembersList().stream()
                .filter(member -> member.getId().equals(id))
                .map(Member::getName)
                .map(lab()::host)
                .findFirst();
    }

    private Optional<Host> owner(GetStatusResponse status) {
        return status.getGroupsList().stream()
                .filter(group -> group.getMeta().getName().equals(Cluster.SERVICE))
                .map(Group::getStatus)
                .flatMap(group -> group.getInstancesList().stream())
                .filter(instance ->
                        lab().hosts().stream().anyMatch(host -> host.name().equals(instance.getNode())))
                .map(instance -> lab().host(instance.getNode()))
                .findFirst();
    }

    /** {@code quorate WORDS…} on this host. */
    Commands.Result quorate(Host host, String... words) {
        List<String> command = new ArrayList<>(List.of("quorate"));
        command.addAll(List.of(words));
        return host.run(CALL, command);
    }
}
