package io.quorate.e2e;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings up three hosts with the commands of docs/operators-guide.md, "Three hosts", in their order. What is copied between
 * hosts there is copied between their directories here.
 */
final class ClusterSetup {
    static final String FENCE_DEVICE = "power";

    /** The floating address of the service. */
    static final String ADDRESS = "10.77.0.50";

    private static final Duration CALL = Duration.ofSeconds(60);
    private static final Duration UP = Duration.ofSeconds(90);
    private static final String CLUSTER_ID = "4f2a6c1de0b94c55a1f07d3b8c6e9a21";
    private static final String PKI = "/etc/quorate/pki";

    private final Lab lab;
    private final Cluster cluster;

    private ClusterSetup(Lab lab) {
        this.lab = lab;
        this.cluster = new Cluster(lab);
    }

    /** A running cluster with its fence device and its service. */
    static Cluster bringUp(Lab lab) throws IOException {
        ClusterSetup setup = new ClusterSetup(lab);
        lab.onBoot(setup::writeAgentConfiguration);
        lab.hosts().forEach(Host::powerOn);
        setup.certificates();
        setup.format();
        setup.configureClients();
        lab.hosts().forEach(setup::writeAgentConfiguration);
        for (Host host : lab.hosts()) {
            host.enable("server", "quorate", "server", "--config", "/etc/quorate/server.yaml");
        }
        for (Host host : lab.hosts()) {
            host.enable("agent", "quorate", "agent", "--config", "/etc/quorate/agent.yaml");
        }
        setup.awaitNodes();
        applyFencing(setup.cluster);
        setup.applyService();
        return setup.cluster;
    }

    private Host first() {
        return lab.hosts().get(0);
    }

    private static void must(Host host, String... words) {
        Commands.Result result = host.run(CALL, List.of(words));
        if (!result.ok()) {
            throw new LabException(result.describe());
        }
    }

    private void certificates() throws IOException {
        must(first(), "quorate", "cert", "init-ca", "--cluster", "e2e");
        must(first(), "quorate", "cert", "issue", "server", first().name(), "--address", first().address());
        must(first(), "quorate", "cert", "issue", "client", "admin");
        for (Host host : lab.hosts()) {
            if (!host.equals(first())) {
                String out = "/etc/quorate/for-" + host.name();
                must(
                        first(),
                        "quorate",
                        "cert",
                        "issue",
                        "server",
                        host.name(),
                        "--address",
                        host.address(),
                        "--out",
                        out);
                must(first(), "quorate", "cert", "issue", "client", "admin-" + host.name(), "--out", out);
                move(first().etc().resolve("for-" + host.name()), host.etc().resolve("pki"));
            }
        }
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to);
    }

    private void configureClients() throws IOException {
        for (Host host : lab.hosts()) {
            // a host's own server first: the others are asked when that one does not answer
            String endpoints = Stream.concat(
                            Stream.of(host), lab.hosts().stream().filter(one -> !one.equals(host)))
                    .map(one -> one.address() + ":7400")
                    .collect(Collectors.joining(", "));
            String client = host.equals(first()) ? "admin" : "admin-" + host.name();
            Files.writeString(
                    host.etc().resolve("client.yaml"), """
                    contexts:
                      e2e:
                        endpoints: [%s]
                        ca: %s/peer-ca.crt
                        certificate: %s/clients/%s.crt
                        key: %s/clients/%s.key
                    """.formatted(endpoints, PKI, PKI, client, PKI, client));
        }
    }

    private void format() {
        String voters = lab.hosts().stream()
                .map(host -> host.name() + "=" + host.address())
                .collect(Collectors.joining(","));
        for (Host host : lab.hosts()) {
            must(
                    host,
                    "quorate",
                    "init",
                    "--cluster",
                    "e2e",
                    "--cluster-id",
                    CLUSTER_ID,
                    "--node",
                    host.name(),
                    "--voters",
                    voters);
        }
    }

    /** Again before each boot, because hosts of one kernel share its boot id: each power-on has one of its own. */
    private void writeAgentConfiguration(Host host) {
        String servers =
                lab.hosts().stream().map(one -> one.address() + ":7403").collect(Collectors.joining(", "));
        try {
            Files.writeString(host.etc().resolve("agent.yaml"), """
                    node: %s
                    servers: [%s]
                    addresses: [%s]
                    pki: %s
                    fenceAgents: %s
                    machine: {id: %s-machine, bootId: %s}
                    """.formatted(
                            host.name(), servers, host.address(), PKI, lab.file("fence"), host.name(), host.bootId()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitNodes() {
        for (Host host : lab.hosts()) {
            String[] last = {""};
            Await.until(() -> host.name() + " is up: " + last[0], UP, () -> {
                Commands.Result result =
                        cluster.quorate("wait", "node/" + host.name() + ":up", "--timeout", "20s", "--no-progress");
                last[0] = result.describe();
                return result.ok();
            });
        }
    }

    /** The fence device of every host. */
    static void applyFencing(Cluster cluster) {
        String rows = cluster.lab().hosts().stream()
                .map(host -> "  " + host.name() + ": {plug: " + host.name() + "}\n")
                .collect(Collectors.joining());
        apply(cluster, "fencing.yaml", """
                set: fencing
                ---
                kind: FenceDevice
                name: %s
                type: fence_e2e
                timeout: 8s
                perNode:
                """.formatted(FENCE_DEVICE) + rows);
    }

    /** How long a node whose agent died, but whose kernel answers, has for a new agent. */
    static void applyReattachGrace(Cluster cluster, Duration grace) {
        apply(cluster, "settings.yaml", "kind: Settings\nreattachGrace: %ds\n".formatted(grace.toSeconds()));
    }

    private void applyService() {
        apply(cluster, "front.yaml", service());
        cluster.must("wait", Cluster.SERVICE, "--for", "running", "--timeout", "30s", "--no-progress");
    }

    private String service() {
        return """
                set: front
                ---
                kind: Group
                name: %s
                members:
                  - name: witness
                    process:
                      command: [%s, %s]
                      stopGrace: 2s
                  - name: address
                    type: ocf:heartbeat:IPaddr2
                    params: {ip: %s, cidr_netmask: 24, nic: eth0}
                    monitor: {interval: 5s}
                  - name: server
                    process:
                      command: [/usr/sbin/nginx, -e, /run/e2e-nginx.log, -c, %s]
                      health: {http: "http://127.0.0.1/", interval: 1s, timeout: 1s, unhealthyAfter: 2}
                      stopGrace: 2s
                placement: {stickiness: 200}
                failure: {moveAfter: 3, forgetAfter: 1m}
                """.formatted(
                Cluster.SERVICE, lab.file("witness/witness"), lab.file("witness"), ADDRESS, lab.file("nginx.conf"));
    }

    private static void apply(Cluster cluster, String file, String text) {
        Path path = cluster.lab().file(file);
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cluster.must(
                "apply", "-f", path.toString(), "--reason", "end-to-end suite", "--no-progress", "--timeout", "60s");
    }
}
