package io.quorate.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Configuration of an agent.
 *
 * @param node the node's name in the cluster
 * @param data its directory, for this agent alone
 * @param servers node-plane endpoints "host:port" of the voters
 * @param addresses where this node can be reached, told to the cluster for signs of life
 * @param machineId instead of the firmware's UUID: for nodes that share a machine (dev, tests)
 * @param bootId instead of the kernel's, with machineId only
 * @param ocfRoot /usr/lib/ocf; resource agents are below its resource.d
 * @param fenceAgents /usr/sbin: where fence agents are
 * @param cgroups false keeps to process markers even where cgroups are writable
 * @param path directories before the fixed PATH of what this agent starts
 * @param environment variables that everything gets that this agent starts
 * @param pki directory of this node's certificates; empty is allowed only while every server is on loopback
 */
public record AgentConfig(
        String node,
        Path data,
        List<String> servers,
        List<String> addresses,
        Optional<String> machineId,
        Optional<String> bootId,
        Path ocfRoot,
        Path fenceAgents,
        boolean cgroups,
        Optional<Path> pki,
        List<Path> path,
        Map<String, String> environment) {
    public static final Path DEFAULT_DATA = Path.of("/var/lib/quorate/agent");
    public static final Path DEFAULT_OCF_ROOT = Path.of("/usr/lib/ocf");
    public static final Path DEFAULT_FENCE_AGENTS = Path.of("/usr/sbin");

    public AgentConfig {
        servers = List.copyOf(servers);
        addresses = List.copyOf(addresses);
        path = List.copyOf(path);
        environment = Map.copyOf(environment);
        if (!node.matches("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")) {
            throw new ConfigException(
                    "node: '" + node + "' is not a node name (lower case letters, digits, '-' and '.')");
        }
        if (servers.isEmpty()) {
            throw new ConfigException("servers: at least one \"host:port\" of a server's node plane (7403) is needed");
        }
        servers.forEach(AgentConfig::checkEndpoint);
        if (bootId.isPresent() && machineId.isEmpty()) {
            throw new ConfigException("machine.bootId: only together with machine.id");
        }
    }

    private static void checkEndpoint(String endpoint) {
        if (!endpoint.matches("^.+:[0-9]{1,5}$")) {
            throw new ConfigException("servers: '" + endpoint + "' is not \"host:port\"");
        }
    }
}
