package io.quorate.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Configuration of a server. Who the other voters are is not in it: that is in the data directory and in Raft.
 *
 * @param node the node's name in the cluster
 * @param data its directory, formatted by init, join or restore
 * @param listen address of the API, Raft and node ports; what others dial is in the data directory
 * @param apiPort people and programs; 0 in tests
 * @param raftPort between voters
 * @param nodePort agents, and forwarding between servers
 * @param httpListen address of the HTTP port; beyond loopback it serves health checks only
 * @param httpPort health, status
 * @param pki directory of this host's certificates; empty is allowed on loopback only
 * @param electionTimeoutMin a follower that hears nothing for a random time between this and the maximum stands
 */
public record ServerConfig(
        String node,
        Path data,
        String listen,
        int apiPort,
        int raftPort,
        int nodePort,
        String httpListen,
        int httpPort,
        Optional<Path> pki,
        Duration electionTimeoutMin,
        Duration electionTimeoutMax) {
    public static final Path DEFAULT_FILE = Path.of("/etc/quorate/server.yaml");
    public static final Path DEFAULT_DATA = Path.of("/var/lib/quorate/server");
    public static final Path DEFAULT_PKI = Path.of("/etc/quorate/pki");
    public static final int DEFAULT_API_PORT = 7400;
    public static final String LOOPBACK = "127.0.0.1";
    public static final Duration DEFAULT_ELECTION_MIN = Duration.ofMillis(500);
    public static final Duration DEFAULT_ELECTION_MAX = Duration.ofSeconds(1);

    private static final int MAX_PORT = 65_535;

    public ServerConfig {
        if (!node.matches("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")) {
            throw new ConfigException("node: '" + node + "' is not a node name (lower case letters, digits, - and .)");
        }
        checkPort("apiPort", apiPort);
        checkPort("raftPort", raftPort);
        checkPort("nodePort", nodePort);
        checkPort("httpPort", httpPort);
        if (electionTimeoutMin.toMillis() < 50
                || electionTimeoutMax.toMillis() * 2 < electionTimeoutMin.toMillis() * 3) {
            throw new ConfigException(
                    "electionTimeoutMin: at least 50ms, and electionTimeoutMax at least 1.5 times it");
        }
    }

    private static void checkPort(String key, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new ConfigException(key + ": " + port + " is not a port");
        }
    }

    /** Ports follow the API's: HTTP is the next one, then Raft, then the node plane. */
    public static int httpPortOf(int apiPort) {
        return apiPort + 1;
    }

    public static int raftPortOf(int apiPort) {
        return apiPort + 2;
    }

    public static int nodePortOf(int apiPort) {
        return apiPort + 3;
    }

    /** As a file that {@link ServerConfigFile} reads back. */
    public String toYaml() {
        StringBuilder yaml = new StringBuilder()
                .append("node: ")
                .append(node)
                .append('\n')
                .append("data: ")
                .append(quoted(data))
                .append('\n')
                .append("listen: \"")
                .append(listen)
                .append("\"\n")
                .append("apiPort: ")
                .append(apiPort)
                .append('\n')
                .append("raftPort: ")
                .append(raftPort)
                .append('\n')
                .append("nodePort: ")
                .append(nodePort)
                .append('\n')
                .append("httpListen: \"")
                .append(httpListen)
                .append("\"\n")
                .append("httpPort: ")
                .append(httpPort)
                .append('\n');
        pki.ifPresent(path -> yaml.append("pki: ").append(quoted(path)).append('\n'));
        yaml.append("electionTimeoutMin: ")
                .append(electionTimeoutMin.toMillis())
                .append("ms\n");
        yaml.append("electionTimeoutMax: ")
                .append(electionTimeoutMax.toMillis())
                .append("ms\n");
        return yaml.toString();
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
